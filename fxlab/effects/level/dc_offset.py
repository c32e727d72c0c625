"""`DCOffset`: a constant that is added to every sample."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from fxlab.module import Param, StatefulModule


class DCOffset(StatefulModule):
    """A constant that is added to every sample: `y[n] = x[n] + offset`.

    Before a distortion it makes the curve asymmetric, which adds even harmonics. `DCBlock` removes an offset.

    Shape:
        Input and output: `(..., channels, time)`.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, "Nonlinear processing".

    >>> import torch
    >>> DCOffset(0.25)(torch.tensor([[0.0, -0.5]]), sample_rate=48_000)
    tensor([[ 0.2500, -0.2500]])
    """

    offset = Param(0.1, low=-1.0, high=1.0, doc="Constant to add; full scale is 1.")

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, None]:
        """Return the next block plus the constant; there is no state."""
        return x + self.offset.to(x.dtype), None
