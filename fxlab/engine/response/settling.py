"""How long a cascade remembers, from the partial fractions of its transfer function."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from torch import Tensor

from fxlab.engine.recursion.section_arguments import check_sections
from fxlab.engine.response.frequency_response import pole_radius

Array = np.ndarray[Any, np.dtype[Any]]

LEAST = 64  # samples that are always counted: no filter worth its while is shorter
LONG = 1000  # samples: of less it is not worth while to know better
GONE = 1e-6  # a pole nearer to the origin than this is gone with the next sample


def settling(sos: Tensor, left: float) -> int | None:
    """After how many samples no more than `left` of the peak, in or out, still sounds; None where that is never.

    With distinct poles `p` the impulse response is a sum of `R p^n`, so what comes after n samples is at most the sum
    of `|R| |p|^n / (1 - |p|)`, and each of the K poles may have its share, `left / K`, of it. Where poles lie together
    these shares say nothing, and what counts is how many there are and the radius of the outermost.

    Shape:
        sos: `(..., sections, 6)`; the answer holds for every cascade.

    Raises:
        EngineError: A wrong shape.

    >>> import torch
    >>> settling(torch.tensor([[1.0, 0.0, 0.0, 1.0, -0.99, 0.0]]), 1e-5)  # two poles at 0.99 would take so long
    1548
    """
    check_sections("settling", sos)
    radius = float(pole_radius(sos).max()) if sos.numel() else 0.0
    if not radius < 1:
        return None
    span = _together(2 * sos.shape[-2], left) / -math.log(radius) if radius > GONE else 0.0
    if span > LONG:
        rows = sos.detach().double().cpu().numpy().reshape(-1, sos.shape[-2], 6)
        span = min(span, float(_shared(rows / rows[..., 3:4], left).max()))
    return LEAST + math.ceil(span)


def _together(poles: int, left: float) -> float:
    """The same in time constants where all poles lie in one place: then `t^(K-1) e^-t` is what dies away."""
    times = start = math.log(poles / left) - math.lgamma(poles)
    for _ in range(30):
        times = max(start + (poles - 1) * math.log(max(times, poles)), poles)
    return times


def _shared(rows: Array, left: float) -> Array:
    """After how many samples every pole's part is within its share, for each cascade of `(cascades, sections, 6)`."""
    half, product = -rows[..., 4] / 2, rows[..., 5]
    root = np.sqrt((half * half - product).astype(complex))
    far = half + np.where(half < 0, -root, root)
    near = np.where(abs(far) > GONE, product / np.where(abs(far) > GONE, far, 1), 0)
    poles = np.stack([far, near], -1).reshape(len(rows), -1)
    there = abs(poles) > GONE
    poles = np.where(there, poles, 0.5)  # any number: its part is left out below
    z = (1 / poles)[..., None]
    above = (rows[:, None, :, 0] + z * (rows[:, None, :, 1] + z * rows[:, None, :, 2])).prod(-1)
    apart = 1 - (poles * there)[:, None, :] / poles[:, :, None]
    apart[:, np.arange(poles.shape[-1]), np.arange(poles.shape[-1])] = 1
    size, radius = abs(above), abs(poles)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = left / poles.shape[-1] * (1 - radius) * abs(apart.prod(-1)) / size
        spans = np.where(there & (size > 0), np.log(share) / np.log(radius), 0)
    longest: Array = rows.shape[1] + np.maximum(np.nan_to_num(spans, nan=np.inf), 0).max(-1, initial=0)
    return longest
