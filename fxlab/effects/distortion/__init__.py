"""Distortion: nonlinear curves, the quantization of samples, and a reduced sample rate."""
