"""`Differentiator`: a band-limited differentiator."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.filters.common import parameters
from fxlab.filters.common.parameters import hertz
from fxlab.filters.fir.window import check_window, edge_value, window
from fxlab.module import Choice, Finite


class Differentiator(Finite):
    """A differentiator, which computes the derivative of the signal below an edge and stops the frequencies above it.

    The gain is proportional to the frequency, with a phase of +90°, and the delay is (taps − 1) / 2 samples. Near the
    edge, within about 1 / taps of the spectrum, the window smooths the gain.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate, there are fewer than 2 taps, or the
            window is 0 at all of them.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, "Discrete-time differentiators".

    >>> slope = Differentiator(cutoff=10_000.0).response([1000.0], sample_rate=48_000).abs() * 48_000
    >>> round((slope / (2 * torch.pi * 1000.0)).item(), 3)
    1.007
    """

    cutoff = hertz("Upper edge of the differentiated band, −6 dB.", default=10_000.0)
    taps = parameters.taps(at_least=2)
    window = parameters.window()
    per = Choice(
        "sample",
        ("sample", "second"),
        doc="Unit of time: per sample, the gain is at most 10 dB; per second, it is 2π times the frequency.",
    )

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid on its own, at this sample rate, or combined with another."""
        super()._check(sample_rate)
        check_window(self, self.taps, self.window)
        if self.taps == 3 and edge_value(self.window, 3) <= 1e-9:
            raise ParameterError(
                f"Differentiator: the middle one of 3 taps is 0, and a {self.window} window makes the others 0; use 5 "
                "or more."
            )

    def latency(self, sample_rate: float | None = None) -> float:
        """Return the delay in samples, `(taps − 1) / 2`."""
        self._checked_rate(sample_rate)
        delay: float = (self.taps - 1) / 2
        return delay

    def design(self, sample_rate: float) -> Tensor:
        """Return the taps; see `Finite`."""
        edge = self.cutoff[..., None] * (2 * math.pi / sample_rate)
        place = torch.arange(self.taps, dtype=torch.float64, device=edge.device) - (self.taps - 1) / 2
        middle = place == 0
        safe = torch.where(middle, 1.0, place)
        ideal = (edge * torch.cos(edge * safe) / safe - torch.sin(edge * safe) / safe.square()) / math.pi
        taps = torch.where(middle, 0.0, ideal) * window(self.window, self.taps).to(edge.device)
        return taps * sample_rate if self.per == "second" else taps
