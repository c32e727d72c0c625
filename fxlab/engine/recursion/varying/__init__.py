"""Recursive filters whose coefficients change with time, or that saturate."""
