"""The format in which a fixed-point processor stores its values."""

from __future__ import annotations

from typing import NamedTuple

OVERFLOWS = ("saturate", "wrap")
ROUNDINGS = ("nearest", "truncate", "toward_zero")
PRODUCTS = ("exact", "rounded")


class WordFormat(NamedTuple):
    """The format of a two's-complement word: its number of bits, its overflow and its rounding.

    `bits` includes the sign bit. `overflow` is the treatment of values outside the range, `"saturate"` or `"wrap"`.
    `rounding` is `"nearest"` (halves away from zero), `"truncate"` (down, as when bits are dropped in two's complement)
    or `"toward_zero"` (the magnitude is truncated). With `products="rounded"` each product is rounded before the sum,
    and with `"exact"` only the sum is rounded.
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
