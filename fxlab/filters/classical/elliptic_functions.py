"""Jacobi's elliptic functions by Landen's transformation, with exact gradients: what elliptic filters are made of.

Arguments are counted in quarter periods: `cde(u, k)` is `cd(u K(k), k)`. A modulus comes with its complement
`sqrt(1 - k^2)`, since of the two one is so near to 1 that nothing is left of the other.

Source:
    S. J. Orfanidis, Lecture Notes on Elliptic Filter Design, 2006.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

STEPS = 8  # Landen's moduli fall as squares: from 1 - 1e-18 to nothing

Modulus = tuple[Tensor, Tensor]  # k and its complement


def landen(modulus: Modulus) -> list[Tensor]:
    """The descending moduli below `modulus`."""
    k, complement = modulus
    found = []
    for _ in range(STEPS):
        k, complement = (k / (1 + complement)) ** 2, 2 * torch.sqrt(complement) / (1 + complement)
        found.append(k)
    return found


def sne(u: Tensor, modulus: Modulus) -> Tensor:
    """`sn(u K, k)`, of a real or complex `u`."""
    return _ascend(torch.sin(u * (math.pi / 2)), landen(modulus))


def cde(u: Tensor, modulus: Modulus) -> Tensor:
    """`cd(u K, k)`, of a real or complex `u`."""
    return _ascend(torch.cos(u * (math.pi / 2)), landen(modulus))


def _ascend(w: Tensor, moduli: list[Tensor]) -> Tensor:
    for k in reversed(moduli):
        w = (1 + k) * w / (1 + k * w * w)
    return w


def rise(y: Tensor, modulus: Modulus) -> Tensor:
    """How far up the imaginary axis `sn` is `j y`: the `v` for which `sn(j v K, k) = j y`."""
    above = modulus[0]
    for k in landen(modulus):
        y = 2 * y / ((1 + k) * (1 + torch.sqrt(1 + (above * y) ** 2)))
        above = k
    return torch.asinh(y) * (2 / math.pi)


def degree(order: int, discrimination: Modulus) -> Modulus:
    """The selectivity that an elliptic filter of so many poles reaches, from the ratio of its ripples.

    From the product for its complement, `k' = k1'^N prod sn((2 i - 1) K1' / N, k1')^4`.
    """
    k1, complement = discrimination
    u = torch.arange(1, order, 2, dtype=torch.float64, device=k1.device) / order
    other = complement**order * sne(u, (complement[..., None], k1[..., None])).prod(-1) ** 4
    k = torch.sqrt((1 - other) * (1 + other))
    # A small k has lost its digits to the 1 beside it; k1 = k^N prod sn((2 i - 1) K / N, k)^4 gives them back, since
    # there its right side hardly depends on k.
    product = sne(u, (k[..., None], other[..., None])).prod(-1) ** 4
    return torch.where(k < 0.1, (k1 / product) ** (1 / order), k), other
