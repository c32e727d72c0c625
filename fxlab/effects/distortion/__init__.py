"""Distortion: curves that bend a waveform, and the rounding of samples and of time."""
