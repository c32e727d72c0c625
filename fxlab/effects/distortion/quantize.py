"""`Quantize`: the rounding of samples to a number of bits, with dither."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.control.random_sequence import MAX_SEQUENCE
from fxlab.effects.distortion.dither import rectangular, round_shaped, triangular
from fxlab.effects.distortion.rounding import gradient, rounded
from fxlab.module import Choice, Count, StatefulModule
from fxlab.module.parameters.clock import start_sample


class Quantize(StatefulModule):
    """A quantizer with dither: samples are rounded to the values of a file or a converter with `bits` bits.

    The levels are whole multiples of 2^(1 − bits) from −1 up to one step below 1; samples beyond are clipped. Without
    dither, the error of a full-scale sine is about 6.02 `bits` + 1.76 dB below the sine, but it depends on the signal
    and contains harmonics. Dither, noise that is added before the rounding, reduces this dependence:

    - `rectangular` (uniform, ± half a step) removes the harmonics, but the level of the noise varies with the signal;
    - `triangular` (±1 step) also makes the level of the noise constant, 4.8 dB above the error without dither;
    - `shaped` is triangular, and the error is filtered by (1 − z⁻¹)²: less noise below a sixth of the sample rate,
      where the ear is sensitive, and more above.

    The dither depends on `seed` and on time only, so it is the same in all channels and examples.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `bits` is not a whole number from 1 to 32, or `seed` not one from 0
            to 1,000,000,000.

    Source:
        S. P. Lipshitz, R. A. Wannamaker, J. Vanderkooy, "Quantization and dither: a theoretical survey", JAES 40(5),
        1992.

    >>> Quantize(bits=3, dither="none")(torch.tensor([[0.1, 0.3, -0.7, 2.0]]), sample_rate=48_000)
    tensor([[ 0.0000,  0.2500, -0.7500,  0.7500]])
    """

    bits = Count(16, low=1, high=24, at_most=32, unit="bit", doc="Word length: the number of levels is 2^bits.")
    dither = Choice(
        "triangular", ("none", "rectangular", "triangular", "shaped"), doc="Noise that is added before the rounding."
    )
    seed = Count(0, low=0, high=1000, at_least=0, at_most=MAX_SEQUENCE, doc="Number of the sequence of random numbers.")
    gradient = gradient()

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the next block quantized, and the state: the position, and the state of the noise shaping."""
        start, shaping = (start_sample(sample_rate), None) if state is None else state
        largest = 2.0 ** (self.bits - 1)
        steps = x.double() * largest
        noise = self._noise(torch.arange(x.shape[-1], device=x.device) + start)
        if self.dither == "shaped":
            assert noise is not None
            value, shaping = round_shaped(steps.detach(), noise, shaping)
        else:
            value = torch.round(steps if noise is None else steps + noise)
        inside = steps.clamp(-largest, largest - 1)
        y = rounded(inside, value.clamp(-largest, largest - 1), self.gradient) / largest
        return y.to(x.dtype), (start + x.shape[-1], shaping)

    def _noise(self, position: Tensor) -> Tensor | None:
        """Return the dither for the samples at `position`, in steps; None without dither."""
        if self.dither == "none":
            return None
        return (rectangular if self.dither == "rectangular" else triangular)(position, self.seed)
