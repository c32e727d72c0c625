"""Recursive filters with time-varying coefficients or with saturation."""
