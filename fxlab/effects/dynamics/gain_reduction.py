"""`GainReduction`: the base class of effects whose gain reduction can be computed."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor

from fxlab.effects.dynamics.gain_autograd import GainInDecibels, multiply_by_gain
from fxlab.engine.torch_support.time_tiles import in_time_tiles
from fxlab.engine.torch_support.tracing import is_plain_tensor, needs_derivative
from fxlab.module import StatefulModule
from fxlab.module.checked_values import checked_values
from fxlab.module.checks import check_audio, rate_of_signal
from fxlab.module.parameters.active_values import use_values
from fxlab.signal import Signal


class GainReduction(StatefulModule):
    """An effect with a gain that depends on the sound; `gain_reduction_db` returns by how much it lowers the level."""

    def gain_reduction_db(self, x: Tensor | Signal, sample_rate: float | None = None) -> Tensor:
        """Return the gain reduction of every sample in dB.

        It is positive where the level is reduced, and does not include a makeup gain. In a call, the level of the
        input, or of the part of it that the effect changes, is reduced by this amount.

        Shape:
            x: a Signal, or a tensor `(time,)` or `(..., channels, time)`. The result broadcasts against it, with one
            channel if all channels share a gain; that of a `MultibandCompressor` is `(..., channels, bands, time)`.

        Raises:
            ParameterError: A value is invalid.
            SignalError: The input is not valid audio, or there is no sample rate.
        """
        if isinstance(x, Signal):
            return self.gain_reduction_db(x.samples, rate_of_signal(x, sample_rate, self._name()))
        rate = self._resolve_rate(sample_rate)
        check_audio(x, self._name())
        with use_values(self, checked_values(self, x, rate)):
            return self._whole_reduction(x, rate)

    @abstractmethod
    def _whole_reduction(self, x: Tensor, rate: float) -> Tensor:
        """Return the gain reduction in dB for the complete input `x`."""


def apply_gain_db(x: Tensor, reduction: Tensor, makeup: Tensor | float = 0.0) -> Tensor:
    """Return `x` with its level reduced by `reduction` dB, and raised by `makeup` dB, in the dtype of `x`."""
    values = x, reduction, torch.as_tensor(makeup, device=x.device)
    if needs_derivative(*values) and all(is_plain_tensor(each) for each in values):
        y: Tensor = GainInDecibels.apply(*values)
        return y
    return in_time_tiles(multiply_by_gain, *values)
