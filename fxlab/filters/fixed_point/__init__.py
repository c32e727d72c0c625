"""Filters with rounded coefficients and fixed-point arithmetic.

`fixed_point.FixedPoint` is the entry point. It runs the flow graph that `structures` builds from the second-order
sections of a filter; `reflection` computes the coefficients of the lattices. `quantized.QuantizedFilter` is the linear
filter with the rounded coefficients.
"""
