"""The true peak of a signal: the peak of the continuous wave between its samples, as in ITU-R BS.1770."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine import convolve

PHASES = (
    (14, 90, -161, 272, -487, 1125, 7964, -838, 390, -218, 122, -68),
    (-239, 240, -424, 730, -1364, 3810, 6388, -1641, 832, -477, 271, -155),
)
"""The taps of the first two phases of the interpolator of BS.1770-4, times 2^13; those of the others are mirrored."""
SPREAD = len(PHASES[0]) - 1
"""The number of earlier samples on which an interpolated value depends."""


def true_peak(x: Tensor, history: Tensor) -> Tensor:
    """Return the true peak at every sample: the largest magnitude of the sample and of four interpolated values.

    Each value is interpolated from the sample and the 11 samples before it.

    Shape:
        x and the result: `(..., time)`; history: `(..., 11)`, the samples before `x`.

    Source:
        ITU-R BS.1770-4, annex 2: interpolation by 4 with 12 taps per phase.

    >>> tone = torch.sin(torch.pi * (torch.arange(200) + 0.5) / 2)  # at a quarter of the sample rate
    >>> float(tone.abs().max()), float(true_peak(tone, torch.zeros(11))[20:].max())  # doctest: +ELLIPSIS
    (0.7071..., 1.00...)
    """
    dtype = torch.float64 if x.dtype == torch.float64 else torch.float32
    taps = torch.tensor(PHASES, dtype=dtype, device=x.device) / 2**13
    both = torch.cat([taps, taps.flip(-1)])
    row = torch.cat([history, x], -1)
    interpolated = convolve(row.unsqueeze(-2), both)[..., SPREAD:]
    return torch.maximum(interpolated.abs().amax(-2), x.abs())
