"""Linkwitz-Riley filters: the halves of a crossover."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.filters.classical.bilinear import sections
from fxlab.filters.classical.prototype import butterworth
from fxlab.filters.common.parameters import hertz
from fxlab.module import Choice, Count, Recursive


class LinkwitzRiley(Recursive):
    """Split a spectrum in two at a corner, each half 6 dB down there, so that both together are as loud as the whole.

    It is a Butterworth filter of half the order, twice. The two halves are in phase at all frequencies; at an order of
    2, 6, 10 … in opposite phase: there one of them has to be inverted before they are added.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate, or the order is no even number from 2 to
            24.

    Source:
        S. H. Linkwitz, Active Crossover Networks for Noncoincident Drivers, 1976.

    >>> both = LinkwitzRiley(500.0) + LinkwitzRiley(500.0, kind="highpass")
    >>> both.response([50.0, 500.0, 5000.0], sample_rate=48_000).abs().round(decimals=9).tolist()
    [1.0, 1.0, 1.0]
    """

    cutoff = hertz("Corner frequency, −6 dB.")
    order = Count(
        4, low=2, high=24, at_least=2, at_most=24, multiple=2, doc="Poles; each makes it 6 dB an octave steeper."
    )
    kind = Choice("lowpass", ("lowpass", "highpass"), doc="Which side of the corner passes.")

    def design(self, sample_rate: float) -> Tensor:
        """As many sections as `order` needs pairs of poles, `(..., sections, 6)`."""
        half = sections(butterworth(self.order // 2), self.kind, self.cutoff, self.cutoff, sample_rate)
        return torch.cat([half, half], -2)
