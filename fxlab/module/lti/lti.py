"""`LTI`: the base class of modules that are always linear and time-invariant."""

from __future__ import annotations

from fxlab.module.lti.linear_analysis import LinearAnalysis


class LTI(LinearAnalysis):
    """The base class of linear time-invariant modules, with a frequency response, delays, poles and zeros.

    For a new filter, derive from `Recursive` (second-order sections), `Finite` (taps) or `Rational` (two polynomials),
    in which a subclass defines a single method.
    """
