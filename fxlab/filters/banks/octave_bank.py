"""`OctaveBank`: octave and fractional-octave bands of IEC 61260."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.filters.banks.bank import format_frequency
from fxlab.filters.banks.butterworth_bank import ButterworthBank
from fxlab.filters.common.parameters import band_gains, band_order
from fxlab.module import Choice, Count
from fxlab.signal.samples import is_number

OCTAVE = 10**0.3
"""The octave ratio of IEC 61260, 10^(3/10): ten third-octaves are exactly a decade."""

REFERENCE = 1000.0
"""The reference frequency of IEC 61260 in Hz, from which the bands are counted."""

SERIES = (1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8)
"""The nominal frequencies of the third-octave bands of one decade, relative to the first."""

NOMINAL = tuple(round(value * 10.0**decade, 4) for decade in range(-1, 5) for value in SERIES)[7:-6]
"""The nominal frequencies in Hz of the third-octave bands from 0.5 Hz to 20 kHz, such as 31.5 for a center of 31.62."""

LOWEST_NUMBER = -33
"""The index of the third-octave band at `NOMINAL[0]`, counted from 1 kHz."""

AUDIBLE = NOMINAL[16:]
"""The nominal frequencies from 20 Hz on."""

HIGHEST = "highest"


def nominal_name(value: float) -> str:
    """Return a nominal frequency in Hz as text: `"31.5 Hz"`, `"1.25 kHz"`."""
    return f"{value / 1000:g} kHz" if value >= 1000 else f"{value:g} Hz"


class Nominal(Choice):
    """A choice among the names of the nominal frequencies and the further names `others`.

    A nominal frequency may also be given as a number in Hz, such as 1000 for `"1 kHz"`.

    >>> Nominal("1 kHz", doc="A band.").validate(31.5, "OctaveBank")
    '31.5 Hz'
    """

    def __init__(self, default: str, others: tuple[str, ...] = (), *, doc: str = "") -> None:
        super().__init__(default, (*map(nominal_name, NOMINAL), *others), doc=doc)

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> str:
        """Return the name of `value`; raise a `ParameterError` that lists the allowed names if `value` is invalid."""
        if is_number(value) and value in NOMINAL:
            return nominal_name(float(value))
        return super().validate(value, owner, sample_rate)


class OctaveBank(ButterworthBank):
    """A bank of octave, third-octave or other fractional-octave bands with the centers of IEC 61260.

    The centers are `1000 · 10^(3k/(10b))` Hz for integers k, where b is `fraction`, the number of bands in an octave;
    for an even b they are half a band higher. The edges lie half a band below and above the center. Each band is a
    Butterworth band-pass, −3 dB at its edges. At order 3 a band is a class 1 filter if its upper edge lies below a
    fifth of the sample rate; above that, the bilinear transform makes its lower slope too shallow.

    From order 2 on, the powers of the bands add up to about the power of the input between the centers of the lowest
    and the highest band. With an odd order from 3 on, the level of the sum of the bands differs from that of the input
    by less than 3 dB in this range, if the highest band ends below 0.4 of the sample rate; with an even order the sum
    has a notch or a peak where two bands meet.

    The bands can reach down to 0.5 Hz, for vibration and infrasound, also at audio sample rates: the response of the
    lowest bands is accurate to 2e-6 at 48 kHz and to 4e-5 at 192 kHz. An octave band of order 3 takes about
    `6 / width` seconds to decay by 60 dB, with the width in Hz, and a third-octave band about `4.9 / width` seconds:
    17 s and 42 s at 0.5 Hz.

    Shape:
        Input and output: `(..., channels, time)`; the bands: `(..., channels, bands, time)`.

    Raises:
        ParameterError: The band of `low` lies above that of `high`, a band reaches up to half the sample rate or
            beyond, the number of gains is neither 1 nor the number of bands, or another value is invalid.

    Source:
        IEC 61260-1:2014, Electroacoustics: Octave-band and fractional-octave-band filters.

    >>> octaves = OctaveBank(low=63, high=1000)
    >>> octaves.names(16_000), octaves.centers(sample_rate=16_000).round(decimals=1).tolist()
    (['63 Hz', '125 Hz', '250 Hz', '500 Hz', '1 kHz'], [63.1, 125.9, 251.2, 501.2, 1000.0])
    """

    fraction = Count(1, low=1, high=3, at_most=24, doc="Bands in an octave: 1, or 3 for thirds.")
    low = Nominal("31.5 Hz", doc="A frequency in the lowest band, from 0.5 Hz on.")
    high = Nominal(
        HIGHEST,
        (HIGHEST,),
        doc="A frequency in the highest band; by default the highest band up to 20 kHz that fits below half the sample "
        "rate.",
    )
    order = band_order(3)
    gains_db = band_gains()

    def names(self, sample_rate: float | None = None) -> list[str]:
        """Return the name of each band, such as `"31.5 Hz"`: its nominal frequency, or its center if it has none."""
        rate, b = self._checked_rate(sample_rate), self.fraction
        thirds = {number: nominal_name(value) for number, value in enumerate(NOMINAL, start=LOWEST_NUMBER)}
        names = {number: format_frequency(_center(number, b)) for number in self._numbers(rate)}
        return [thirds.get(number * 3 // b, name) if b in (1, 3) else name for number, name in names.items()]

    def layout(self, sample_rate: float) -> Tensor:
        """Return the lower edge, center and upper edge of each band in Hz, `(..., bands, 3)`."""
        centers = [_center(number, self.fraction) for number in self._numbers(sample_rate)]
        center = torch.tensor(centers, dtype=torch.float64, device=self._device())
        half_band = OCTAVE ** (0.5 / self.fraction)
        return torch.stack([center / half_band, center, center * half_band], -1)

    def _count(self, rate: float) -> int:
        return len(self._numbers(rate))

    def _numbers(self, rate: float) -> range:
        """Return the indices of the bands; band 0 is centered at 1 kHz, or begins there if `fraction` is even."""
        low, high = _band_at(_nominal_hertz(self.low), self.fraction), _band_at(NOMINAL[-1], self.fraction)
        if self.high != HIGHEST:
            return range(low, _band_at(_nominal_hertz(self.high), self.fraction) + 1)
        while high >= low and _upper_edge(high, self.fraction) >= rate / 2:
            high -= 1
        return range(low, high + 1)

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid, there is no band, or a band reaches half the sample rate."""
        numbers, b = self._numbers(sample_rate), self.fraction
        limit = f"at a sample rate of {sample_rate:g} Hz it must stay below {sample_rate / 2:g} Hz"
        if not numbers and self.high != HIGHEST:
            raise ParameterError(
                f"{self._name()}: low is {self.low} and high {self.high}; low must not lie above high; exchange them."
            )
        if not numbers:
            top = _upper_edge(_band_at(_nominal_hertz(self.low), b), b)
            raise ParameterError(
                f"{self._name()}: its lowest band, which contains {self.low}, reaches up to {top:.0f} Hz; {limit}: "
                "choose a lower value of low, or a signal with a higher sample rate."
            )
        if (top := _upper_edge(numbers[-1], b)) >= sample_rate / 2:
            raise ParameterError(
                f"{self._name()}: its highest band, which contains {self.high}, reaches up to {top:.0f} Hz; {limit}: "
                f"choose high={HIGHEST!r}, or a signal with a higher sample rate."
            )
        super()._check(sample_rate)


def _center(number: int, fraction: int) -> float:
    """Return the center in Hz of the band with index `number`, with `fraction` bands per octave."""
    shift = 0.0 if fraction % 2 else 0.5
    return REFERENCE * float(OCTAVE ** ((number + shift) / fraction))


def _band_at(frequency: float, fraction: int) -> int:
    """Return the index of the band that contains a frequency in Hz, with `fraction` bands per octave."""
    position = fraction * math.log(frequency / REFERENCE) / math.log(OCTAVE)
    return round(position) if fraction % 2 else math.floor(position)


def _upper_edge(number: int, fraction: int) -> float:
    """Return the upper edge in Hz of the band with index `number`, with `fraction` bands per octave."""
    return float(_center(number, fraction) * OCTAVE ** (0.5 / fraction))


def _nominal_hertz(name: str) -> float:
    """Return the frequency in Hz that a nominal name such as `"1.25 kHz"` denotes."""
    return NOMINAL[[nominal_name(value) for value in NOMINAL].index(name)]
