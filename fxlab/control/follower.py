"""`Follower`: a value that follows the level of a sound."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from fxlab.control.smoothing_times import attack, release
from fxlab.engine import branching_smoother, smoothing_pole
from fxlab.engine.torch_support.known_values import scalar_value
from fxlab.errors import ParameterError
from fxlab.module.checks import check_side_length, check_side_rate
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.control import Control, hop_count, interpolate, ordered_limits
from fxlab.module.parameters.discrete import Switch
from fxlab.module.parameters.param import Param
from fxlab.signal import Signal

MIN_HISTORY = 4096
"""The smallest number of past envelope samples that a stream keeps: a hop may have begun before the current block."""


class Follower(Control):
    """A value that follows the level of the input, or of another sound: `low` at silence, `high` at full scale.

    The level is the magnitude of the samples, smoothed with `attack_ms` where it rises and with `release_ms` where it
    falls, and amplified by `gain_db`. Levels above full scale give `high`. The control is causal: no value depends on
    later samples. `low` may be above `high`: `Gain(gain_db=Follower(low=0.0, high=-12.0, of=voice))` lowers the input
    by up to 12 dB while a voice sounds.

    Args:
        of: A `Signal` whose level is followed instead of that of the input, with the same sample rate as the input and
            at least as long. None to follow the input.

    Raises:
        ParameterError: A time constant is negative, a value is not valid for the parameter that it moves, or `of` is
            not a `Signal`.
        SignalError: The signal `of` is shorter than the input, or has a different sample rate.

    Source:
        D. Giannoulis, M. Massberg, J. D. Reiss, "Digital dynamic range compressor design", JAES 60(6), 2012: the smooth
        branching peak detector.

    >>> from fxlab.filters import LowPass
    >>> Follower(low=200.0, high=4000.0)
    Follower(low=200.0, high=4000.0)
    >>> wah = LowPass(cutoff=Follower(attack_ms=5.0, low=200.0, high=4000.0), q=4.0)
    """

    value_parameters = ("low", "high")

    attack_ms = attack("Time constant of a rising level (63 %).")
    release_ms = release("Time constant of a falling level (63 %).")
    low = Param(0.0, low=0.0, high=1.0, doc="Value at silence, in the unit of the parameter that it moves.")
    high = Param(1.0, low=0.0, high=1.0, doc="Value at full scale, in the unit of the parameter that it moves.")
    gain_db = Param(0.0, low=-24.0, high=48.0, unit="dB", doc="Gain before the level is measured: the sensitivity.")
    link = Switch(True, doc="Whether the loudest channel sets the value of all channels.")
    hop = hop_count()

    def __init__(self, *args: Any, of: Signal | None = None, sample_rate: float | None = None, **kwargs: Any) -> None:
        super().__init__(*args, sample_rate=sample_rate, **kwargs)
        if of is not None and not isinstance(of, Signal):
            raise ParameterError(f"Follower: of is {type(of).__name__}; it must be a Signal, or None for the input.")
        self.of = of
        self._envelope: tuple[Any, Tensor] | None = None

    @property
    def has_state(self) -> bool:
        """Whether the value depends on the input: true unless `of` is given."""
        return self.of is None

    def first_value(self, scale: str) -> Tensor:
        """Return `low`, the value at silence, `(batch…)`."""
        return self.values()["low"]

    def curve(self, samples: Tensor, sample_rate: float, scale: str) -> Tensor:
        """Return the values at the positions `samples`; see `Control.curve`.

        Raises:
            ParameterError: The control follows the input, which is not known here.
        """
        if self.of is None:
            raise ParameterError(
                f"{type(self).__name__}: it follows the input, so it has no values without one. Call the module that "
                "it belongs to, or give of=signal."
            )
        envelope = self._envelope_of_signal(sample_rate)
        return self._map(envelope[..., samples.long().clamp(0, envelope.shape[-1] - 1)], scale)

    def evaluate_block(  # noqa: PLR0917
        self, x: Tensor, start: int, offsets: Tensor, sample_rate: float, scale: str, state: Any
    ) -> tuple[Tensor, Any]:
        """Return the values at the samples `offsets` of the block `x`, and the state after the block.

        See `MovingValue.evaluate_block`.

        Raises:
            SignalError: The signal `of` has fewer samples than the input has up to the end of the block.
        """
        if self.of is not None:
            check_side_length("Follower", "the signal that it follows", self.of, start + x.shape[-1])
            return self.evaluate(offsets.double() + start, sample_rate, scale), None
        values = {name: _pad_to(value, x.ndim) for name, value in self._values_over_time().items()}
        with use_values(self, values):
            smoothed, past = (None, None) if state is None else state
            envelope, smoothed = self._smooth(x, sample_rate, smoothed)
            earliest = scalar_value(offsets.min()) if offsets.numel() else None
            history = max(MIN_HISTORY, 2 * -int(earliest or 0))
            if past is None:
                past = envelope.new_zeros(*envelope.shape[:-1], history)
            known = torch.cat([past, envelope], -1)
            places = (offsets + past.shape[-1]).clamp(0, known.shape[-1] - 1)
            return self._map(known[..., places], scale), (smoothed, known[..., -max(history, past.shape[-1]) :])

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` for an invalid value, and a `SignalError` if `of` has a different sample rate."""
        super().check(sample_rate)
        if self.of is not None:
            check_side_rate("Follower", "the signal that it follows", self.of, sample_rate)

    def limits(self) -> tuple[Tensor, Tensor]:
        """Return the minimum and the maximum of `low` and `high`, `(batch…)` each."""
        return ordered_limits(self, "low", "high")

    def memory(self, sample_rate: float, tolerance: float) -> int:
        """Return the number of samples after which the effect of an input on the level has decayed to `tolerance`.

        `tolerance` is a fraction of the initial effect. The result is 0 if the control follows the signal `of`.
        """
        if self.of is not None:
            return 0
        values = self.values()
        longest = max(float(values[name].detach().max()) for name in ("attack_ms", "release_ms"))
        return math.ceil(-math.log(tolerance) * longest / 1000 * sample_rate)

    def describe(self) -> dict[str, Any]:
        """Return the description of the control; see `Control.describe`.

        Raises:
            ParameterError: The control follows a `Signal`, which a dictionary of parameters cannot hold.
        """
        if self.of is not None:
            raise ParameterError(
                "Follower: the signal that it follows is not part of a dictionary of parameters. Save the signal as a "
                "file, and set the control again after from_dict."
            )
        return super().describe()

    def _arguments(self) -> list[str]:
        return [*super()._arguments(), *([] if self.of is None else [f"of={self.of!r}"])]

    def _smooth(self, x: Tensor, rate: float, state: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the smoothed magnitude of `x`, `(..., time)`, in float64, and the state of the smoother.

        With `link`, the magnitude is that of the loudest channel, `(..., 1, time)`. `state` is the state of the
        smoother before `x`; None means an envelope of 0.
        """
        level = x.double().abs()
        if self.link and x.ndim > 1:
            level = level.amax(-2, keepdim=True)
        poles = [smoothing_pole(value.squeeze(-1), rate) for value in (self.attack_ms, self.release_ms)]
        return branching_smoother(level, poles[0], poles[1], state)

    def _map(self, envelope: Tensor, scale: str) -> Tensor:
        position = (envelope * 10 ** (self.gain_db / 20)).clamp(0.0, 1.0)
        return interpolate(self.low, self.high, position, scale)

    def _envelope_of_signal(self, rate: float) -> Tensor:
        """Return the envelope of the signal `of`.

        It is cached until the rate, `link` or a time constant changes, unless a time constant requires a gradient.
        """
        assert self.of is not None
        samples = self.of.samples.amax(0) if self.of.channels == 1 else self.of.samples
        times = (self.attack_ms, self.release_ms)
        if any(value.requires_grad for value in times):
            return self._smooth(samples, rate, None)[0]
        key = (rate, self.link, *(tuple(value.flatten().tolist()) for value in times))
        if self._envelope is None or self._envelope[0] != key:
            self._envelope = (key, self._smooth(samples, rate, None)[0])
        return self._envelope[1]


def _pad_to(value: Tensor, ndim: int) -> Tensor:
    """Return `value` with dimensions of size 1 inserted before the last dimension, up to `ndim` dimensions."""
    return (
        value.reshape(value.shape[:-1] + (1,) * (ndim - value.ndim) + value.shape[-1:]) if value.ndim < ndim else value
    )
