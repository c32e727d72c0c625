"""`Hilbert`: a Hilbert transformer."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.filters.common import parameters
from fxlab.filters.fir.window import check_window, edge_value, window
from fxlab.module import Finite


class Hilbert(Finite):
    """A Hilbert transformer, which shifts the phase by −90° (cosine to sine) with a delay of (taps − 1) / 2 samples.

    The equally delayed input and the output form the real and imaginary part of an analytic signal. The phase
    is exact for any length; the gain is about 1 within a band that widens with the number of taps. The gain is 0 at 0
    Hz and, with an odd number of taps, at half the sample rate.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: There are fewer than 2 taps, or the window is 0 at all of them.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, "Design of Hilbert transformers".

    >>> level = Hilbert(taps=101).response([2000.0, 12_000.0], sample_rate=48_000).abs()
    >>> [round(one, 3) for one in level.tolist()]
    [0.998, 1.001]
    """

    taps = parameters.taps(at_least=2)
    window = parameters.window()

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid on its own or in combination with another."""
        super()._check(sample_rate)
        check_window(self, self.taps, self.window)
        if self.taps == 3 and edge_value(self.window, 3) <= 1e-9:
            raise ParameterError(
                f"Hilbert: the middle one of 3 taps is 0, and a {self.window} window makes the others 0; use 5 or more."
            )

    def latency(self, sample_rate: float | None = None) -> float:
        """Return the delay in samples, `(taps − 1) / 2`."""
        self._checked_rate(sample_rate)
        delay: float = (self.taps - 1) / 2
        return delay

    def design(self, sample_rate: float) -> Tensor:
        """Return the taps; see `Finite`."""
        place = torch.arange(self.taps, dtype=torch.float64) - (self.taps - 1) / 2
        numerator = 2 * torch.remainder(place, 2.0) if self.taps % 2 else 1.0  # 1 - cos(pi place), without rounding
        ideal = numerator / (math.pi * torch.where(place == 0, 1.0, place))
        return ideal * window(self.window, self.taps)
