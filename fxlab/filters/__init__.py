"""Filters, one family a file."""

from fxlab.filters.biquad import Biquad, HighPass, LowPass, Peak

__all__ = ["Biquad", "HighPass", "LowPass", "Peak"]
