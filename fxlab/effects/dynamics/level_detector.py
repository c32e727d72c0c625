"""The level of a signal in dB, as dynamics processors measure it."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine import one_pole, smoothing_pole
from fxlab.engine.torch_support.known_values import any_true
from fxlab.engine.torch_support.precision import widest_dtype

SILENCE_DB = -120.0
"""The lowest level that a detector returns; below it the input counts as silence."""
LARGEST_SINGLE = 1e18
"""The largest magnitude whose square is computed in float32, which overflows at 3e38."""


def level_of_magnitude(magnitude: Tensor) -> Tensor:
    """Return the level, in dB relative to full scale, of a magnitude of 0 or more; it is at least −120 dB.

    >>> level_of_magnitude(torch.tensor([1.0, 0.1, 0.0]))
    tensor([   0.,  -20., -120.])
    """
    floor = 10 ** (SILENCE_DB / 20)
    return 20 * torch.log10(magnitude.clamp(min=floor))


def level_of_power(power: Tensor) -> Tensor:
    """Return the level of a mean square in dB relative to full scale, at least −120 dB.

    >>> level_of_power(torch.tensor([1.0, 0.1, 0.0]))
    tensor([   0.,  -10., -120.])
    """
    floor = 10 ** (SILENCE_DB / 10)
    return 10 * torch.log10(power.clamp(min=floor))


def mean_square(x: Tensor, time_ms: Tensor, sample_rate: float, state: Tensor | None) -> tuple[Tensor, Tensor]:
    """Return the square of `x`, smoothed by a one-pole low-pass with the time constant `time_ms`, and the state.

    Shape:
        x: `(..., time)`; time_ms: broadcasts against the leading dimensions of `x`; state: `(..., 1)`, the mean square
        before the block, or None at the first block. Returns the mean square `(..., time)`, in the widest dtype of the
        device if it may be too large for float32, and the state `(..., 1)`.
    """
    if x.dtype != torch.float64 and x.numel():
        is_large = any_true(x.detach().abs().amax() > LARGEST_SINGLE)
        if is_large or (state is not None and any_true(state.detach() > LARGEST_SINGLE**2)):
            x = x.to(widest_dtype(x))
    return one_pole(x.square(), smoothing_pole(time_ms, sample_rate), state)
