"""The format in which a fixed-point processor stores its values."""

from __future__ import annotations

from typing import NamedTuple

OVERFLOWS = ("saturate", "wrap")
ROUNDINGS = ("nearest", "truncate", "toward_zero")
PRODUCTS = ("exact", "rounded")


class WordFormat(NamedTuple):
    """A two's-complement word: its number of bits, and how values are rounded to it.

    `bits` includes the sign bit. `overflow` is the treatment of values outside the range, and `rounding` that of bits
    below the last one: `nearest` rounds halves away from zero, `truncate` rounds down (as when bits are dropped in
    two's complement), and `toward_zero` truncates the magnitude. With `products="rounded"` each product is
    rounded before it is added.
    """

    bits: int
    overflow: str = "saturate"
    rounding: str = "nearest"
    products: str = "exact"

    @property
    def max_value(self) -> int:
        """The largest value that a word can store."""
        return (1 << self.bits - 1) - 1

    @property
    def min_value(self) -> int:
        """The smallest value that a word can store."""
        return -(1 << self.bits - 1)
