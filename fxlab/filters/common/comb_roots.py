"""Roots and second-order sections of the comb polynomial `1 − power z^-count`, whose roots lie evenly on a circle."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def comb_roots(power: Tensor, count: Tensor, length: int) -> Tensor:
    """Return the roots of `1 − power z^-count`, `(..., length)`, padded with NaN after the first `count`.

    `power` and `count` have the shape `(...)`; `length` is at least the largest count.
    """
    power, count = power[..., None], count[..., None]
    index = torch.arange(length, dtype=torch.float64, device=power.device)
    is_nonzero = power != 0
    radius = torch.where(is_nonzero, torch.where(is_nonzero, power.abs(), 1.0) ** (1 / count), 0.0)
    angle = math.pi * (2 * index + (power < 0)) / count
    roots = torch.complex(radius * torch.cos(angle), radius * torch.sin(angle))
    return roots.masked_fill(index >= count, torch.nan)


def comb_sections(power: Tensor, count: int) -> Tensor:
    """Return the factors of `1 − power z^-count` as polynomials in ascending powers of 1/z, `(sections, 3)`.

    `power` is a scalar. The factors are in bit-reversed order, so that the roots of the first factors are spread over
    the circle.
    """
    is_nonzero = power != 0
    radius = torch.where(is_nonzero, torch.where(is_nonzero, power.abs(), 1.0) ** (1 / count), 0.0)
    is_negative = bool(power.detach() < 0)
    index = torch.arange(count, dtype=torch.float64, device=power.device)
    angle = math.pi * (2 * index + is_negative) / count
    upper_half = angle[(angle > 1e-9) & (angle < math.pi - 1e-9)]
    one = torch.ones_like(upper_half)
    rows = [torch.stack([one, -2 * radius * torch.cos(upper_half), radius.square() * one], -1)]
    unit, zero = torch.ones_like(radius), torch.zeros_like(radius)
    if count % 2:
        rows.append(torch.stack([unit, radius if is_negative else -radius, zero])[None])
    elif not is_negative:
        rows.append(torch.stack([unit, zero, -radius.square()])[None])
    factors = torch.cat(rows)
    # If neighboring roots came first, intermediate results would be large and the remaining factors would have to
    # cancel them.
    bits = len(factors).bit_length()
    order = sorted(range(len(factors)), key=lambda n: int(f"{n:0{bits}b}"[::-1], 2))
    return factors[order]
