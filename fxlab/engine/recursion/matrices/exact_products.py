"""Rounding errors of products, for differences that nearly cancel.

Source:
    T. J. Dekker, "A floating-point technique for extending the available precision", Numerische Mathematik 18 (1971).
"""

from __future__ import annotations

import math

from torch import Tensor

from fxlab.engine.recursion.matrices.array_library import Array, array_namespace

SPLITTER = 134217729.0  # 2^27 + 1 (Veltkamp): splits a float64 into halves whose products are exact


def difference_of_products(c: Array, a: Array, b: Array) -> Array:
    """Return `c - a b`, accurate even if `c` and `a b` nearly cancel; differentiable."""
    product = a * b
    if isinstance(a, Tensor):
        error = product_rounding_error(a.detach(), b.detach())
    else:
        error = product_rounding_error(a, b)
    return (c - product) - error


def product_rounding_error(a: Array, b: Array) -> Array:
    """Return the rounding error of `a * b`, exact minus rounded (Dekker's product); 0 where the error is not finite."""
    product = a * b
    a_high, b_high = a * SPLITTER, b * SPLITTER
    a_high, b_high = a_high - (a_high - a), b_high - (b_high - b)
    a_low, b_low = a - a_high, b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    xp = array_namespace(a)
    return xp.where(xp.isfinite(error), error, 0.0)  # the splitting overflows above 1e300


def scalar_difference_of_products(c: float, a: float, b: float) -> float:
    """Return `difference_of_products` for Python floats."""
    product = a * b
    a_high, b_high = a * SPLITTER, b * SPLITTER
    a_high, b_high = a_high - (a_high - a), b_high - (b_high - b)
    a_low, b_low = a - a_high, b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return (c - product) - (error if math.isfinite(error) else 0.0)
