"""The gain that gives a noise a signal-to-noise ratio."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.augment.drawing.range import Range
from fxlab.engine.torch_support.tracing import needs_derivative

BLOCK = 1024
"""The number of samples of the blocks whose norms are computed first."""


def snr_range(low: float, high: float) -> Range:
    """Declare a range of signal-to-noise ratios, whose default is from `low` to `high` in dB."""
    return Range((low, high), low=-20.0, high=60.0, unit="dB", doc="Power of the sound over that of the noise.")


def root_mean_square(x: Tensor) -> Tensor:
    """Return the root mean square of `x` `(rows, channels, time)` over channels and time, `(rows, 1, 1)`.

    The gradient is 0 for silence.
    """
    if not needs_derivative(x) and x.numel():
        return _norm(x) / math.sqrt(x.shape[-2] * x.shape[-1])
    power = x.square().mean((-2, -1), keepdim=True)
    is_silent = power == 0
    return torch.where(is_silent, 0.0, torch.where(is_silent, 1.0, power).sqrt())


def noise_gain(x: Tensor, noise_rms: Tensor | float, snr_db: Tensor) -> Tensor:
    """Return the gain, `(rows, 1, 1)` in the dtype of `x`, at which a noise has the signal-to-noise ratio `snr_db`.

    `x` is the sound `(rows, channels, time)`, and `noise_rms` the root mean square of the noise before the gain.
    """
    return (root_mean_square(x) * (10 ** (-snr_db / 20)).to(x.dtype)) / noise_rms


def _norm(x: Tensor) -> Tensor:
    """Return the Euclidean norm over channels and time, `(rows, 1, 1)`.

    Blocks of samples are summed first, which reduces the rounding error of long sounds.
    """
    blocks = x.shape[-1] // BLOCK
    parts = torch.linalg.vector_norm(x[..., : blocks * BLOCK].reshape(*x.shape[:-1], blocks, BLOCK), dim=-1)
    rest = torch.linalg.vector_norm(x[..., blocks * BLOCK :], dim=-1, keepdim=True)
    norm: Tensor = torch.linalg.vector_norm(torch.cat([parts, rest], -1), dim=(-2, -1), keepdim=True)
    return norm
