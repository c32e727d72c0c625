"""`StereoWidth`: the width of the stereo image."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from fxlab.module import Param, StatefulModule


class StereoWidth(StatefulModule):
    """A stereo widener: the difference of each channel from the mean of all channels is scaled by `width`.

    0 makes the sound mono, 1 leaves it unchanged, and 2 doubles the side, `(left − right) / 2`. The middle,
    `(left + right) / 2`, stays the same. A mono sound is not changed; more than two channels are processed in the same
    way.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `width` is negative.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, "Spatial effects".

    >>> import torch
    >>> StereoWidth(0.5)(torch.tensor([[1.0], [0.0]]), sample_rate=48_000)
    tensor([[0.7500],
            [0.2500]])
    """

    width = Param(1.5, low=0.0, high=2.0, at_least=0.0, doc="Width: 0 is mono, 1 is unchanged, 2 doubles the side.")

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, None]:
        """Return the next block with the changed width; there is no state."""
        middle = x.mean(-2, keepdim=True) if x.ndim > 1 else x
        return middle + self.width.to(x.dtype) * (x - middle), None
