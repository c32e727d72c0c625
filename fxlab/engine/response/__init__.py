"""Frequency responses, roots, pairing, noise gain and settling time, computed from coefficients."""
