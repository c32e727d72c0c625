"""The polynomial `1 − power z^-count`, whose roots stand evenly on a ring."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def ring_roots(power: Tensor, count: Tensor, most: int) -> Tensor:
    """The roots, `(..., most)`, NaN behind the last; `power` and `count` are `(...)`."""
    power, count = power[..., None], count[..., None]
    index = torch.arange(most, dtype=torch.float64, device=power.device)
    there = power != 0
    radius = torch.where(there, torch.where(there, power.abs(), 1.0) ** (1 / count), 0.0)
    angle = math.pi * (2 * index + (power < 0)) / count
    roots = torch.complex(radius * torch.cos(angle), radius * torch.sin(angle))
    return roots.masked_fill(index >= count, torch.nan)


def ring_sections(power: Tensor, count: int) -> Tensor:
    """Factors `(sections, 3)` of the second order for a single `power`.

    They are ordered so that those which have been multiplied always stand about evenly on the ring: neighbours first
    would make numbers that the others must cancel.
    """
    there = power != 0
    radius = torch.where(there, torch.where(there, power.abs(), 1.0) ** (1 / count), 0.0)
    turned = bool(power.detach() < 0)
    index = torch.arange(count, dtype=torch.float64, device=power.device)
    angle = math.pi * (2 * index + turned) / count
    above = angle[(angle > 1e-9) & (angle < math.pi - 1e-9)]
    one = torch.ones_like(above)
    rows = [torch.stack([one, -2 * radius * torch.cos(above), radius.square() * one], -1)]
    unit, nil = torch.ones_like(radius), torch.zeros_like(radius)
    if count % 2:
        rows.append(torch.stack([unit, radius if turned else -radius, nil])[None])
    elif not turned:
        rows.append(torch.stack([unit, nil, -radius.square()])[None])
    factors = torch.cat(rows)
    bits = len(factors).bit_length()
    order = sorted(range(len(factors)), key=lambda n: int(f"{n:0{bits}b}"[::-1], 2))
    return factors[order]
