"""Identification: filters from impulse responses, sounds and response curves."""

from fxlab.learn.identification.impulse_responses import prony, steiglitz_mcbride
from fxlab.learn.identification.linear_prediction import lpc, yule_walker
from fxlab.learn.identification.match_response import match_response

__all__ = ["lpc", "match_response", "prony", "steiglitz_mcbride", "yule_walker"]
