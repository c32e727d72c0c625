"""Octave and fractional-octave bands as IEC 61260 lays them."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.filters.banks.bank import in_hertz
from fxlab.filters.banks.butterworth_bank import ButterworthBank
from fxlab.filters.common.parameters import band_gains, band_order
from fxlab.module import Choice, Count
from fxlab.signal.samples import is_number

OCTAVE = 10**0.3
"""The ratio of an octave, base ten: ten thirds of an octave are a decade."""
REFERENCE = 1000.0
SERIES = (20, 25, 31.5, 40, 50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800)
NOMINAL = (*SERIES, *(10 * value for value in SERIES[7:]), *(100 * value for value in SERIES[7:11]))
"""The names in Hz of the thirds of an octave that are heard: of 31.62 Hz 31.5, of 1995 Hz 2000."""


HIGHEST = "highest"


def nominal_name(value: float) -> str:
    """A nominal frequency: `"31.5 Hz"`, `"1.25 kHz"`."""
    return f"{value / 1000:g} kHz" if value >= 1000 else f"{value:g} Hz"


class Nominal(Choice):
    """Declare a parameter that is one of the nominal frequencies, or of `others`; it takes `1000` for `"1 kHz"`.

    >>> Nominal("1 kHz", doc="A band.").validate(31.5, "OctaveBank")
    '31.5 Hz'
    """

    def __init__(self, default: str, others: tuple[str, ...] = (), *, doc: str = "") -> None:
        super().__init__(default, (*map(nominal_name, NOMINAL), *others), doc=doc)

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> str:
        """Return the name, or say which names there are."""
        if is_number(value) and float(value) in NOMINAL:
            return nominal_name(float(value))
        return super().validate(value, owner, sample_rate)


class OctaveBank(ButterworthBank):
    """Take a sound apart into octaves, or into thirds or other fractions of them, with the centres of IEC 61260.

    The centres are `1000 · 10^(3k/10)` Hz and, of 1/b octaves, `1000 · 10^(3k/10b)`; the edges lie half a band to
    either side. Each band is a Butterworth band-pass, −3 dB at its edges, so the powers of the bands add up to that of
    the whole. At order 3 each is a filter of class 1, as long as its upper edge lies below a fifth of the sample rate;
    above, the bilinear transform makes its lower skirt shallower than that. The sum of all stays within 3 dB of the
    whole at an odd order; at an even one it has a notch or a bump where two bands meet.

    Shape:
        Input and output: `(..., channels, time)`; the bands: `(..., channels, bands, time)`.

    Raises:
        ParameterError: `low` lies above `high`, or a band reaches beyond half the sample rate.

    Source:
        IEC 61260-1:2014, Electroacoustics: Octave-band and fractional-octave-band filters.

    >>> octaves = OctaveBank(low=63, high=1000)
    >>> octaves.names(16_000), octaves.centres(sample_rate=16_000).round(decimals=1).tolist()
    (['63 Hz', '125 Hz', '250 Hz', '500 Hz', '1 kHz'], [63.1, 125.9, 251.2, 501.2, 1000.0])
    """

    fraction = Count(1, low=1, high=3, at_most=24, doc="Bands in an octave: 1, or 3 for thirds.")
    low = Nominal("31.5 Hz", doc="A frequency in the lowest band.")
    high = Nominal(
        HIGHEST,
        (HIGHEST,),
        doc="A frequency in the highest band; by default the highest of 20 kHz that fits below half the sample rate.",
    )
    order = band_order(3)
    gains_db = band_gains()

    def names(self, sample_rate: float | None = None) -> list[str]:
        """The nominal frequency of each band where it has one, or its centre."""
        rate, b = self._checked_rate(sample_rate), self.fraction
        thirds = {number: nominal_name(value) for number, value in enumerate(NOMINAL, start=-17)}
        names = {number: in_hertz(_centre(number, b)) for number in self._numbers(rate)}
        return [thirds.get(number * 3 // b, name) if b in (1, 3) else name for number, name in names.items()]

    def layout(self, sample_rate: float) -> Tensor:
        """See `Bank`."""
        centres = [_centre(number, self.fraction) for number in self._numbers(sample_rate)]
        middle = torch.tensor(centres, dtype=torch.float64, device=self._device())
        half = OCTAVE ** (0.5 / self.fraction)
        return torch.stack([middle / half, middle, middle * half], -1)

    def _count(self, rate: float) -> int:
        return len(self._numbers(rate))

    def _numbers(self, rate: float) -> range:
        """The bands, counted from the one at (or, where they are even in number, next above) 1 kHz."""
        low, high = _holding(_hertz(self.low), self.fraction), _holding(NOMINAL[-1], self.fraction)
        if self.high != HIGHEST:
            return range(low, _holding(_hertz(self.high), self.fraction) + 1)
        while high >= low and _top(high, self.fraction) >= rate / 2:
            high -= 1
        return range(low, high + 1)

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where a value is not valid, or not at this sample rate, or not beside another."""
        numbers, b = self._numbers(sample_rate), self.fraction
        limit = f"at a sample rate of {sample_rate:g} Hz nothing lies above {sample_rate / 2:g} Hz"
        if not numbers and self.high != HIGHEST:
            raise ParameterError(f"{self._name()}: low is {self.low} and high {self.high}; exchange them.")
        if not numbers:
            top = _top(_holding(_hertz(self.low), b), b)
            raise ParameterError(
                f"{self._name()}: its lowest band, that of {self.low}, reaches up to {top:.0f} Hz; {limit}: take a "
                "lower low, or a signal of a higher sample rate."
            )
        if (top := _top(numbers[-1], b)) >= sample_rate / 2:
            raise ParameterError(
                f"{self._name()}: its highest band, that of {self.high}, reaches up to {top:.0f} Hz; {limit}: take "
                f"high={HIGHEST!r}, or a signal of a higher sample rate."
            )
        super().check(sample_rate)


def _centre(number: int, fraction: int) -> float:
    shift = 0.0 if fraction % 2 else 0.5
    return REFERENCE * float(OCTAVE ** ((number + shift) / fraction))


def _holding(frequency: float, fraction: int) -> int:
    """The number of the band that a frequency lies in."""
    place = fraction * math.log(frequency / REFERENCE) / math.log(OCTAVE)
    return round(place) if fraction % 2 else math.floor(place)


def _top(number: int, fraction: int) -> float:
    """The upper edge of a band."""
    return float(_centre(number, fraction) * OCTAVE ** (0.5 / fraction))


def _hertz(name: str) -> float:
    return NOMINAL[[nominal_name(value) for value in NOMINAL].index(name)]
