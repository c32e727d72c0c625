"""`Overdrive`: the soft clipping of a driven amplifier, with a tone control."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import torch
from torch import Tensor

from fxlab.effects.distortion.shapes import Shape
from fxlab.effects.distortion.waveshaping import Waveshaping, antialias, oversample
from fxlab.effects.dynamics.dynamics import per_row
from fxlab.engine import one_pole
from fxlab.filters.common.parameters import hertz
from fxlab.module import Param

BEND, LIMIT = 1 / 3, 2 / 3
"""The inputs where the line ends and where the output becomes constant."""


class Overdrive(Waveshaping):
    """An overdrive: a gain, a curve of linear, quadratic and constant parts, and a low-pass filter as tone control.

    For positive x the curve is 2 x up to 1/3, 1 − (2 − 3 x)² / 3 up to 2/3, and 1 beyond; it is odd. Quiet notes are
    not distorted, and loud ones get odd harmonics. The tone filter is of first order.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `tone` is not above 0 and below half the sample rate, or `oversample` is not a whole number from
            1 to 8.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, section 4.3.2: the curve of M. Schetzen's symmetrical
        soft clipping.

    >>> Overdrive(drive_db=0.0, tone=20_000.0)(torch.tensor([[0.0, 0.0, 0.1, 0.5, 0.9]]), sample_rate=192_000).shape
    torch.Size([1, 5])
    """

    fixed_parameters: ClassVar[dict[str, str]] = {"tone": "the tone filter has one corner for the whole signal."}

    drive_db = Param(12.0, low=0.0, high=40.0, unit="dB", role="gain", doc="Gain before the curve.")
    tone = hertz("Corner frequency of the low-pass filter after the curve.", default=5000.0, low=500.0)
    oversample = oversample()
    antialias = antialias()

    def waveshape(self) -> Shape:
        """Return the curve of soft clipping, with its integral."""
        return SOFT_CLIPPING

    def filter_output(self, y: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return `y` filtered by the tone filter, and the state of the filter."""
        corner = self.tone.to(y.device).double()
        pole = torch.exp(-2 * math.pi * per_row(corner) / sample_rate)
        return one_pole(y, pole, state)


def _curve(x: Tensor) -> Tensor:
    size = x.abs()
    bent = 1 - (2 - 3 * size.clamp(BEND, LIMIT)).square() / 3
    return torch.where(size <= BEND, 2 * x, torch.sign(x) * bent)


def _integral(a: Tensor, b: Tensor) -> Tensor:
    """Return the integral of the curve from a to b, elementwise."""
    line_a, line_b = a.clamp(-BEND, BEND), b.clamp(-BEND, BEND)
    flat = (b.clamp(min=LIMIT) - a.clamp(min=LIMIT)) - (b.clamp(max=-LIMIT) - a.clamp(max=-LIMIT))
    bent = _bent(a.clamp(BEND, LIMIT), b.clamp(BEND, LIMIT)) + _bent((-a).clamp(BEND, LIMIT), (-b).clamp(BEND, LIMIT))
    return (line_b - line_a) * (line_b + line_a) + bent + flat


def _bent(a: Tensor, b: Tensor) -> Tensor:
    """Return the integral of 1 − (2 − 3 x)² / 3 from a to b, both from 1/3 to 2/3."""
    u, v = 2 - 3 * a, 2 - 3 * b
    return (b - a) * (1 - (u.square() + u * v + v.square()) / 9)


SOFT_CLIPPING = Shape(_curve, _integral)
