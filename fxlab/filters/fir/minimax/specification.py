"""`Specification`: the bands of an equiripple filter, with gains and weights."""

from __future__ import annotations

from typing import Literal, NamedTuple

Response = Literal["magnitude", "hilbert", "differentiator"]
"""The approximated response: a gain with symmetric taps, or a gain or a slope with antisymmetric taps."""


class Specification(NamedTuple):
    """The bands of an equiripple filter; frequencies are fractions of half the sample rate."""

    taps: int
    response: Response
    edges: tuple[float, ...]
    """Start and end of each band, in ascending order."""
    gains: tuple[float, ...]
    """Gain at each edge, linear in between; for a differentiator, the gain per radian per sample."""
    weights: tuple[float, ...]
    """Weight of each band. For a differentiator, the weight of a band with a gain is divided by the frequency in cycles
    per sample."""

    @property
    def is_symmetric(self) -> bool:
        """Whether the taps are symmetric; otherwise they are antisymmetric."""
        return self.response == "magnitude"

    @property
    def size(self) -> int:
        """The number of free coefficients: half the taps, rounded up if the taps are symmetric and down otherwise."""
        return (self.taps + 1) // 2 if self.is_symmetric else self.taps // 2
