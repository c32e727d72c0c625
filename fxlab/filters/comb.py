"""`Comb`: feedforward and feedback comb filters."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from fxlab.engine import feedback_comb
from fxlab.engine.delay.delay_recurrence import delay_recurrence
from fxlab.engine.torch_support.known_values import any_true
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tracing import is_traced
from fxlab.errors import ParameterError
from fxlab.filters.common.comb_roots import comb_roots, comb_sections
from fxlab.filters.common.lengths import MAX_TAPS, max_count
from fxlab.module import Choice, Param, Rational, StatefulModule
from fxlab.module.checks import stale_state
from fxlab.module.lti.cascades import stack_cascades
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together, pad_dims
from fxlab.module.parameters.moving_values import moving_values
from fxlab.signal.samples import is_number

FEEDBACK = ("feedback",)


class Comb(StatefulModule, Rational):
    """A comb filter: it adds a delayed and scaled copy of its input (feedforward) or of its output (feedback).

    The feedforward comb is `y[n] = x[n] + gain x[n − delay]`, the feedback comb `y[n] = x[n] + gain y[n − delay]`. With
    a positive gain, the magnitude response has peaks at the multiples of 1 / delay and dips halfway between them; with
    a negative gain, it has dips at the multiples and peaks between them.

    The delay is rounded to whole samples, so the gradient with respect to `delay_ms` is 0.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: The delay is less than half a sample or more than 2^20 samples, or the kind is feedback and the
            gain is not between −1 and 1, so that the echoes would never decay.

    Source:
        M. R. Schroeder, Natural sounding artificial reverberation, 1962.

    >>> import torch
    >>> Comb(delay_ms=0.25, gain=0.5, kind="feedback")(torch.tensor([1.0, 0, 0, 0, 0]), sample_rate=8000)
    tensor([1.0000, 0.0000, 0.5000, 0.0000, 0.2500])
    """

    delay_ms = Param(
        1.0, low=0.1, high=50.0, unit="ms", scale="log", doc="Delay of the echo, rounded to whole samples."
    )
    gain = Param(0.7, low=-0.99, high=0.99, doc="Gain of the echo; a negative one inverts it.")
    kind = Choice(
        "feedforward", ("feedforward", "feedback"), doc="Whether the input or the output is delayed and added."
    )

    fixed_parameters: ClassVar[dict[str, str]] = {
        "delay_ms": "it is rounded to whole samples, so the sound would jump. Use an effect with a fractional delay."
    }

    @classmethod
    def tuned(cls, frequency: float, gain: float = 0.7, kind: str = "feedforward", **options: Any) -> Self:
        """Return a comb with a delay of `1 / frequency` seconds, where `frequency` is in Hz.

        With a positive `gain`, the magnitude response has peaks at the multiples of `frequency`; with a negative
        `gain`, it has dips there. The filter rounds the delay to whole samples. `options` are the other arguments of
        the constructor.

        Raises:
            ParameterError: The frequency is not a finite number above 0, or another value is invalid.

        >>> Comb.tuned(500.0).delay_ms
        2.0
        """
        if not is_number(frequency) or not 0 < frequency < math.inf:
            raise ParameterError(f"{cls.__name__}: frequency is {frequency!r} Hz; it must be a number above 0 Hz.")
        return cls(1000 / frequency, gain, kind, **options)

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` in the cases that the class lists."""
        super()._check(sample_rate)
        delay, gain = (self.values()[name].detach() for name in ("delay_ms", "gain"))
        samples = delay.double() * (sample_rate / 1000)
        beyond = (samples < 0.5) | (samples > MAX_TAPS)
        endless = gain.abs() >= 1
        if any_true(beyond):
            bad, one = delay[beyond].flatten()[0].item(), 1000 / sample_rate
            raise ParameterError(
                f"Comb: delay_ms is {bad:g} ms; at {sample_rate:g} Hz it must be at least half a sample "
                f"({one / 2:.4g} ms) and at most {MAX_TAPS} samples ({MAX_TAPS * one:.4g} ms)."
            )
        if self.kind in FEEDBACK and any_true(endless):
            bad = gain[endless].flatten()[0].item()
            raise ParameterError(
                f"Comb: gain is {bad:g}, and with feedback its echoes would never decay; it must be above -1 and "
                "below 1."
            )

    # -- processing ---------------------------------------------------------------------------------------------

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the state after it, `(..., n)`.

        The state consists of the last n samples of the input (feedforward) or of the output (feedback), oldest first,
        where n is the longest delay in samples.

        Raises:
            ParameterError: The kind is feedback, the gain moves, and the delay differs between examples or channels.
            SignalError: The length of the delay line has changed since `state` was returned.
        """
        delay, gain = self._delay_and_gain(x, sample_rate)
        length = max_count(delay, "Comb")
        if state is not None and state.shape[-1] != length:
            raise stale_state(self._name(), f"its delay changed from {state.shape[-1]} to {length} samples")
        if self.kind in FEEDBACK:
            single = delay.numel() == 1
            if gain.ndim and gain.shape[-1] > 1:
                return self._feedback_with_moving_gain(x, delay, gain, state)
            return feedback_comb(x, length if single else delay[..., 0].long(), _per_row(gain), state)
        past = x.new_zeros(*x.shape[:-1], length) if state is None else state
        row = torch.cat([past, x], -1)
        if delay.numel() == 1 and not is_traced(x):
            delayed = row[..., : x.shape[-1]]
        else:
            place = length + torch.arange(x.shape[-1], device=x.device) - delay.long()
            lead = broadcast_shapes(row.shape[:-1], place.shape[:-1])
            delayed = row.expand(*lead, row.shape[-1]).gather(-1, place.expand(*lead, x.shape[-1]))
        return x + gain.to(x.dtype) * delayed, row[..., x.shape[-1] :]

    def settled_state(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the steady state for the constant input `x`; see `StatefulModule.settled_state`."""
        delay, gain = self._delay_and_gain(x, sample_rate)
        level = x / (1 - gain) if self.kind in FEEDBACK else x
        return level.expand(*level.shape[:-1], max_count(delay, "Comb"))

    def _feedback_with_moving_gain(
        self, x: Tensor, delay: Tensor, gain: Tensor, state: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Return the output of the feedback comb with a gain for every sample, `(..., time)`, and the state after it.

        `delay` is in samples. A `state` of None means zeros.

        Raises:
            ParameterError: The delay has more than one value.
        """
        if delay.numel() > 1:
            raise ParameterError("Comb: gain cannot move while delay_ms differs between examples or channels.")
        length = max_count(delay, self._name())
        line = x.new_zeros(*x.shape[:-1], length, dtype=torch.float64) if state is None else state
        return delay_recurrence(x, gain.to(x.dtype).expand(x.shape), line.double(), length)

    def _delay_and_gain(self, x: Tensor, rate: float) -> tuple[Tensor, Tensor]:
        """Return the delay, rounded to samples, and the gain, both broadcastable against `x`."""
        values = pad_dims(self.values(), x.ndim)
        moving = moving_values(self)
        if moving is not None:
            values["gain"] = moving["gain"]
        delay = values["delay_ms"]
        # The delay stays in the autograd graph, with a gradient of 0.
        return self._delay(delay, rate).to(x.device), (values["gain"].double() + 0 * delay).to(x.device)

    @staticmethod
    def _delay(delay_ms: Tensor, rate: float) -> Tensor:
        return torch.round(delay_ms.double().detach() * (rate / 1000)).clamp(min=1)

    # -- analysis -----------------------------------------------------------------------------------------------

    def noise_gain(self, sample_rate: float | None = None) -> Tensor:
        """Return the output power for white noise of power 1; see `LinearAnalysis.noise_gain`."""
        _, gain = self._numbers(self._checked_rate(sample_rate))
        return 1 / (1 - gain.square()) if self.kind in FEEDBACK else 1 + gain.square()

    def _numbers(self, rate: float) -> tuple[Tensor, Tensor]:
        """Return the delays, rounded to samples, and the gains, broadcast to the same batch shape."""
        with use_values(self, broadcast_together(self.values())):
            gain = self.gain + 0 * self.delay_ms
            return self._delay(self.delay_ms, rate).expand(gain.shape), gain

    def _polynomials(self, rate: float) -> tuple[Tensor, Tensor]:
        delay, gain = (value[..., None] for value in self._numbers(rate))
        index = torch.arange(max_count(delay, "Comb") + 1, device=gain.device)
        one = torch.ones_like(gain)
        if self.kind in FEEDBACK:
            return one, torch.where(index == 0, one, torch.where(index == delay, -gain, 0.0))
        return torch.where(index == 0, one, torch.where(index == delay, gain, 0.0)), one

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        delay, gain = (value[..., None] for value in self._numbers(rate))
        angle = 2 * math.pi * torch.remainder(delay * frequencies / rate, 1.0)
        echo = gain * torch.complex(torch.cos(angle), -torch.sin(angle))
        return 1 / (1 - echo) if self.kind in FEEDBACK else 1 + echo

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        delay, gain = self._numbers(rate)
        feedback = self.kind in FEEDBACK
        roots = comb_roots(gain if feedback else -gain, delay, max_count(delay, "Comb"))
        origin = torch.zeros_like(roots).masked_fill(roots.detach().isnan(), torch.nan)
        return (origin, roots) if feedback else (roots, origin)

    def _poles(self, rate: float) -> Tensor:
        return self._roots(rate)[1]

    def _sos(self, rate: float) -> Tensor:
        delay, gain = self._numbers(rate)
        feedback, cascades = self.kind in FEEDBACK, []
        for count, power in zip(delay.flatten().tolist(), (gain if feedback else -gain).flatten(), strict=True):
            factors = comb_sections(power, int(count))
            unit = torch.zeros_like(factors)
            unit[:, 0] = 1.0
            cascades.append(torch.cat([unit, factors] if feedback else [factors, unit], -1))
        return stack_cascades(cascades, tuple(delay.shape))

    def _decay_length(self, rate: float) -> int:
        return min(self._memory(rate, 1e-4) + 1, max(round(4 * rate), 2))

    def _memory(self, rate: float, tolerance: float) -> int:
        delay, gain = self._numbers(rate)
        length, largest = max_count(delay, "Comb"), float(gain.detach().abs().max())
        if self.kind not in FEEDBACK:
            return length
        return length * (math.ceil(math.log(tolerance) / math.log(largest)) if largest > 0 else 1)


def _per_row(gain: Tensor) -> Tensor:
    """Return the gain of each row, without the last dimension, which has size 1; a scalar is unchanged."""
    return gain[..., 0] if gain.ndim else gain
