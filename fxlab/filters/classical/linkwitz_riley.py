"""`LinkwitzRiley`: the low-pass and high-pass filters of a crossover."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.filters.classical.bilinear import exact_response, sections
from fxlab.filters.classical.prototype import butterworth
from fxlab.filters.common.parameters import hertz
from fxlab.module import Choice, Count, Recursive
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together


class LinkwitzRiley(Recursive):
    """A Linkwitz-Riley filter: −6 dB at the corner, so that low-pass and high-pass sum to unit gain.

    It is two Butterworth filters of half the order in series. At orders 4, 8, 12, … the low-pass and the high-pass
    are in phase at all frequencies; at orders 2, 6, 10, … they are in opposite phase at all frequencies, and one of
    them must be inverted before they are added.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate, or the order is not an even number from
            2 to 24.

    Source:
        S. H. Linkwitz, Active Crossover Networks for Noncoincident Drivers, 1976.

    >>> both = LinkwitzRiley(500.0) + LinkwitzRiley(500.0, kind="highpass")
    >>> both.response([50.0, 500.0, 5000.0], sample_rate=48_000).abs().round(decimals=9).tolist()
    [1.0, 1.0, 1.0]
    """

    cutoff = hertz("Corner frequency, −6 dB.")
    order = Count(
        4, low=2, high=24, at_least=2, at_most=24, multiple=2, doc="Number of poles; each adds 6 dB per octave."
    )
    kind = Choice("lowpass", ("lowpass", "highpass"), doc="Side of the corner that passes.")

    def design(self, sample_rate: float) -> Tensor:
        """Return the sections, `(..., sections, 6)`: those of the Butterworth filter of half the order, twice."""
        half = sections(butterworth(self.order // 2), self.kind, self.cutoff, self.cutoff, sample_rate)
        return torch.cat([half, half], -2)

    def _exact_response(self, frequencies: Tensor, rate: float) -> Tensor:
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            half = butterworth(self.order // 2)
            return exact_response(half, self.kind, (self.cutoff, self.cutoff), frequencies, rate) ** 2
