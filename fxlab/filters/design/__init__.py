"""Filter design from a mask: the filter of lowest order that meets a specification.

`design.design` returns the filter, `mask.Mask` is the specification, and `least_order` computes orders and edges.
"""
