"""A finite impulse response that takes the slope."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.filters.common import parameters
from fxlab.filters.common.parameters import hertz
from fxlab.filters.fir.window import audible, window
from fxlab.module import Choice, Finite


class Differentiator(Finite):
    """Take the slope of what lies below an edge, and stop what lies above.

    The level rises in proportion to the frequency and every phase turns by 90° forward; all is delayed by half of
    taps − 1 samples. Near the edge, by about one part in so many taps of the spectrum, the window rounds the level off.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate, fewer than 2 taps, or a window that
            leaves none of them.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, "Discrete-time differentiators".

    >>> slope = Differentiator(cutoff=10_000.0).response([1000.0], sample_rate=48_000).abs() * 48_000
    >>> round((slope / (2 * torch.pi * 1000.0)).item(), 3)
    1.007
    """

    cutoff = hertz("Edge up to which the slope is taken, −6 dB there.", default=10_000.0)
    taps = parameters.taps(at_least=2)
    window = parameters.window()
    per = Choice(
        "sample",
        ("sample", "second"),
        doc="In what the slope is counted: by sample no tone gets more than 10 dB louder; by second it gets 2π times "
        "its frequency.",
    )

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where a value is not valid, or not at this sample rate, or not beside another."""
        super().check(sample_rate)
        audible(self, self.taps, self.window)
        if self.taps == 3 and not bool(window(self.window, 3)[0] > 1e-9):
            raise ParameterError(
                f"Differentiator: of 3 taps the middle one is 0 and a {self.window} window takes the others; take 5 or "
                "more."
            )

    def design(self, sample_rate: float) -> Tensor:
        """See `Finite`."""
        edge = self.cutoff[..., None] * (2 * math.pi / sample_rate)
        place = torch.arange(self.taps, dtype=torch.float64, device=edge.device) - (self.taps - 1) / 2
        middle = place == 0
        safe = torch.where(middle, 1.0, place)
        ideal = (edge * torch.cos(edge * safe) / safe - torch.sin(edge * safe) / safe.square()) / math.pi
        taps = torch.where(middle, 0.0, ideal) * window(self.window, self.taps).to(edge.device)
        return taps * sample_rate if self.per == "second" else taps
