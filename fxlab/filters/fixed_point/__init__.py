"""Filters with rounded coefficients and fixed-point arithmetic."""
