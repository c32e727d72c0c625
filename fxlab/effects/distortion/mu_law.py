"""`MuLaw`: the logarithmic quantization of digital telephony."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from fxlab.effects.distortion.rounding import gradient, rounded
from fxlab.module import Count, StatefulModule


class MuLaw(StatefulModule):
    """μ-law companding: samples are compressed by a logarithm, rounded to `bits` bits, and expanded again.

    The steps grow with the magnitude of the samples. Over a wide range of levels the signal-to-noise ratio is therefore
    about the same, 38 dB at 8 bits. μ is 2^bits − 1, which is 255 for telephony. One of the levels is zero, so that
    silence stays silent. Samples beyond ±1 are clipped.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `bits` is not a whole number from 2 to 16.

    Source:
        ITU-T G.711, by its continuous formula; N. S. Jayant, P. Noll, Digital Coding of Waveforms, 1984.

    >>> MuLaw(bits=4)(torch.tensor([[0.01, 0.1, 1.0, 0.0]]), sample_rate=8000).round(decimals=4)
    tensor([[0.0000, 0.0805, 1.0000, 0.0000]])
    """

    bits = Count(8, low=2, high=16, at_least=2, at_most=16, unit="bit", doc="Word length of a compressed sample.")
    gradient = gradient()

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the next block compressed, rounded and expanded; there is no state."""
        mu, largest = 2.0**self.bits - 1, 2 ** (self.bits - 1) - 1
        inside = x.double().clamp(-1, 1)
        magnitude = torch.log1p(mu * inside.abs()) / math.log1p(mu)
        steps = torch.round(magnitude * largest) / largest
        value = torch.sign(inside) * torch.expm1(steps * math.log1p(mu)) / mu
        return rounded(inside, value, self.gradient).to(x.dtype), None
