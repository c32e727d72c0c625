"""Filters, one family a file."""

from fxlab.filters.bessel import Bessel
from fxlab.filters.biquad import Biquad
from fxlab.filters.butterworth import Butterworth
from fxlab.filters.chebyshev import Chebyshev1, Chebyshev2
from fxlab.filters.classical import Classical
from fxlab.filters.elliptic import Elliptic
from fxlab.filters.equaliser import HighShelf, LowShelf, Peak
from fxlab.filters.first_order import DCBlock, DeEmphasis, OnePole, PreEmphasis
from fxlab.filters.linkwitz_riley import LinkwitzRiley
from fxlab.filters.mask import Margins, Mask
from fxlab.filters.passband import AllPass, BandPass, HighPass, LowPass, Notch
from fxlab.filters.riaa import RIAA
from fxlab.filters.specification import design
from fxlab.filters.weighting import Weighting

__all__ = [
    "RIAA",
    "AllPass",
    "BandPass",
    "Bessel",
    "Biquad",
    "Butterworth",
    "Chebyshev1",
    "Chebyshev2",
    "Classical",
    "DCBlock",
    "DeEmphasis",
    "Elliptic",
    "HighPass",
    "HighShelf",
    "LinkwitzRiley",
    "LowPass",
    "LowShelf",
    "Margins",
    "Mask",
    "Notch",
    "OnePole",
    "Peak",
    "PreEmphasis",
    "Weighting",
    "design",
]
