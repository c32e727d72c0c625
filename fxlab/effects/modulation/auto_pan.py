"""`AutoPan`: a sound that moves between left and right."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.effects.modulation.oscillating import Modulated, Oscillating
from fxlab.effects.modulation.oscillator import advance_phase, swing
from fxlab.effects.modulation.parameters import WAVEFORMS, rate, share, waveform


class AutoPan(Oscillating):
    """An automatic panner: the sound moves between left and right, with constant power.

    The left channel is multiplied by `√2 cos θ` and the right one by `√2 sin θ`, where θ moves around π/4 by up to
    `depth` π/4. The sum of the squared gains is always 2: at the center both gains are 1, and at either side one is √2
    (+3 dB) and the other 0. Each pair of successive channels is a left and a right one. A mono sound, and the last of
    an odd number of channels, is not changed.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `rate_hz` is not above 0 and below half the sample rate, or `depth` is not from 0 to 1.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, "Panorama": the sine and cosine law.

    >>> AutoPan(rate_hz=1.0, depth=1.0)(torch.ones(2, 4), sample_rate=4).round(decimals=3).abs()
    tensor([[1.0000, 0.0000, 1.0000, 1.4140],
            [1.0000, 1.4140, 1.0000, 0.0000]])
    """

    modulated = Modulated("Position")

    rate_hz = rate(0.5)
    depth = share(1.0, "Width of the movement: 1 reaches both sides.")
    shape = waveform(WAVEFORMS)

    def forward_block(self, x: Tensor, state: Tensor | None, sample_rate: float) -> tuple[Tensor, Tensor]:
        """Return the next block panned, and the state: the phase after it in cycles, from 0 to below 1."""
        phase, after = advance_phase(self.rate_hz, x, state, sample_rate)
        angle = math.pi / 4 * (1 + self.modulation(phase, sample_rate))
        paired = x.shape[-2] // 2 * 2 if x.ndim > 1 else 0
        if not paired:
            return x * (1 + 0 * angle).to(x.dtype), after  # in the autograd graph of the parameters
        channel = torch.arange(x.shape[-2], dtype=torch.float64, device=x.device).unsqueeze(-1)
        gain = math.sqrt(2) * torch.cos(angle - math.pi / 2 * (channel % 2))
        return x * torch.where(channel < paired, gain, 1.0).to(x.dtype), after

    def modulation(self, phase: Tensor, sample_rate: float) -> Tensor:
        """Return the position at `phase` in cycles, from −1 on the left to 1 on the right."""
        position: Tensor = self.depth * swing(self.shape, phase)
        return position
