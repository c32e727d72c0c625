"""`Hilbert`: an FIR filter that approximates a Hilbert transformer."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.filters.common import parameters
from fxlab.filters.common.lengths import check_solvable
from fxlab.filters.common.parameters import hertz
from fxlab.filters.fir.linear_phase import LinearPhase
from fxlab.filters.fir.remez import MAX_MOVING_TAPS, equiripple_taps
from fxlab.filters.fir.window import check_window, edge_value, window


class Hilbert(LinearPhase):
    """A Hilbert transformer: it shifts the phase by −90° (cosine to sine), with a delay of (taps − 1) / 2 samples.

    The input, delayed equally, and the output are the real and the imaginary part of an analytic signal. The phase is
    exact for any number of taps. By the window method the gain is about 1 within a band that widens with the number of
    taps. An equiripple transformer has the smallest ripple in a band that begins at `cutoff`. This band ends at half
    the sample rate with an even number of taps, and as far below half the sample rate as `cutoff` is above 0 Hz with an
    odd number. The gain is 0 at 0 Hz and, with an odd number of taps, at half the sample rate.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: There are fewer than 2 taps, or the window makes all taps 0; with `method="equiripple"` there
            are more than 4001 taps, or more than 201 although a parameter moves, the band has no width, or no filter is
            found.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, "Design of Hilbert transformers"; L. R.
        Rabiner, R. W. Schafer, On the behavior of minimax FIR digital Hilbert transformers, Bell System Technical
        Journal 53, 1974.

    >>> level = Hilbert(taps=101).response([2000.0, 12_000.0], sample_rate=48_000).abs()
    >>> [round(one, 3) for one in level.tolist()]
    [0.998, 1.001]
    >>> level = Hilbert(31, method="equiripple", cutoff=2000.0).response([2000.0, 12_000.0], sample_rate=48_000).abs()
    >>> [round(one, 3) for one in level.tolist()]
    [0.993, 0.993]
    """

    taps = parameters.taps(at_least=2)
    window = parameters.window(only=("method", ("window",)))
    method = parameters.fir_method()
    cutoff = hertz("Lower edge of the band of constant ripple.", only=("method", ("equiripple",)))

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` in the cases that the class lists."""
        super()._check(sample_rate)
        if self.method == "equiripple":
            check_solvable(self, MAX_MOVING_TAPS)
            if self.taps % 2:
                self._check_band(sample_rate)
            return
        check_window(self, self.taps, self.window)
        if self.taps == 3 and edge_value(self.window, 3) <= 1e-9:
            raise ParameterError(
                f"Hilbert: the middle one of 3 taps is 0, and a {self.window} window makes the others 0; use 5 or more."
            )

    def _check_band(self, sample_rate: float) -> None:
        cutoff = self.values()["cutoff"].detach()
        wrong = cutoff >= sample_rate / 4
        if any_true(wrong):
            raise ParameterError(
                f"Hilbert: cutoff is {cutoff[wrong].flatten()[0].item():g} Hz; with {self.taps} taps, an odd number, "
                f"it must be below a quarter of the sample rate ({sample_rate / 4:g} Hz), because the band ends as far "
                "below half the sample rate. Lower it, or use an even number of taps."
            )

    def design(self, sample_rate: float) -> Tensor:
        """Return the taps, `(..., taps)`; see `Finite.design`."""
        if self.method == "equiripple":
            start = self.cutoff[..., None] * (2 / sample_rate)
            edges = torch.cat([start, 1 - start if self.taps % 2 else torch.ones_like(start)], -1)
            ones = torch.ones(2, dtype=torch.float64, device=edges.device)
            return -equiripple_taps(edges, ones, ones[:1], self.taps, "hilbert")
        place = torch.arange(self.taps, dtype=torch.float64) - (self.taps - 1) / 2
        numerator = 2 * torch.remainder(place, 2.0) if self.taps % 2 else 1.0  # 1 - cos(pi place), without rounding
        ideal = numerator / (math.pi * torch.where(place == 0, 1.0, place))
        return ideal * window(self.window, self.taps)
