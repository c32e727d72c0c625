"""Filters, one family a file."""

from fxlab.filters.bessel import Bessel
from fxlab.filters.biquad import Biquad
from fxlab.filters.butterworth import Butterworth
from fxlab.filters.chebyshev import Chebyshev1, Chebyshev2
from fxlab.filters.classical import Classical
from fxlab.filters.elliptic import Elliptic
from fxlab.filters.equaliser import HighShelf, LowShelf, Peak
from fxlab.filters.fir import FIR
from fxlab.filters.first_order import DCBlock, DeEmphasis, OnePole, PreEmphasis
from fxlab.filters.fixed_point import FixedPoint, LimitCycle
from fxlab.filters.ladder import Ladder
from fxlab.filters.linkwitz_riley import LinkwitzRiley
from fxlab.filters.mask import Margins, Mask
from fxlab.filters.passband import AllPass, BandPass, HighPass, LowPass, Notch
from fxlab.filters.riaa import RIAA
from fxlab.filters.sections import SOS
from fxlab.filters.specification import design
from fxlab.filters.state_variable import StateVariable
from fxlab.filters.transfer_function import TransferFunction
from fxlab.filters.weighting import Weighting
from fxlab.filters.zero_phase import ZeroPhase
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
    "DCBlock",
    "DeEmphasis",
    "Elliptic",
    "FixedPoint",
    "HighPass",
    "HighShelf",
    "Ladder",
    "LimitCycle",
    "LinkwitzRiley",
    "LowPass",
    "LowShelf",
    "Margins",
    "Mask",
    "Notch",
    "OnePole",
    "Peak",
    "PreEmphasis",
    "StateVariable",
    "TransferFunction",
    "Weighting",
    "ZeroPhase",
    "design",
]
