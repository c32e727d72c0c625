"""`Reverse`: backward playback."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.errors import FxlabError
from fxlab.module import Module


class Reverse(Module):
    """Backward playback. It cannot stream, since the first output sample is the last input sample.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        FxlabError: It is used in a stream.

    >>> Reverse()(torch.tensor([[1.0, 2.0, 3.0]]), sample_rate=48_000)
    tensor([[3., 2., 1.]])
    """

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return `x` with the order of its samples reversed."""
        return torch.flip(x, (-1,))

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Raise an `FxlabError`: the first output sample is the last one of the input."""
        raise FxlabError(
            f"{self._name()} cannot stream: its first output sample is the last one of the input. Process the whole "
            "signal in one call."
        )
