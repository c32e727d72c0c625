"""`Band`: the base class of the cookbook's band filters, whose q has one of three meanings."""

from __future__ import annotations

from typing import Any, Self

from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.filters.common.band_width import check_band, check_octaves, half_band, q_of_octaves, widest_band
from fxlab.filters.cookbook.biquad import Biquad


class Band(Biquad):
    """The base class of sections with a band around `frequency`; a subclass declares `frequency`, `q` and `width`.

    With `w = 2 π frequency / sample_rate`, the band of the cookbook's formula is `sample_rate / π · atan(sin(w) /
    (2 q))` Hz wide. That is about `frequency / q` at low frequencies. The bilinear transform makes it narrower towards
    half the sample rate: at 15 kHz, q = 10 and a sample rate of 44.1 kHz it is 592 Hz wide instead of 1500 Hz.
    `width="exact"` makes it exactly `frequency / q` Hz wide at every frequency, as SciPy's `iirnotch` and `iirpeak` do.
    `width="octaves"` nearly keeps the analog filter's width in octaves, with the cookbook's formula for bandwidths.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook (W3C Working Group Note, 2021); S. J. Orfanidis, Introduction to Signal
        Processing, 11.3.
    """

    width: Any

    @classmethod
    def spanning(cls, frequency: Any, octaves: Any, **options: Any) -> Self:
        """Return a filter with `width="octaves"` whose band around `frequency`, in Hz, is `octaves` wide.

        `options` are the other arguments of the constructor; a `width` among them replaces `"octaves"`.

        At frequencies far below the sample rate the width is that of the analog filter. At higher ones it deviates,
        because the cookbook's formula allows for the bilinear transform only at the center of the band. Up to 0.3 of
        the sample rate, the deviation is at most 1.3 % for a band of one octave and 0.2 % for a third of an octave.

        Raises:
            ParameterError: `octaves` is not above 0 and at most 100, `q` is among the options, or another value is
                invalid.
        """
        check_octaves(octaves, cls.__name__)
        if "q" in options:
            raise ParameterError(f"{cls.__name__}: q follows from octaves in `spanning`; leave out q.")
        return cls(frequency=frequency, q=q_of_octaves(octaves), **{"width": "octaves", **options})

    def alpha(self, w: Tensor) -> Tensor:
        """Return the cookbook's `alpha`, the tangent of half the width of the band in radians per sample."""
        return half_band(w, self.q, self.width)

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid, or q is too low for the choice of `width`."""
        super()._check(sample_rate)
        check_band(self, widest_band(self, "frequency"), "frequency", sample_rate)
