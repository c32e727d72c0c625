"""The mean of the last samples."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.filters.common.lengths import MAX_TAPS, max_count
from fxlab.module import Choice, Finite, Param
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together


class MovingAverage(Finite):
    """Take the mean of the last samples: `y[n] = (x[n] + … + x[n − length + 1]) / length`.

    The length need not be whole: the oldest sample counts by the fraction that is left. So it can be learned.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: A length of less than one sample, or of more than a million.

    Source:
        S. W. Smith, The Scientist and Engineer's Guide to Digital Signal Processing, chapter 15.

    >>> MovingAverage(4).kernel(8000).tolist()
    [0.25, 0.25, 0.25, 0.25]
    >>> MovingAverage(0.5, unit="ms").kernel(4000).tolist()
    [0.5, 0.5]
    """

    length = Param(8.0, low=1.0, high=100.0, scale="log", doc="How many samples, or milliseconds, it looks back.")
    unit = Choice("samples", ("samples", "ms"), doc="What the length counts.")

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where the length is not valid, or not at this sample rate."""
        super().check(sample_rate)
        one = 1.0 if self.unit == "samples" else 1000 / sample_rate
        length = self.values()["length"].detach().double()
        wrong = (length < one * (1 - 1e-12)) | (length > MAX_TAPS * one)
        if not any_true(wrong):
            return
        bad = length[wrong].flatten()[0].item()
        rest = "" if self.unit == "samples" else f", one sample at {sample_rate:g} Hz,"
        raise ParameterError(
            f"MovingAverage: length is {bad:g} {self.unit}; allowed is at least {one:g} {self.unit}{rest} and at most "
            f"{MAX_TAPS * one:g} {self.unit}."
        )

    def design(self, sample_rate: float) -> Tensor:
        """See `Finite`."""
        length = self._samples(sample_rate)[..., None]
        whole = _whole(length)
        index = torch.arange(max_count(whole) + 1, dtype=torch.float64, device=length.device)
        part = torch.where(index == whole, length - whole, torch.zeros_like(length))
        return torch.where(index < whole, torch.ones_like(part), part) / length

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        with use_values(self, broadcast_together(self.values())):
            length = self._samples(rate)[..., None]
        whole, omega = _whole(length), 2 * math.pi / rate * frequencies
        return (_ones(whole, omega) + (length - whole) * _turn(whole * omega)) / length

    def _samples(self, rate: float) -> Tensor:
        length: Tensor = self.length
        return length if self.unit == "samples" else length * (rate / 1000)


def _whole(length: Tensor) -> Tensor:
    """The samples in front of the last one, which counts by what is left, more than nothing."""
    return torch.ceil(length.detach() * (1 - 1e-14)) - 1


def _ones(count: Tensor, omega: Tensor) -> Tensor:
    """Of `count` ones in a row the response at `omega`: Dirichlet's kernel."""
    half = omega / 2
    still = torch.sin(half) == 0
    size = torch.where(still, count, torch.sin(count * half) / torch.where(still, 1.0, torch.sin(half)))
    return size * _turn((count - 1) * half)


def _turn(angle: Tensor) -> Tensor:
    return torch.complex(torch.cos(angle), -torch.sin(angle))
