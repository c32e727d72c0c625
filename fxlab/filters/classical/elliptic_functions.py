"""Jacobi's elliptic functions by Landen's transformation, differentiable, for elliptic filters.

Arguments are in units of the quarter period: `cde(u, k)` is `cd(u K(k), k)`. A modulus is passed together with its
complement `sqrt(1 - k^2)`: one of them may be so close to 1 that the other cannot be computed from it accurately.

Source:
    S. J. Orfanidis, Lecture Notes on Elliptic Filter Design, 2006.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

STEPS = 8  # Landen's moduli converge quadratically: 8 steps reach 0 even from 1 - 1e-18

Modulus = tuple[Tensor, Tensor]  # k and its complement sqrt(1 - k^2)


def landen(modulus: Modulus) -> list[Tensor]:
    """Return the moduli after 1 to `STEPS` descending Landen transformations of `modulus`."""
    k, complement = modulus
    found = []
    for _ in range(STEPS):
        k, complement = (k / (1 + complement)) ** 2, 2 * torch.sqrt(complement) / (1 + complement)
        found.append(k)
    return found


def sne(u: Tensor, modulus: Modulus) -> Tensor:
    """Return `sn(u K, k)` for a real or complex `u`."""
    return _ascend(torch.sin(u * (math.pi / 2)), landen(modulus))


def cde(u: Tensor, modulus: Modulus) -> Tensor:
    """Return `cd(u K, k)` for a real or complex `u`."""
    return _ascend(torch.cos(u * (math.pi / 2)), landen(modulus))


def _ascend(w: Tensor, moduli: list[Tensor]) -> Tensor:
    for k in reversed(moduli):
        w = (1 + k) * w / (1 + k * w * w)
    return w


def inverse_sn_imaginary(y: Tensor, modulus: Modulus) -> Tensor:
    """Return the real v for which `sn(j v K, k) = j y`, for a real `y`."""
    previous = modulus[0]
    for k in landen(modulus):
        y = 2 * y / ((1 + k) * (1 + torch.sqrt(1 + (previous * y) ** 2)))
        previous = k
    return torch.asinh(y) * (2 / math.pi)


def solve_degree_equation(order: int, discrimination: Modulus) -> Modulus:
    """Return the selectivity modulus k of an elliptic filter of order `order`, with its complement.

    `discrimination` is the modulus k1 given by the ratio of the filter's ripples. The selectivity is computed from a
    product formula for its complement, `k' = k1'^N prod sn((2 i - 1) K1' / N, k1')^4` for i from 1 to N // 2, where N
    is the order, a prime denotes a complement, and K1' is the quarter period for the modulus k1'.
    """
    k1, complement = discrimination
    u = torch.arange(1, order, 2, dtype=torch.float64, device=k1.device) / order
    other = complement**order * sne(u, (complement[..., None], k1[..., None])).prod(-1) ** 4
    k = torch.sqrt((1 - other) * (1 + other))
    # A small k loses digits when it is computed from its complement. k1 = k^N prod sn((2 i - 1) K / N, k)^4 restores
    # them, since the product hardly depends on k if k is small.
    product = sne(u, (k[..., None], other[..., None])).prod(-1) ** 4
    return torch.where(k < 0.1, (k1 / product) ** (1 / order), k), other
