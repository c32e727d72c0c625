"""`Differentiator`: an FIR filter that approximates a band-limited differentiator."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.filters.common import parameters
from fxlab.filters.common.lengths import check_solvable
from fxlab.filters.common.parameters import hertz
from fxlab.filters.fir.linear_phase import LinearPhase
from fxlab.filters.fir.remez import MAX_MOVING_TAPS, equiripple_taps
from fxlab.filters.fir.transition import band_edges
from fxlab.filters.fir.window import check_window, edge_value, window
from fxlab.module import Choice


class Differentiator(LinearPhase):
    """A differentiator: it computes the derivative of the signal below an edge and stops the frequencies above it.

    The gain is proportional to the frequency, with a phase of +90°, and the delay is (taps − 1) / 2 samples. Around the
    edge the window smooths the gain, over a width that is inversely proportional to `taps`. An equiripple
    differentiator has the smallest ripple, relative to the gain, outside of the transition around the edge.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate, there are fewer than 2 taps, or the
            window makes all taps 0; with `method="equiripple"`, `transition` is not between 0 and 1, there are more
            than 4001 taps, or more than 201 although a parameter moves, or no filter is found.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, "Discrete-time differentiators"; L. R. Rabiner,
        R. W. Schafer, On the behavior of minimax relative error FIR digital differentiators, Bell System Technical
        Journal 53, 1974.

    >>> slope = Differentiator(cutoff=10_000.0).response([1000.0], sample_rate=48_000).abs() * 48_000
    >>> round((slope / (2 * torch.pi * 1000.0)).item(), 3)
    1.007
    """

    cutoff = hertz("Upper edge of the differentiated band, −6 dB.", default=10_000.0)
    taps = parameters.taps(at_least=2)
    window = parameters.window(only=("method", ("window",)))
    per = Choice(
        "sample",
        ("sample", "second"),
        doc="Unit of time: per sample, the gain is at most about 10 dB; per second, it is 2π times the frequency.",
    )
    method = parameters.fir_method()
    transition = parameters.transition(only=("method", ("equiripple",)))

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid, all taps would be 0, or there are too many taps."""
        super()._check(sample_rate)
        if self.method == "equiripple":
            check_solvable(self, MAX_MOVING_TAPS)
            return
        check_window(self, self.taps, self.window)
        if self.taps == 3 and edge_value(self.window, 3) <= 1e-9:
            raise ParameterError(
                f"Differentiator: the middle one of 3 taps is 0, and a {self.window} window makes the others 0; use 5 "
                "or more."
            )

    def design(self, sample_rate: float) -> Tensor:
        """Return the taps, `(..., taps)`; see `Finite.design`."""
        taps = self._equiripple(sample_rate) if self.method == "equiripple" else self._windowed(sample_rate)
        return taps * sample_rate if self.per == "second" else taps

    def _equiripple(self, sample_rate: float) -> Tensor:
        edges = band_edges("lowpass", self.cutoff, self.cutoff, self.transition, sample_rate)
        gains = torch.tensor([1.0, 1.0, 0.0, 0.0], dtype=torch.float64, device=edges.device)
        return equiripple_taps(edges, gains, torch.ones_like(gains[:2]), self.taps, "differentiator")

    def _windowed(self, sample_rate: float) -> Tensor:
        edge = self.cutoff[..., None] * (2 * math.pi / sample_rate)
        place = torch.arange(self.taps, dtype=torch.float64, device=edge.device) - (self.taps - 1) / 2
        middle = place == 0
        safe = torch.where(middle, 1.0, place)
        ideal = (edge * torch.cos(edge * safe) / safe - torch.sin(edge * safe) / safe.square()) / math.pi
        return torch.where(middle, 0.0, ideal) * window(self.window, self.taps).to(edge.device)
