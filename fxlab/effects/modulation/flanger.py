"""`Flanger`: a comb filter whose notches move."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.effects.common.loop_parameters import is_zero
from fxlab.effects.modulation.moving_delay import MovingDelay, delay, join_line, order
from fxlab.effects.modulation.oscillator import advance_phase, spread_phase, swing
from fxlab.effects.modulation.parameters import feedback, mix, rate, share, stereo_phase, waveform
from fxlab.engine.delay.fractional_delay import lagrange_taps, read_delay
from fxlab.engine.delay.moving_comb import moving_comb
from fxlab.engine.torch_support.known_values import any_true
from fxlab.engine.torch_support.tracing import is_recorded
from fxlab.errors import ParameterError
from fxlab.module.checks import not_recordable

OCTAVES = 2.0
"""The octaves by which the delay moves up and down at a depth of 1."""


class Flanger(MovingDelay):
    """A flanger: the sound is mixed with a copy whose short delay moves, so that the notches of this comb filter sweep.

    The delay d moves around `delay_ms` by `depth` times two octaves: at a depth of 1 between a quarter of `delay_ms`
    and four times `delay_ms`. With a `mix` of 0.5, no feedback and d in seconds, the notches are at `(k + 1/2) / d` Hz
    for k = 0, 1, 2, … The delayed sound, multiplied by `feedback`, enters the line again. This adds resonances at the
    multiples of `1 / d`, or halfway between them if `feedback` is negative.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `rate_hz` is not above 0 and below half the sample rate, `depth` or `mix` is not from 0 to 1,
            `feedback` is not between −1 and 1, so that the loop would not decay, `delay_ms` is more than 25 ms, the
            shortest delay is less than a sample, or `order` is not from 1 to 15.
        FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, "Flanger, chorus, slapback, echo"; J. O. Smith, "An
        allpass approach to digital phasing and flanging", ICMC 1984. Interpolation: see `lagrange_taps`.

    >>> flanger = Flanger(delay_ms=0.25, depth=0.0, feedback=0.5, mix=0.5)
    >>> flanger(torch.tensor([[1.0, 0.0, 0.0, 0.0, 0.0]]), sample_rate=8000)
    tensor([[0.5000, 0.0000, 0.5000, 0.0000, 0.2500]])
    """

    rate_hz = rate(0.3, high=10.0)
    depth = share(0.6, "Range of the movement: 1 is two octaves up and down.")
    mix = mix()
    delay_ms = delay(2.0, 0.5, 20.0, 25.0, "Center of the movement of the delay.")
    feedback = feedback()
    shape = waveform()
    order = order()
    stereo_phase = stereo_phase()

    def run_line(
        self, x: Tensor, phase: Tensor | None, line: Tensor, sample_rate: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the output for the next block, the phase, and the samples for the line; see `MovingDelay.run_line`.

        Raises:
            ParameterError: A delay is less than a sample.
            FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.
        """
        phase, after = advance_phase(self.rate_hz, x, phase, sample_rate)
        delay = self.modulation(spread_phase(phase, self.stereo_phase, x), sample_rate) * (sample_rate / 1000)
        self._check_shortest(delay, sample_rate)
        taps = lagrange_taps(delay, self.order, line.dtype)
        sound, history = x.to(line.dtype), line.shape[-1]
        if is_zero(self.feedback):
            known = join_line(line, sound)
            wet, written = read_delay(known, history, x.shape[-1], taps), sound
        else:
            wet, written = moving_comb(sound, line, taps, self.feedback.to(line.dtype))
            wet = wet + 0 * self.feedback  # a short sound stays in the autograd graph of the feedback
        y = (1 - self.mix) * x + self.mix * wet
        return y, after, written

    def modulation(self, phase: Tensor, sample_rate: float) -> Tensor:
        """Return the delay in ms at `phase` in cycles."""
        delay: Tensor = self.delay_ms.double() * torch.exp2(OCTAVES * self.depth * swing(self.shape, phase))
        return delay

    def _check_shortest(self, delay: Tensor, sample_rate: float) -> None:
        """Raise a `ParameterError` if a `delay`, in samples, is less than 1.

        While PyTorch records a graph, raise an `FxlabError` for every delay, because its value is not known.
        """
        if is_recorded():
            raise not_recordable(
                self._name(),
                "the blocks of its feedback loop depend on its delay",
                "Record fx.Chorus instead, which has no feedback.",
            )
        short = delay.detach() < 1 - 1e-9
        if any_true(short):
            bad = float(delay.detach()[short].min()) if delay.ndim else float(delay)
            raise ParameterError(
                f"{self._name()}: its delay becomes as short as {bad:.3g} samples ({1000 * bad / sample_rate:.3g} ms); "
                f"at {sample_rate:g} Hz it must be at least 1 sample ({1000 / sample_rate:.3g} ms). Raise delay_ms, or "
                "lower depth."
            )
