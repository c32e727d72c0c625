"""`Vibrato`: a periodic change of the pitch."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.effects.modulation.moving_delay import MovingDelay, check_longest, join_line, order
from fxlab.effects.modulation.oscillator import advance_phase, spread_phase
from fxlab.effects.modulation.parameters import rate, stereo_phase
from fxlab.engine.delay.fractional_delay import lagrange_taps, read_delay
from fxlab.module import Param


class Vibrato(MovingDelay):
    """A vibrato: the pitch rises and falls `rate_hz` times per second, by about `depth_cents`.

    The sound is read from a delay line whose delay in seconds varies as a sine, `d = A (1 − cos(2π rate_hz t))`. This
    shifts the pitch by the factor `1 − d'`, where d' is the derivative of d. With
    `A = (2^(depth_cents / 1200) − 1) / (2π rate_hz)` the pitch rises by `depth_cents`; it falls by a little more, 51.5
    cents for 50. The delay begins at 0, and its mean is A: slow vibratos have long delays.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `rate_hz` is not above 0 and below half the sample rate, `depth_cents` is negative, `order` is
            not from 1 to 15, or the delay would exceed 100 ms, because the rate is low and the depth large.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, "Vibrato". Interpolation: see `lagrange_taps`.

    >>> Vibrato(depth_cents=0.0)(torch.tensor([[1.0, 2.0, 3.0]]), sample_rate=48_000)
    tensor([[1., 2., 3.]])
    """

    rate_hz = rate(5.0, 1.0, 14.0)
    depth_cents = Param(
        30.0, low=0.0, high=200.0, unit="cents", at_least=0.0, doc="Rise of the pitch; 100 cents are a semitone."
    )
    order = order()
    stereo_phase = stereo_phase()

    def run_line(
        self, x: Tensor, phase: Tensor | None, line: Tensor, sample_rate: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the output for the next block, the phase, and the samples for the line; see `MovingDelay.run_line`.

        Raises:
            ParameterError: The delay is longer than the delay line.
        """
        phase, after = advance_phase(self.rate_hz, x, phase, sample_rate)
        longest = 2 * self._amplitude() * sample_rate
        check_longest(self._name(), longest, sample_rate, "Raise rate_hz, or lower depth_cents.")
        delay = self.modulation(spread_phase(phase, self.stereo_phase, x), sample_rate) * (sample_rate / 1000)
        sound = x.to(line.dtype)
        taps = lagrange_taps(delay, self.order, line.dtype, first=0)
        history = line.shape[-1]
        known = join_line(line, sound)
        y = read_delay(known, history, x.shape[-1], taps)
        return y, after, sound

    def modulation(self, phase: Tensor, sample_rate: float) -> Tensor:
        """Return the delay in ms at `phase` in cycles."""
        return 1000 * self._amplitude() * (1 - torch.cos(2 * math.pi * phase))

    def _amplitude(self) -> Tensor:
        """Return the mean of the delay in seconds."""
        deviation = 2 ** (self.depth_cents.double() / 1200) - 1
        amplitude: Tensor = deviation / (2 * math.pi * self.rate_hz.double())
        return amplitude
