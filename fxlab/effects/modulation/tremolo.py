"""`Tremolo`: a periodic change of the level."""

from __future__ import annotations

from torch import Tensor

from fxlab.effects.modulation.oscillating import Modulated, Oscillating
from fxlab.effects.modulation.oscillator import advance_phase, spread_phase, wave
from fxlab.effects.modulation.parameters import WAVEFORMS, rate, share, stereo_phase, waveform


class Tremolo(Oscillating):
    """A tremolo: the gain falls and rises `rate_hz` times per second, between 1 and `1 − depth`.

    As a sine: `y[n] = x[n] (1 − depth (1 − cos(2π rate_hz n / sample_rate)) / 2)`; it starts at a gain of 1. With
    `stereo_phase=180` the gain rises on the right while it falls on the left.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `rate_hz` is not above 0 and below half the sample rate, or `depth` is not from 0 to 1.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, "Tremolo".

    >>> import torch
    >>> Tremolo(rate_hz=2.0, depth=1.0)(torch.ones(1, 5), sample_rate=8).round(decimals=3)
    tensor([[1.0000, 0.5000, 0.0000, 0.5000, 1.0000]])
    """

    modulated = Modulated("Gain")

    rate_hz = rate(5.0, 0.1)
    depth = share(0.5, "Depth: 1 modulates down to silence.")
    shape = waveform(WAVEFORMS)
    stereo_phase = stereo_phase()

    def forward_block(self, x: Tensor, state: Tensor | None, sample_rate: float) -> tuple[Tensor, Tensor]:
        """Return the next block times the gain, and the state: the phase after it in cycles, from 0 to below 1."""
        phase, after = advance_phase(self.rate_hz, x, state, sample_rate)
        gain = self.modulation(spread_phase(phase, self.stereo_phase, x), sample_rate)
        return x * gain.to(x.dtype), after

    def modulation(self, phase: Tensor, sample_rate: float) -> Tensor:
        """Return the linear gain at `phase` in cycles."""
        gain: Tensor = 1 - self.depth * wave(self.shape, phase)
        return gain
