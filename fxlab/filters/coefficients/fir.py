"""A filter by its impulse response."""

from __future__ import annotations

from torch import Tensor

from fxlab.module import ArrayParam, Finite


class FIR(Finite):
    """Filter by taps: `y[n] = taps[0] x[n] + taps[1] x[n−1] + …`.

    The numbers stand for themselves: at another sample rate the same filter has its corners elsewhere.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: No taps, or a number that is not finite.

    >>> import torch
    >>> FIR([0.5, 0.25])(torch.tensor([[1.0, 0.0, 2.0, 0.0]]), sample_rate=8000)
    tensor([[0.5000, 0.2500, 1.0000, 0.5000]])
    """

    taps = ArrayParam([1.0], shape=("taps",), doc="The impulse response, from its first sample.")

    def design(self, sample_rate: float) -> Tensor:
        """The taps."""
        taps: Tensor = self.taps
        return taps
