"""`Biquad`: the base class of the second-order sections of the Audio EQ Cookbook."""

from __future__ import annotations

import math
from abc import abstractmethod

import torch
from torch import Tensor

from fxlab.module import Param, Recursive

Terms = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]


class Biquad(Recursive):
    """One second-order section: the bilinear transform of an analog prototype, prewarped at its corner or center.

    A subclass defines `coefficients(self, w, alpha)`, where `w` is the angular frequency of its `cutoff` or
    `frequency` in radians per sample and `alpha = sin(w) / (2 q)`. A subclass with a band derives from `Band`, which
    offers other definitions of `alpha`.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook (W3C Working Group Note, 2021).
    """

    q = Param(1.0, low=0.1, high=20.0, scale="log", role="q")

    @abstractmethod
    def coefficients(self, w: Tensor, alpha: Tensor) -> Terms:
        """Return `b0, b1, b2, a0, a1, a2`, each `(...)`, up to a common factor; `Biquad` defines `w` and `alpha`."""

    def design(self, sample_rate: float) -> Tensor:
        """Return the section, `(..., 1, 6)`."""
        corner: Tensor = getattr(self, "cutoff" if "cutoff" in self.declarations else "frequency")
        w = 2 * math.pi / sample_rate * corner
        return section(*self.coefficients(w, self.alpha(w)))

    def alpha(self, w: Tensor) -> Tensor:
        """Return the cookbook's `alpha` for the current q and the corner `w` in radians per sample."""
        alpha: Tensor = torch.sin(w) / (2 * self.q)
        return alpha


def section(*terms: Tensor) -> Tensor:
    """Return the six terms `b0, b1, b2, a0, a1, a2`, broadcast, as one section `(..., 1, 6)`, divided by `a0`."""
    if any(term.ndim for term in terms):
        terms = torch.broadcast_tensors(*terms)  # type: ignore[no-untyped-call]
    row = torch.stack(terms, -1)
    return (row / row[..., 3:4]).unsqueeze(-2)


def versine(w: Tensor) -> Tensor:
    """Return `1 - cos(w)`, computed without the cancellation that would lose digits at low corners."""
    return 2 * torch.sin(w / 2) ** 2
