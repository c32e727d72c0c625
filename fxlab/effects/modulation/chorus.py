"""`Chorus`: copies of the sound whose delays move."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.effects.modulation.moving_delay import MovingDelay, delay, join_line, order
from fxlab.effects.modulation.oscillator import advance_phase, fraction, spread_phase, swing
from fxlab.effects.modulation.parameters import mix, rate, share, stereo_phase, waveform
from fxlab.engine.delay.fractional_delay import lagrange_taps, read_delay
from fxlab.module import Count


class Chorus(MovingDelay):
    """A chorus: the sound is mixed with copies of it whose delays, and thereby pitches, vary periodically.

    Each of the `voices` is delayed by `delay_ms (1 + depth s)`, where s moves between −1 and 1 at `rate_hz`; the phases
    of the voices are evenly spread over the cycle. With a sine the pitch deviates by up to the factor
    `1 ± 2π rate_hz depth delay_ms / 1000`, 26 cents with the default values. The mean of the voices is mixed with the
    sound, so that several voices are not louder than one.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `rate_hz` is not above 0 and below half the sample rate, `depth` or `mix` is not from 0 to 1,
            `delay_ms` is not above 0 ms or more than 50 ms, `voices` is not from 1 to 64, or `order` not from 1 to 15.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, "Flanger, chorus, slapback, echo". Interpolation: see
        `lagrange_taps`.

    >>> import torch
    >>> chorus = Chorus(delay_ms=0.25, depth=0.0, mix=0.5)
    >>> chorus(torch.tensor([[1.0, 0.0, 0.0, 0.0]]), sample_rate=8000)
    tensor([[0.5000, 0.0000, 0.5000, 0.0000]])
    """

    rate_hz = rate(0.8, high=10.0)
    depth = share(0.2, "Movement of the delay, as a share of delay_ms.")
    mix = mix()
    delay_ms = delay(15.0, 1.0, 50.0, 50.0, "Mean delay of the copies.")
    voices = Count(1, low=1, high=8, at_least=1, at_most=64, doc="Number of copies.")
    shape = waveform()
    order = order()
    stereo_phase = stereo_phase()

    def run_line(
        self, x: Tensor, phase: Tensor | None, line: Tensor, sample_rate: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the output for the next block, the phase, and the samples for the line; see `MovingDelay.run_line`."""
        phase, after = advance_phase(self.rate_hz, x, phase, sample_rate)
        phase = spread_phase(phase, self.stereo_phase, x)
        sound, history = x.to(line.dtype), line.shape[-1]
        known = join_line(line, sound)
        wet: Tensor | None = None
        for voice in range(self.voices):
            delay = self.modulation(fraction(phase + voice / self.voices) if voice else phase, sample_rate)
            taps = lagrange_taps(delay * (sample_rate / 1000), self.order, line.dtype, first=0)
            copy = read_delay(known, history, x.shape[-1], taps)
            wet = copy if wet is None else wet + copy
        assert wet is not None
        y = (1 - self.mix) * x + (self.mix / self.voices) * wet
        return y, after, sound

    def modulation(self, phase: Tensor, sample_rate: float) -> Tensor:
        """Return the delay in ms at `phase` in cycles."""
        delay: Tensor = self.delay_ms.double() * (1 + self.depth * swing(self.shape, phase))
        return delay

    def phase_offsets(self, channels: int) -> Tensor:
        """Return the phase offset in cycles of each voice, for each channel in turn: `(channels · voices,)`.

        If all channels share the oscillator, it is `(voices,)`.
        """
        voices = torch.arange(self.voices, dtype=torch.float64) / self.voices
        offsets: Tensor = (super().phase_offsets(channels)[:, None] + voices).flatten()
        return offsets
