"""Parameters that most filters declare, with the range, unit and role that are the same for all of them."""

from __future__ import annotations

import math

from fxlab.module import Param

BUTTERWORTH = math.sqrt(0.5)  # the q of a second-order filter that is flat to its corner


def hertz(doc: str, default: float = 1000.0, low: float = 20.0, high: float = 20_000.0) -> Param:
    """A corner or centre in Hz, below half the sample rate."""
    return Param(default, low=low, high=high, unit="Hz", scale="log", below="nyquist", role="frequency", doc=doc)


def quality(doc: str, default: float = 1.0) -> Param:
    """A quality factor."""
    return Param(default, low=0.1, high=20.0, scale="log", role="q", doc=doc)


def decibels(doc: str) -> Param:
    """A gain in dB."""
    return Param(0.0, low=-24.0, high=24.0, unit="dB", role="gain", doc=doc)
