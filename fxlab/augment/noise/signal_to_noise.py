"""The gain of a noise for a signal-to-noise ratio."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.augment.drawing.range import Range
from fxlab.engine.torch_support.tracing import needs_derivative

BLOCK = 1024


def snr_range(low: float, high: float) -> Range:
    """Declare a range of signal-to-noise ratios in dB."""
    return Range((low, high), low=-20.0, high=60.0, unit="dB", doc="Power of the sound over that of the noise.")


def root_mean_square(x: Tensor) -> Tensor:
    """Return the root of the mean square over channels and time of `(rows, channels, time)`, with these dimensions.

    The gradient of silence is 0.
    """
    if not needs_derivative(x) and x.numel():
        return _norm(x) / math.sqrt(x.shape[-2] * x.shape[-1])
    power = x.square().mean((-2, -1), keepdim=True)
    is_silent = power == 0
    return torch.where(is_silent, 0.0, torch.where(is_silent, 1.0, power).sqrt())


def noise_gain(x: Tensor, noise_rms: Tensor | float, snr_db: Tensor) -> Tensor:
    """Return the gain of a noise whose root mean square is `noise_rms`, for the ratio `snr_db`, in the dtype of `x`."""
    return (root_mean_square(x) * (10 ** (-snr_db / 20)).to(x.dtype)) / noise_rms


def _norm(x: Tensor) -> Tensor:
    """Return the norm over channels and time; blocks are summed first, so that few digits are lost in long sounds."""
    blocks = x.shape[-1] // BLOCK
    parts = torch.linalg.vector_norm(x[..., : blocks * BLOCK].reshape(*x.shape[:-1], blocks, BLOCK), dim=-1)
    rest = torch.linalg.vector_norm(x[..., blocks * BLOCK :], dim=-1, keepdim=True)
    norm: Tensor = torch.linalg.vector_norm(torch.cat([parts, rest], -1), dim=(-2, -1), keepdim=True)
    return norm
