"""What one measures of a sound: plain results, no drawing."""

from fxlab.analysis.spectrum import long_term_spectrum

__all__ = ["long_term_spectrum"]
