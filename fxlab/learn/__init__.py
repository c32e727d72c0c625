"""Learning: parameters found by gradients, losses, adaptive filters and identification."""

from fxlab.learn import adaptive, losses
from fxlab.learn.fit import Step, fit
from fxlab.learn.fit_result import Fit
from fxlab.learn.identification import lpc, match_response, prony, steiglitz_mcbride, yule_walker

__all__ = [
    "Fit",
    "Step",
    "adaptive",
    "fit",
    "losses",
    "lpc",
    "match_response",
    "prony",
    "steiglitz_mcbride",
    "yule_walker",
]
