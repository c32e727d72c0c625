"""Measurements of sounds and modules: numerical results, without plots."""

from fxlab.analysis.comparison import Comparison, compare
from fxlab.analysis.distortion import Distortion, thd
from fxlab.analysis.filter_summary import FilterSummary
from fxlab.analysis.loudness import loudness, loudness_over_time
from fxlab.analysis.measurement import Measurement, measure
from fxlab.analysis.spectrum import long_term_spectrum

__all__ = [
    "Comparison",
    "Distortion",
    "FilterSummary",
    "Measurement",
    "compare",
    "long_term_spectrum",
    "loudness",
    "loudness_over_time",
    "measure",
    "thd",
]
