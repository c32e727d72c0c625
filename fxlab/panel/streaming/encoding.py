"""A piece of sound as it travels: int16 with a scale of its own."""

from __future__ import annotations

import torch
from torch import Tensor


def scale_of(x: Tensor) -> float:
    """What one step of the int16 stands for: the range is used in full, whatever the level of the sound."""
    low, high = torch.aminmax(x)
    peak = torch.maximum(-low, high).item()
    return float(max(peak, 1e-9) / 32767)


def encode(x: Tensor, scale: float) -> bytes:
    """`x` `(channels, time)` as int16 steps of `scale`, planar."""
    return (x.float() * (1 / scale)).round_().to(torch.int16).cpu().contiguous().numpy().tobytes()
