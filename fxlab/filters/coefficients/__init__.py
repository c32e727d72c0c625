"""Filters given by their coefficients: taps, sections, polynomials, or zeros and poles."""
