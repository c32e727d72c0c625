"""`RingModulator`: multiplication by a sine."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.effects.modulation.oscillating import Modulated, Oscillating
from fxlab.effects.modulation.oscillator import advance_phase, spread_phase
from fxlab.effects.modulation.parameters import mix, stereo_phase
from fxlab.module import Param


class RingModulator(Oscillating):
    """A ring modulator: the input is multiplied by a sine, which is called the carrier.

    At a `mix` of 1, a sine of frequency f becomes two sines of half the amplitude, at `|frequency − f|` and
    `frequency + f`. In general neither is a multiple of f, so that tones sound like bells. The carrier starts at 0 and
    rises.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `frequency` is not above 0 and below half the sample rate, or `mix` is not from 0 to 1.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, "Ring modulator".

    >>> RingModulator(frequency=2.0)(torch.ones(1, 4), sample_rate=8).round(decimals=3).abs()
    tensor([[0., 1., 0., 1.]])
    """

    modulated = Modulated("Carrier")
    rate_parameter = "frequency"

    frequency = Param(
        300.0, low=10.0, high=5000.0, unit="Hz", scale="log", below="nyquist", doc="Frequency of the carrier."
    )
    mix = mix(1.0)
    stereo_phase = stereo_phase()

    def forward_block(self, x: Tensor, state: Tensor | None, sample_rate: float) -> tuple[Tensor, Tensor]:
        """Return the next block modulated and mixed, and the state: the phase after it in cycles, from 0 to below 1."""
        phase, after = advance_phase(self.frequency, x, state, sample_rate)
        carrier = self.modulation(spread_phase(phase, self.stereo_phase, x), sample_rate)
        return x * (1 - self.mix + self.mix * carrier).to(x.dtype), after

    def modulation(self, phase: Tensor, sample_rate: float) -> Tensor:
        """Return the carrier, a sine of amplitude 1, at `phase` in cycles."""
        return torch.sin(2 * math.pi * phase)
