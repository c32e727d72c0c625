"""`FIR`: a filter defined by its taps."""

from __future__ import annotations

from torch import Tensor

from fxlab.module import ArrayParam, Finite


class FIR(Finite):
    """A finite impulse response filter defined by its taps: `y[n] = taps[0] x[n] + taps[1] x[n−1] + …`.

    The taps are the same at every sample rate, so the corner frequencies are proportional to it.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `taps` is empty or has more than two batch dimensions, or a tap is not a finite real number.

    >>> import torch
    >>> FIR([0.5, 0.25])(torch.tensor([[1.0, 0.0, 2.0, 0.0]]), sample_rate=8000)
    tensor([[0.5000, 0.2500, 1.0000, 0.5000]])
    """

    taps = ArrayParam([1.0], shape=("taps",), doc="Impulse response, starting at sample 0.")

    def design(self, sample_rate: float) -> Tensor:
        """Return the parameter `taps`, `(..., taps)`."""
        taps: Tensor = self.taps
        return taps
