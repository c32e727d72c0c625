"""Encoding of audio chunks as int16 with a scale factor for each chunk."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.signal.samples import peak


def int16_scale(x: Tensor) -> float:
    """Return the size of one int16 step, chosen so that the peak of `x` maps to full scale."""
    return max(peak(x), 1e-9) / 32767


def encode_int16(x: Tensor, scale: float) -> bytes:
    """Return the samples `x`, `(channels, time)`, as int16 in units of `scale`, one channel after the other."""
    return (x.float() * (1 / scale)).round_().to(torch.int16).cpu().contiguous().numpy().tobytes()
