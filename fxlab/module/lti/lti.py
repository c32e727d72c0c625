"""`LTI`: the base class of modules that are always linear and time-invariant."""

from __future__ import annotations

from fxlab.module.lti.linear_analysis import LinearAnalysis


class LTI(LinearAnalysis):
    """A linear time-invariant module: it has a transfer function, a response, delays, poles and zeros.

    Derive from `Recursive` (second-order sections), `Finite` (taps) or `Rational` (two polynomials), which need only
    one method.
    """
