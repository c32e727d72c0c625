"""Filters, one family a file."""

from fxlab.filters.bank import Bank
from fxlab.filters.bessel import Bessel
from fxlab.filters.biquad import Biquad
from fxlab.filters.butterworth import Butterworth
from fxlab.filters.chebyshev import Chebyshev1, Chebyshev2
from fxlab.filters.classical import Classical
from fxlab.filters.comb import Comb
from fxlab.filters.convolve import Convolve
from fxlab.filters.crossover import Crossover
from fxlab.filters.differentiator import Differentiator
from fxlab.filters.elliptic import Elliptic
from fxlab.filters.equaliser import HighShelf, LowShelf, Peak
from fxlab.filters.equiripple import Equiripple
from fxlab.filters.fir import FIR
from fxlab.filters.first_order import DCBlock, DeEmphasis, OnePole, PreEmphasis
from fxlab.filters.fixed_point import FixedPoint, LimitCycle
from fxlab.filters.gammatone import GammatoneBank
from fxlab.filters.graphic import GraphicEQ
from fxlab.filters.hilbert import Hilbert
from fxlab.filters.kaiser import Kaiser
from fxlab.filters.ladder import Ladder
from fxlab.filters.least_squares import LeastSquares
from fxlab.filters.linkwitz_riley import LinkwitzRiley
from fxlab.filters.log_bank import LogFilterBank
from fxlab.filters.mask import Margins, Mask
from fxlab.filters.mel_bank import MelBank
from fxlab.filters.moving_average import MovingAverage
from fxlab.filters.octave import OctaveBank
from fxlab.filters.parametric import ParametricEQ
from fxlab.filters.passband import AllPass, BandPass, HighPass, LowPass, Notch
from fxlab.filters.riaa import RIAA
from fxlab.filters.sections import SOS
from fxlab.filters.specification import design
from fxlab.filters.state_variable import StateVariable
from fxlab.filters.transfer_function import TransferFunction
from fxlab.filters.weighting import Weighting
from fxlab.filters.windowed_sinc import WindowedSinc
from fxlab.filters.zero_phase import ZeroPhase
from fxlab.filters.zpk import ZPK

__all__ = [
    "FIR",
    "RIAA",
    "SOS",
    "ZPK",
    "AllPass",
    "BandPass",
    "Bank",
    "Bessel",
    "Biquad",
    "Butterworth",
    "Chebyshev1",
    "Chebyshev2",
    "Classical",
    "Comb",
    "Convolve",
    "Crossover",
    "DCBlock",
    "DeEmphasis",
    "Differentiator",
    "Elliptic",
    "Equiripple",
    "FixedPoint",
    "GammatoneBank",
    "GraphicEQ",
    "HighPass",
    "HighShelf",
    "Hilbert",
    "Kaiser",
    "Ladder",
    "LeastSquares",
    "LimitCycle",
    "LinkwitzRiley",
    "LogFilterBank",
    "LowPass",
    "LowShelf",
    "Margins",
    "Mask",
    "MelBank",
    "MovingAverage",
    "Notch",
    "OctaveBank",
    "OnePole",
    "ParametricEQ",
    "Peak",
    "PreEmphasis",
    "StateVariable",
    "TransferFunction",
    "Weighting",
    "WindowedSinc",
    "ZeroPhase",
    "design",
]
