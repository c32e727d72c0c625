"""Second-order sections designed by the Audio EQ Cookbook: what its filters share."""

from __future__ import annotations

import math
from abc import abstractmethod

import torch
from torch import Tensor

from fxlab.module import Param, Recursive

Terms = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]


class Biquad(Recursive):
    """One second-order section, bilinear transform of an analog prototype, its corner or centre kept exact.

    A subclass writes `coefficients(self, w, alpha)`, where `w` is the angular frequency of its `cutoff` or
    `frequency` in radians a sample and `alpha = sin(w) / (2 q)`.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook (W3C Working Group Note, 2021).
    """

    q = Param(1.0, low=0.1, high=20.0, scale="log", role="q")

    @abstractmethod
    def coefficients(self, w: Tensor, alpha: Tensor) -> Terms:
        """`b0, b1, b2, a0, a1, a2`, of any common scale."""

    def design(self, sample_rate: float) -> Tensor:
        """One section, `(..., 1, 6)`."""
        corner: Tensor = getattr(self, "cutoff" if "cutoff" in self.declarations else "frequency")
        w = 2 * math.pi / sample_rate * corner
        return section(*self.coefficients(w, torch.sin(w) / (2 * self.q)))


def section(*terms: Tensor) -> Tensor:
    """`b0, b1, b2, a0, a1, a2`, of any common scale, as the one section `(..., 1, 6)` with `a0 = 1`."""
    if any(term.ndim for term in terms):
        terms = torch.broadcast_tensors(*terms)  # type: ignore[no-untyped-call]
    row = torch.stack(terms, -1)
    return (row / row[..., 3:4]).unsqueeze(-2)


def versine(w: Tensor) -> Tensor:
    """`1 - cos(w)` without the cancellation that costs a low corner its digits."""
    return 2 * torch.sin(w / 2) ** 2
