"""Rows of samples filtered with the matrices of a filter: short, medium and long signals, and gradients."""
