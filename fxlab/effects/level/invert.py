"""`Invert`: the inversion of the polarity."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.filters.cookbook.biquad import section
from fxlab.module import Recursive


class Invert(Recursive):
    """A polarity inverter: `y[n] = −x[n]`.

    Shape:
        Input and output: `(..., channels, time)`.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, "Introduction".

    >>> Invert()(torch.tensor([[1.0, -0.5]]), sample_rate=48_000)
    tensor([[-1.0000,  0.5000]])
    """

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return `x` with the sign of every sample changed."""
        return -x

    def design(self, sample_rate: float) -> Tensor:
        """Return one section, `(1, 6)`, without poles and zeros."""
        one, zero = torch.ones((), dtype=torch.float64), torch.zeros((), dtype=torch.float64)
        return section(-one, zero, zero, one, zero, zero)
