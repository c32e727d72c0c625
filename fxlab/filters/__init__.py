"""Filters, one family a file."""

from fxlab.filters.biquad import Biquad
from fxlab.filters.equaliser import HighShelf, LowShelf, Peak
from fxlab.filters.first_order import DCBlock, DeEmphasis, OnePole, PreEmphasis
from fxlab.filters.passband import AllPass, BandPass, HighPass, LowPass, Notch
from fxlab.filters.weighting import Weighting

__all__ = [
    "AllPass",
    "BandPass",
    "Biquad",
    "DCBlock",
    "DeEmphasis",
    "HighPass",
    "HighShelf",
    "LowPass",
    "LowShelf",
    "Notch",
    "OnePole",
    "Peak",
    "PreEmphasis",
    "Weighting",
]
