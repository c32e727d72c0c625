"""Identification: filters from impulse responses, sounds and response curves."""

from fxlab.learn.identification.impulse_responses import prony, steiglitz_mcbride
from fxlab.learn.identification.linear_prediction import lpc, yule_walker
from fxlab.learn.identification.match_response import match_response
from fxlab.learn.identification.swept_sine import impulse_response

__all__ = ["impulse_response", "lpc", "match_response", "prony", "steiglitz_mcbride", "yule_walker"]
