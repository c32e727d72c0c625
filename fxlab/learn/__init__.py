"""Learning: fits by gradient descent, losses, adaptive filters and system identification."""

from fxlab.learn import adaptive, losses
from fxlab.learn.fit import fit
from fxlab.learn.fit_result import Fit
from fxlab.learn.identification import impulse_response, lpc, match_response, prony, steiglitz_mcbride, yule_walker
from fxlab.learn.search import Step

__all__ = [
    "Fit",
    "Step",
    "adaptive",
    "fit",
    "impulse_response",
    "losses",
    "lpc",
    "match_response",
    "prony",
    "steiglitz_mcbride",
    "yule_walker",
]
