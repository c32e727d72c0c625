"""Comb filters: a sound and its echo."""

from __future__ import annotations

import math
from typing import Any, Self

import torch
from torch import Tensor

from fxlab.engine import feedback_comb
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
from fxlab.signal.samples import is_number

FEEDBACK = ("feedback",)


class Comb(StatefulModule, Rational):
    """Add an echo: of the input (feedforward), or of the output, which so repeats (feedback).

    `y[n] = x[n] + gain x[n − delay]`, or `y[n] = x[n] + gain y[n − delay]`. With a gain above 0 the multiples of
    1 / delay are raised, and lowered halfway between; with one below 0 the other way round.

    The delay is taken to the nearest whole sample, so that the echo is exact; it has no slope, and the gradient to
    `delay_ms` is 0.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: A delay of less than half a sample or more than a million, or feedback with a gain that does
            not lie between −1 and 1, whose echoes never end.

    Source:
        M. R. Schroeder, Natural sounding artificial reverberation, 1962.

    >>> import torch
    >>> Comb(delay_ms=0.25, gain=0.5, kind="feedback")(torch.tensor([1.0, 0, 0, 0, 0]), sample_rate=8000)
    tensor([1.0000, 0.0000, 0.5000, 0.0000, 0.2500])
    """

    delay_ms = Param(1.0, low=0.1, high=50.0, unit="ms", scale="log", doc="How late the echo is, to whole samples.")
    gain = Param(0.7, low=-0.99, high=0.99, doc="How loud the echo is; below 0 it is turned over.")
    kind = Choice("feedforward", ("feedforward", "feedback"), doc="Whether the input comes again or the output.")

    @classmethod
    def tuned(cls, frequency: float, gain: float = 0.7, kind: str = "feedforward", **options: Any) -> Self:
        """A comb by its fundamental in Hz, which it has as nearly as whole samples allow.

        Raises:
            ParameterError: A frequency that is not above 0.

        >>> Comb.tuned(500.0).delay_ms
        2.0
        """
        if not is_number(frequency) or not 0 < frequency < math.inf:
            raise ParameterError(f"{cls.__name__}: frequency is {frequency!r} Hz; allowed is a number above 0 Hz.")
        return cls(1000 / frequency, gain, kind, **options)

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where a value is not valid, or not at this sample rate, or not beside another."""
        super().check(sample_rate)
        delay, gain = (self.values()[name].detach() for name in ("delay_ms", "gain"))
        samples = delay.double() * (sample_rate / 1000)
        beyond = (samples < 0.5) | (samples > MAX_TAPS)
        endless = gain.abs() >= 1
        if any_true(beyond):
            bad, one = delay[beyond].flatten()[0].item(), 1000 / sample_rate
            raise ParameterError(
                f"Comb: delay_ms is {bad:g} ms; at {sample_rate:g} Hz allowed is at least half a sample "
                f"({one / 2:.4g} ms) and at most {MAX_TAPS} samples ({MAX_TAPS * one:.4g} ms)."
            )
        if self.kind in FEEDBACK and any_true(endless):
            bad = gain[endless].flatten()[0].item()
            raise ParameterError(
                f"Comb: gain is {bad:g}, and with feedback its echoes would never end; allowed is above -1 and below 1."
            )

    # -- sound --------------------------------------------------------------------------------------------------

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Echo the next block."""
        delay, gain = self._sized(x, sample_rate)
        most = max_count(delay)
        if state is not None and state.shape[-1] != most:
            raise stale_state(self._name(), f"its delay changed from {state.shape[-1]} to {most} samples")
        if self.kind in FEEDBACK:
            single = delay.numel() == 1
            return feedback_comb(x, most if single else delay[..., 0].long(), _each(gain), state)
        past = x.new_zeros(*x.shape[:-1], most) if state is None else state
        row = torch.cat([past, x], -1)
        if delay.numel() == 1 and not is_traced(x):
            late = row[..., : x.shape[-1]]
        else:
            place = most + torch.arange(x.shape[-1], device=x.device) - delay.long()
            lead = broadcast_shapes(row.shape[:-1], place.shape[:-1])
            late = row.expand(*lead, row.shape[-1]).gather(-1, place.expand(*lead, x.shape[-1]))
        return x + gain.to(x.dtype) * late, row[..., x.shape[-1] :]

    def _sized(self, x: Tensor, rate: float) -> tuple[Tensor, Tensor]:
        """Delay in samples and gain, which broadcast against `x`."""
        values = pad_dims(self.values(), x.ndim)
        delay = values["delay_ms"]
        # The delay is in the graph, and its slope 0.
        return self._delay(delay, rate).to(x.device), (values["gain"].double() + 0 * delay).to(x.device)

    @staticmethod
    def _delay(delay_ms: Tensor, rate: float) -> Tensor:
        return torch.round(delay_ms.double().detach() * (rate / 1000)).clamp(min=1)

    # -- answers ------------------------------------------------------------------------------------------------

    def noise_gain(self, sample_rate: float | None = None) -> Tensor:
        """The power of what comes out for white noise of power 1; see `LinearAnalysis.noise_gain`."""
        _, gain = self._numbers(self._checked_rate(sample_rate))
        return 1 / (1 - gain.square()) if self.kind in FEEDBACK else 1 + gain.square()

    def _numbers(self, rate: float) -> tuple[Tensor, Tensor]:
        """Delay in samples and gain, of all examples."""
        with use_values(self, broadcast_together(self.values())):
            gain = self.gain + 0 * self.delay_ms
            return self._delay(self.delay_ms, rate).expand(gain.shape), gain

    def _polynomials(self, rate: float) -> tuple[Tensor, Tensor]:
        delay, gain = (value[..., None] for value in self._numbers(rate))
        index = torch.arange(max_count(delay) + 1, device=gain.device)
        one = torch.ones_like(gain)
        if self.kind in FEEDBACK:
            return one, torch.where(index == 0, one, torch.where(index == delay, -gain, 0.0))
        return torch.where(index == 0, one, torch.where(index == delay, gain, 0.0)), one

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        delay, gain = (value[..., None] for value in self._numbers(rate))
        angle = 2 * math.pi * torch.remainder(delay * frequencies / rate, 1.0)
        late = gain * torch.complex(torch.cos(angle), -torch.sin(angle))
        return 1 / (1 - late) if self.kind in FEEDBACK else 1 + late

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        delay, gain = self._numbers(rate)
        feedback = self.kind in FEEDBACK
        roots = comb_roots(gain if feedback else -gain, delay, max_count(delay))
        origin = torch.zeros_like(roots).masked_fill(roots.detach().isnan(), torch.nan)
        return (origin, roots) if feedback else (roots, origin)

    def _poles(self, rate: float) -> Tensor:
        return self._roots(rate)[1]

    def _sos(self, rate: float) -> Tensor:
        delay, gain = self._numbers(rate)
        feedback, cascades = self.kind in FEEDBACK, []
        for count, power in zip(delay.flatten().tolist(), (gain if feedback else -gain).flatten(), strict=True):
            ring = comb_sections(power, int(count))
            rest = torch.zeros_like(ring)
            rest[:, 0] = 1.0
            cascades.append(torch.cat([rest, ring] if feedback else [ring, rest], -1))
        return stack_cascades(cascades, tuple(delay.shape))

    def _decay_length(self, rate: float) -> int:
        return min(self._memory(rate, 1e-4) + 1, max(round(4 * rate), 2))

    def _memory(self, rate: float, tolerance: float) -> int:
        delay, gain = self._numbers(rate)
        most, loudest = max_count(delay), float(gain.detach().abs().max())
        if self.kind not in FEEDBACK:
            return most
        return most * (math.ceil(math.log(tolerance) / math.log(loudest)) if loudest > 0 else 1)


def _each(gain: Tensor) -> Tensor:
    """A number for each row, as the engine takes it."""
    return gain[..., 0] if gain.ndim else gain
