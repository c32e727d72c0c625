"""`Distortion`: a gain and a nonlinear curve, such as soft or hard clipping."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.effects.distortion.shapes import SHAPES, Shape
from fxlab.effects.distortion.waveshaping import Waveshaping, antialias, drive, oversample
from fxlab.engine import sosfilt
from fxlab.filters.first_order import one_pole
from fxlab.module import Choice

DC_CORNER = 10.0
"""Corner in Hz of the filter that removes the constant part that an asymmetric curve adds."""


class Distortion(Waveshaping):
    """A distortion: the input is amplified by `drive_db` and sent through a curve whose output stays within ±1.

    All curves have a slope of 1 at the origin, so that quiet sounds are amplified by `drive_db` and hardly distorted:

    - `tanh`: the hyperbolic tangent, which approaches ±1 gradually;
    - `soft`: x − 4 x³ / 27 for |x| up to 1.5 and ±1 beyond; up to 1.5, it adds only the third harmonic to a sine;
    - `hard`: clipping at ±1;
    - `fold`: the part beyond ±1 is mirrored at ±1, as often as needed;
    - `fuzz`: 1 − e^(−x) above and (e^(2x) − 1) / 2 below the origin. It is asymmetric and adds even harmonics; the
      constant part that it also adds is removed by a high-pass of first order at 10 Hz.

    Harmonics above half the sample rate appear as aliases at lower frequencies. `oversample` and `antialias` reduce
    them; see `Waveshaping`. With both off, each output sample is the value of the curve at the driven input, except for
    `fuzz` with its high-pass.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `oversample` is not a whole number from 1 to 8.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, section 4.3, for the curves; J. D. Parker,
        V. Zavalishin, E. Le Bivic, "Reducing the aliasing of nonlinear waveshaping using continuous-time convolution",
        DAFx 2016, for the antiderivative.

    >>> x = torch.tensor([[0.1, 0.5, -1.0]])
    >>> Distortion(drive_db=20.0, shape="hard")(x, sample_rate=48_000)
    tensor([[ 1.,  1., -1.]])
    >>> Distortion(drive_db=0.0, shape="tanh")(x, sample_rate=48_000).round(decimals=4)
    tensor([[ 0.0997,  0.4621, -0.7616]])
    """

    drive_db = drive()
    shape = Choice("tanh", tuple(SHAPES), doc="Curve that the driven input passes through.")
    oversample = oversample()
    antialias = antialias()

    def waveshape(self) -> Shape:
        """Return the curve of `shape`, with its integral."""
        return SHAPES[self.shape]

    def filter_output(self, y: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Filter `y`, the output of the curve, by a high-pass for `fuzz`; return it with the state of the filter.

        For other curves `y` is unchanged, and the state is None.
        """
        if self.shape != "fuzz":
            return y, None
        corner = torch.tensor(DC_CORNER, dtype=torch.float64, device=y.device)
        return sosfilt(y, one_pole(corner, sample_rate, "highpass"), state)
