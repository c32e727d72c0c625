"""Peaking and shelving sections of the Audio EQ Cookbook, the bands of an equalizer."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.filters.common.band_width import BandWidth
from fxlab.filters.common.parameters import BUTTERWORTH, decibels, hertz, quality
from fxlab.filters.cookbook.band import Band
from fxlab.filters.cookbook.biquad import Biquad, Terms
from fxlab.signal.samples import is_number

MAX_GAIN_DB = 12_000.0
"""The largest gain in dB for which `Shelf.sloping` finds q: `10 ** (gain_db / 40)` is then finite in float64."""


class Peak(Band):
    """A peaking filter: it boosts or cuts a band around one frequency.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `frequency` is not above 0 and below half the sample rate, `q` is not above 0, or the band is
            too wide for `width="exact"` or `"octaves"` at this sample rate.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook, "peakingEQ".

    >>> eq = Peak(frequency=1000.0, gain_db=6.0)
    >>> round(eq.response([1000.0], sample_rate=48_000).abs().item(), 3)
    1.995
    """

    frequency = hertz("Center of the band.")
    gain_db = decibels("Gain at the center; negative cuts.")
    q = quality(
        "Quality factor: frequency divided by the width of the band between the points of half the gain in dB; see "
        "width."
    )
    width = BandWidth()

    def coefficients(self, w: Tensor, alpha: Tensor) -> Terms:
        """Return the coefficients; see `Biquad.coefficients`."""
        a = 10 ** (self.gain_db / 40)
        a1 = -2 * torch.cos(w)
        return 1 + alpha * a, a1, 1 - alpha * a, 1 + alpha / a, a1, 1 - alpha / a


class Shelf(Biquad):
    """The base class of the two shelving filters: `sign` is +1 for a high shelf and −1 for a low shelf.

    The level at `cutoff`, in the middle of the transition, is `gain_db / 2` in dB.
    """

    cutoff = hertz("Middle of the transition, where the level is half the gain in dB.")
    gain_db = decibels("Gain of the shelf; negative cuts.")
    q = quality(
        "Quality factor of the analog filter, which sets the slope in the middle of the transition: 0.7071 gives the "
        "steepest one without overshoot.",
        BUTTERWORTH,
    )
    sign: ClassVar[float]

    @classmethod
    def sloping(cls, cutoff: float, gain_db: float, slope: float = 1.0, **options: Any) -> Self:
        """Return a shelf with the cookbook's slope: 1 is the steepest without overshoot, smaller values are gentler.

        `cutoff` is in Hz and `gain_db` in dB. `options` are the other arguments of the constructor.

        Raises:
            ParameterError: The slope is not above 0 or is so large that no q corresponds to it at this gain, the gain
                is beyond ±12 000 dB, or another value is invalid.

        >>> round(LowShelf.sloping(200.0, 6.0, slope=1.0).q, 4)
        0.7071
        """
        if not (is_number(gain_db) and abs(gain_db) <= MAX_GAIN_DB):
            raise ParameterError(
                f"{cls.__name__}: gain_db is {gain_db!r}; for a slope it must be a number of dB from {-MAX_GAIN_DB:g} "
                f"to {MAX_GAIN_DB:g}."
            )
        if not is_number(slope):
            raise ParameterError(f"{cls.__name__}: slope is {slope!r}; it must be a number above 0, such as 1.")
        a = 10 ** (gain_db / 40)
        square = (a + 1 / a) * (1 / slope - 1) + 2 if slope > 0 else 0.0
        if not square > 0:
            limit = f" and below {1 / (1 - 2 / (a + 1 / a)):.4g}" if a != 1 else ""
            raise ParameterError(f"{cls.__name__}: slope is {slope:g}; at {gain_db:g} dB it must be above 0{limit}.")
        return cls(cutoff, gain_db, 1 / math.sqrt(square), **options)

    def coefficients(self, w: Tensor, alpha: Tensor) -> Terms:
        """Return the coefficients; see `Biquad.coefficients`."""
        a = 10 ** (self.gain_db / 40)
        root = 2 * torch.sqrt(a) * alpha
        cosine = self.sign * torch.cos(w)
        up, down = (a + 1) + (a - 1) * cosine, (a + 1) - (a - 1) * cosine
        numerator = a * (up + root), -2 * self.sign * a * ((a - 1) + (a + 1) * cosine), a * (up - root)
        denominator = down + root, 2 * self.sign * ((a - 1) - (a + 1) * cosine), down - root
        return *numerator, *denominator


class LowShelf(Shelf):
    """A low-shelf filter: it boosts or cuts the frequencies below a corner by `gain_db`.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate, or `q` is not above 0.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook, "lowShelf".

    >>> shelf = LowShelf(cutoff=200.0, gain_db=6.0)
    >>> [round(gain, 3) for gain in shelf.response([0.0, 200.0, 20_000.0], sample_rate=48_000).abs().tolist()]
    [1.995, 1.413, 1.0]
    """

    sign = -1.0


class HighShelf(Shelf):
    """A high-shelf filter: it boosts or cuts the frequencies above a corner by `gain_db`.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate, or `q` is not above 0.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook, "highShelf".

    >>> shelf = HighShelf(cutoff=5000.0, gain_db=6.0)
    >>> [round(gain, 3) for gain in shelf.response([0.0, 5000.0, 24_000.0], sample_rate=48_000).abs().tolist()]
    [1.0, 1.413, 1.995]
    """

    sign = 1.0
