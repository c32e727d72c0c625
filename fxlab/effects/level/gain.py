"""`Gain`: a gain in dB."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.filters.common.parameters import decibels
from fxlab.filters.cookbook.biquad import section
from fxlab.module import Recursive
from fxlab.module.parameters.moving_values import MovingValues


class Gain(Recursive):
    """A gain in dB: `y[n] = 10^(gain_db / 20) x[n]`.

    Shape:
        Input and output: `(..., channels, time)`.

    Source:
        ISO 80000-8: the level of a field quantity in decibels.

    >>> Gain(-6.0)(torch.tensor([[1.0, 2.0]]), sample_rate=48_000).round(decimals=3)
    tensor([[0.5010, 1.0020]])
    """

    clicks_at_jumps = False

    gain_db = decibels("Gain; 6 dB is a factor of 2, negative values attenuate.")

    def _filter_moving(
        self, x: Tensor, moving: MovingValues, state: Tensor | None, rate: float
    ) -> tuple[Tensor, Tensor | None]:
        # One value for every sample, since a gain that changes in steps is audible.
        return x * 10 ** (moving["gain_db"] / 20), state

    def design(self, sample_rate: float) -> Tensor:
        """Return one section, `(..., 1, 6)`, without poles and zeros."""
        factor = 10 ** (self.gain_db / 20)
        one, zero = torch.ones_like(factor), torch.zeros_like(factor)
        return section(factor, zero, zero, one, zero, zero)
