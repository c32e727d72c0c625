"""The format in which a fixed-point processor keeps its values."""

from __future__ import annotations

from typing import NamedTuple

OVERFLOWS = ("saturate", "wrap")
ROUNDINGS = ("nearest", "truncate", "toward_zero")
PRODUCTS = ("exact", "rounded")


class WordFormat(NamedTuple):
    """A two's-complement word: its bits, and how values are rounded to it.

    `bits` include the sign. `overflow` is what happens to a value outside the range. `rounding` is what happens to the
    bits below the last: `nearest` rounds halves away from zero, `truncate` is the floor, as it results from dropping
    bits in two's complement, and `toward_zero` truncates the magnitude. With `products="rounded"` each product is
    rounded before it is added.
    """

    bits: int
    overflow: str = "saturate"
    rounding: str = "nearest"
    products: str = "exact"

    @property
    def max_value(self) -> int:
        """The largest value."""
        return (1 << self.bits - 1) - 1

    @property
    def min_value(self) -> int:
        """The smallest value."""
        return -(1 << self.bits - 1)
