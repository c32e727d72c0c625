"""`LTI`: a module that is linear and time-invariant."""

from __future__ import annotations

from fxlab.module.lti.linear_analysis import LinearAnalysis


class LTI(LinearAnalysis):
    """A linear time-invariant module: it has a transfer function, and so a response, delays, poles and zeros.

    Derive from `Recursive` (second-order sections), `Finite` (taps) or `Rational` (two polynomials), which need only
    one method.
    """
