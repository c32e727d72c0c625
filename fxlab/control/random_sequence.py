"""A reproducible sequence of random numbers with random access, the same on every device."""

from __future__ import annotations

from torch import Tensor

MAX_SEQUENCE = 1_000_000_000
"""The largest seed of a parameter: twice as much, which dither takes, is a 32-bit integer, as pages need it."""


def uniform_at(index: Tensor, seed: int) -> Tensor:
    """Return the random numbers at the positions `index` of a sequence, uniformly distributed from 0 to below 1.

    A number depends only on its position and the seed, so that any part of a sound can be computed separately.

    Shape:
        index: any shape, int64. The result has the same shape, in float64.

    Source:
        G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014: SplitMix64.

    >>> import torch
    >>> uniform_at(torch.tensor([0, 1]), seed=0).round(decimals=4)
    tensor([0.8833, 0.4315], dtype=torch.float64)
    """
    golden = -7046029254386353131  # 0x9E3779B97F4A7C15 as a signed integer; products of int64 wrap
    z = (index + 1 + seed * 1_000_003) * golden
    z = (z ^ _shift_right(z, 30)) * -4658895280553007687  # 0xBF58476D1CE4E5B9
    z = (z ^ _shift_right(z, 27)) * -7723592293110705685  # 0x94D049BB133111EB
    z ^= _shift_right(z, 31)
    return _shift_right(z, 11).double() / (1 << 53)


def _shift_right(z: Tensor, bits: int) -> Tensor:
    """Return each 64-bit number shifted to the right, with zeros from the left; `>>` would repeat the sign bit."""
    return (z >> bits) & ((1 << (64 - bits)) - 1)
