"""What one measures of a sound or of a module: plain results, no drawing."""

from fxlab.analysis.distortion import Distortion, thd
from fxlab.analysis.measurement import Measurement, measure
from fxlab.analysis.spectrum import long_term_spectrum

__all__ = ["Distortion", "Measurement", "long_term_spectrum", "measure", "thd"]
