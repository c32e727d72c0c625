"""Encoding of audio chunks as int16 with a scale factor for each chunk."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.signal.samples import peak


def int16_scale(x: Tensor) -> float:
    """Return the size of one int16 step with which the peak of `x`, or 1e-9 if the peak is lower, maps to 32767."""
    return max(peak(x), 1e-9) / 32767


def encode_int16(x: Tensor, scale: float) -> bytes:
    """Return the bytes of the samples `x`, `(channels, time)`, as int16 in units of `scale`, channel after channel."""
    return (x.float() * (1 / scale)).round_().to(torch.int16).cpu().contiguous().numpy().tobytes()
