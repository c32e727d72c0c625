"""Filters, one family a file."""

from fxlab.filters.bessel import Bessel
from fxlab.filters.biquad import Biquad
from fxlab.filters.butterworth import Butterworth
from fxlab.filters.chebyshev import Chebyshev1, Chebyshev2
from fxlab.filters.classical import Classical
from fxlab.filters.comb import Comb
from fxlab.filters.convolve import Convolve
from fxlab.filters.differentiator import Differentiator
from fxlab.filters.elliptic import Elliptic
from fxlab.filters.equaliser import HighShelf, LowShelf, Peak
from fxlab.filters.equiripple import Equiripple
from fxlab.filters.fir import FIR
from fxlab.filters.first_order import DCBlock, DeEmphasis, OnePole, PreEmphasis
from fxlab.filters.hilbert import Hilbert
from fxlab.filters.kaiser import Kaiser
from fxlab.filters.least_squares import LeastSquares
from fxlab.filters.linkwitz_riley import LinkwitzRiley
from fxlab.filters.moving_average import MovingAverage
from fxlab.filters.passband import AllPass, BandPass, HighPass, LowPass, Notch
from fxlab.filters.riaa import RIAA
from fxlab.filters.sections import SOS
from fxlab.filters.transfer_function import TransferFunction
from fxlab.filters.weighting import Weighting
from fxlab.filters.windowed_sinc import WindowedSinc
from fxlab.filters.zpk import ZPK

__all__ = [
    "FIR",
    "RIAA",
    "SOS",
    "ZPK",
    "AllPass",
    "BandPass",
    "Bessel",
    "Biquad",
    "Butterworth",
    "Chebyshev1",
    "Chebyshev2",
    "Classical",
    "Comb",
    "Convolve",
    "DCBlock",
    "DeEmphasis",
    "Differentiator",
    "Elliptic",
    "Equiripple",
    "HighPass",
    "HighShelf",
    "Hilbert",
    "Kaiser",
    "LeastSquares",
    "LinkwitzRiley",
    "LowPass",
    "LowShelf",
    "MovingAverage",
    "Notch",
    "OnePole",
    "Peak",
    "PreEmphasis",
    "TransferFunction",
    "Weighting",
    "WindowedSinc",
]
