"""A finite impulse response that turns every phase by a quarter."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.filters.common import parameters
from fxlab.filters.fir.window import audible, window
from fxlab.module import Finite


class Hilbert(Finite):
    """Turn every tone back by 90°, a cosine to a sine, and delay all by half of taps − 1 samples.

    With the input delayed as long, it makes the two parts of an analytic signal. The quarter turn is exact at any
    length; the level is that of the input within a band which widens with the taps. Nothing passes at 0 Hz, nor, with
    an odd number of taps, at half the sample rate.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: Fewer than 2 taps, or a window that leaves none of them.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, "Design of Hilbert transformers".

    >>> level = Hilbert(taps=101).response([2000.0, 12_000.0], sample_rate=48_000).abs()
    >>> [round(one, 3) for one in level.tolist()]
    [0.998, 1.001]
    """

    taps = parameters.taps(at_least=2)
    window = parameters.window()

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where a value is not valid, or not beside another."""
        super().check(sample_rate)
        audible(self, self.taps, self.window)
        if self.taps == 3 and not bool(window(self.window, 3)[0] > 1e-9):
            raise ParameterError(
                f"Hilbert: of 3 taps the middle one is 0 and a {self.window} window takes the others; take 5 or more."
            )

    def design(self, sample_rate: float) -> Tensor:
        """See `Finite`."""
        place = torch.arange(self.taps, dtype=torch.float64) - (self.taps - 1) / 2
        turn = 2 * torch.remainder(place, 2.0) if self.taps % 2 else 1.0  # 1 - cos(pi place), without its rounding
        ideal = turn / (math.pi * torch.where(place == 0, 1.0, place))
        return ideal * window(self.window, self.taps)
