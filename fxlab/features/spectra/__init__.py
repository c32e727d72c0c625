"""Spectrograms (linear, mel and constant-Q), chroma, and the computation of sounds from them."""
