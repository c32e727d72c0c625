"""Cepstral coefficients: the discrete cosine transform of the levels in frequency bands."""
