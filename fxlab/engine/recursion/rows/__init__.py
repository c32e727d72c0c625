"""Filtering of rows of samples with the matrices of a filter: short, medium and long signals, and gradients."""
