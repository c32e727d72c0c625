"""Filters, one module or package per family.

Recursive filters: `cookbook` (Audio EQ Cookbook), `first_order`, `classical` (Butterworth, Chebyshev, elliptic,
Bessel, Linkwitz-Riley), `weighting`, `riaa` and `virtual_analog` (state variable and ladder). Other structures: `fir`,
`comb`, `coefficients` (filters defined by taps, sections, polynomials or roots). Combinations of filters: `banks`
(filter banks and crossovers), `equalizers`, `zero_phase` (forward-backward filtering) and `fixed_point` (a filter in
fixed-point arithmetic). `design.design` finds the filter of lowest order for a specification. `common` contains
parameters and numerical routines that several families share.
"""

from fxlab.filters.banks.bank import Bank
from fxlab.filters.banks.crossover import Crossover
from fxlab.filters.banks.gammatone_bank import GammatoneBank
from fxlab.filters.banks.log_filter_bank import LogFilterBank
from fxlab.filters.banks.mel_bank import MelBank
from fxlab.filters.banks.octave_bank import OctaveBank
from fxlab.filters.classical.bessel import Bessel
from fxlab.filters.classical.butterworth import Butterworth
from fxlab.filters.classical.chebyshev import Chebyshev1, Chebyshev2
from fxlab.filters.classical.classical import Classical
from fxlab.filters.classical.elliptic import Elliptic
from fxlab.filters.classical.linkwitz_riley import LinkwitzRiley
from fxlab.filters.coefficients.fir import FIR
from fxlab.filters.coefficients.sos import SOS
from fxlab.filters.coefficients.transfer_function import TransferFunction
from fxlab.filters.coefficients.zpk import ZPK
from fxlab.filters.comb import Comb
from fxlab.filters.cookbook.biquad import Biquad
from fxlab.filters.cookbook.passband import AllPass, BandPass, HighPass, LowPass, Notch
from fxlab.filters.cookbook.peak_and_shelf import HighShelf, LowShelf, Peak
from fxlab.filters.design.design import design
from fxlab.filters.design.mask import Margins, Mask
from fxlab.filters.equalizers.graphic_eq import GraphicEQ
from fxlab.filters.equalizers.parametric_eq import ParametricEQ
from fxlab.filters.fir.convolve import Convolve
from fxlab.filters.fir.differentiator import Differentiator
from fxlab.filters.fir.equiripple import Equiripple
from fxlab.filters.fir.frequency_sampling import FrequencySampling
from fxlab.filters.fir.hilbert import Hilbert
from fxlab.filters.fir.kaiser import Kaiser
from fxlab.filters.fir.least_squares import LeastSquares
from fxlab.filters.fir.minimum_phase import MinimumPhase
from fxlab.filters.fir.moving_average import MovingAverage
from fxlab.filters.fir.multiband_equiripple import MultibandEquiripple
from fxlab.filters.fir.multiband_least_squares import MultibandLeastSquares
from fxlab.filters.fir.multiband_sinc import MultibandSinc
from fxlab.filters.fir.windowed_sinc import WindowedSinc
from fxlab.filters.first_order import (
    DCBlock,
    DeEmphasis,
    FirstOrderAllPass,
    FirstOrderHighShelf,
    FirstOrderLowShelf,
    OnePole,
    PreEmphasis,
)
from fxlab.filters.fixed_point.fixed_point import FixedPoint, LimitCycle
from fxlab.filters.riaa import RIAA
from fxlab.filters.virtual_analog.ladder import Ladder
from fxlab.filters.virtual_analog.state_variable import StateVariable
from fxlab.filters.weighting import Weighting
from fxlab.filters.zero_phase import ZeroPhase

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
    "FirstOrderAllPass",
    "FirstOrderHighShelf",
    "FirstOrderLowShelf",
    "FixedPoint",
    "FrequencySampling",
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
    "MinimumPhase",
    "MovingAverage",
    "MultibandEquiripple",
    "MultibandLeastSquares",
    "MultibandSinc",
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
