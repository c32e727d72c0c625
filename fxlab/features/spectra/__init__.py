"""Spectrograms: linear, mel and constant-Q, the pitch classes of a chromagram, and the ways back to sound."""
