"""Filters, one family a file."""

from fxlab.filters.biquad import Biquad
from fxlab.filters.equaliser import HighShelf, LowShelf, Peak
from fxlab.filters.passband import AllPass, BandPass, HighPass, LowPass, Notch

__all__ = ["AllPass", "BandPass", "Biquad", "HighPass", "HighShelf", "LowPass", "LowShelf", "Notch", "Peak"]
