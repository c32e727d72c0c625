"""`BitCrush`: a coarse quantization as an effect."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.effects.distortion.rounding import gradient, rounded
from fxlab.module import Param, StatefulModule


class BitCrush(StatefulModule):
    """A bit crusher: every sample is rounded to a multiple of the step 2^(1 − bits).

    There are 2^bits steps between −1 and 1; samples beyond ±1 are not clipped. `bits` need not be a whole number, and
    may change with time. The derivative with respect to `bits` is −ln 2 times the rounding error with
    `gradient="straight_through"`, and −ln 2 times the output with `"zero"`. For files and converters, which need dither
    and clipping, use `Quantize`.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `bits` is not from 1 to 32.

    Source:
        U. Zölzer, Digital Audio Signal Processing, 2nd edition, chapter 2: the uniform quantizer with a level at zero.

    >>> BitCrush(bits=3.0)(torch.tensor([[0.1, 0.3, -0.7]]), sample_rate=48_000)
    tensor([[ 0.0000,  0.2500, -0.7500]])
    """

    bits = Param(
        8.0, low=1.0, high=16.0, unit="bit", at_least=1.0, at_most=32.0, doc="Resolution: 2^bits steps from −1 to 1."
    )
    gradient = gradient()

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the next block rounded to multiples of the step; there is no state."""
        step = 2 ** (1 - self.bits.double().to(x.device))
        steps = x.double() / step
        return (step * rounded(steps, torch.round(steps), self.gradient)).to(x.dtype), None
