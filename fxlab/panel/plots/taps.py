"""The finite impulse response that a panel draws."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.module import Chain, Finite, Module
from fxlab.signal.min_max import min_max_blocks

MAX_POINTS = 2048


def finite_part(module: Module) -> Finite | None:
    """Return the module whose taps are drawn: `module` or its first active stage that has taps; None if none has."""
    parts = [module, *(part for _, part in module._active_stages())] if isinstance(module, Chain) else [module]
    return next((part for part in parts if isinstance(part, Finite)), None)


def decimate_taps(taps: Tensor, max_points: int = MAX_POINTS) -> Tensor:
    """Return `taps`, `(taps,)`, or of more than `max_points` taps, the minimum and maximum of each block in turn."""
    block = -(-2 * len(taps) // max_points)
    if block < 3:
        return taps
    low, high = min_max_blocks(taps, block)
    return torch.stack([low, high], -1).flatten()
