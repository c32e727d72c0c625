"""`MovingAverage`: the mean of the latest samples."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.filters.common.lengths import MAX_TAPS, max_count
from fxlab.module import Choice, Finite, Param
from fxlab.module.lti.linear_phase_delay import common_delay
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together


class MovingAverage(Finite):
    """A moving average: `y[n] = (x[n] + … + x[n − length + 1]) / length`.

    The length may be fractional: the oldest sample is then weighted by the fraction. The taps are differentiable with
    respect to the length, so it can be learned.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: The length is less than one sample or more than 2^20 samples.

    Source:
        S. W. Smith, The Scientist and Engineer's Guide to Digital Signal Processing, chapter 15.

    >>> MovingAverage(4).kernel(8000).tolist()
    [0.25, 0.25, 0.25, 0.25]
    >>> MovingAverage(0.5, unit="ms").kernel(4000).tolist()
    [0.5, 0.5]
    """

    length = Param(8.0, low=1.0, high=100.0, scale="log", doc="Length of the average, in samples or milliseconds.")
    unit = Choice("samples", ("samples", "ms"), doc="Unit of the length.")

    fixed_parameters: ClassVar[dict[str, str]] = dict.fromkeys(
        ("length",), "its number of taps would change over time."
    )

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if the length is invalid, or too short or long at this sample rate."""
        super()._check(sample_rate)
        one = 1.0 if self.unit == "samples" else 1000 / sample_rate
        length = self.values()["length"].detach().double()
        wrong = (length < one * (1 - 1e-12)) | (length > MAX_TAPS * one)
        if not any_true(wrong):
            return
        bad = length[wrong].flatten()[0].item()
        rest = "" if self.unit == "samples" else f", one sample at {sample_rate:g} Hz,"
        raise ParameterError(
            f"MovingAverage: length is {bad:g} {self.unit}; it must be at least {one:g} {self.unit}{rest} and at most "
            f"{MAX_TAPS * one:g} {self.unit}."
        )

    def design(self, sample_rate: float) -> Tensor:
        """Return the taps, `(..., taps)`; see `Finite.design`."""
        length = self._samples(sample_rate)[..., None]
        whole = _full_samples(length)
        index = torch.arange(max_count(whole, "MovingAverage") + 1, dtype=torch.float64, device=length.device)
        part = torch.where(index == whole, length - whole, torch.zeros_like(length))
        return torch.where(index < whole, torch.ones_like(part), part) / length

    def latency(self, sample_rate: float | None = None) -> float:
        """Return the group delay at 0 Hz, in samples.

        It is `(length − 1) / 2` if the length is a whole number of samples.

        Raises:
            ParameterError: The examples of a batch have different delays, or a value is invalid.
        """
        taps = self._taps(self._checked_rate(sample_rate)).detach()
        places = torch.arange(taps.shape[-1], dtype=taps.dtype, device=taps.device)
        return common_delay((taps * places).sum(-1).flatten().tolist(), self._name())

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        with use_values(self, broadcast_together(self.values())):
            length = self._samples(rate)[..., None]
        whole, omega = _full_samples(length), 2 * math.pi / rate * frequencies
        return (_dirichlet_kernel(whole, omega) + (length - whole) * _unit_phasor(whole * omega)) / length

    def _samples(self, rate: float) -> Tensor:
        length: Tensor = self.length
        return length if self.unit == "samples" else length * (rate / 1000)


def _full_samples(length: Tensor) -> Tensor:
    """Return the number of samples with weight 1; the oldest sample has the remaining weight, which is not 0."""
    return torch.ceil(length.detach() * (1 - 1e-14)) - 1


def _dirichlet_kernel(count: Tensor, omega: Tensor) -> Tensor:
    """Return the response of `count` taps of 1 at `omega` radians per sample: Dirichlet's kernel."""
    half = omega / 2
    is_zero = torch.sin(half) == 0
    size = torch.where(is_zero, count, torch.sin(count * half) / torch.where(is_zero, 1.0, torch.sin(half)))
    return size * _unit_phasor((count - 1) * half)


def _unit_phasor(angle: Tensor) -> Tensor:
    return torch.complex(torch.cos(angle), -torch.sin(angle))
