"""Parameters that most filters declare, with the range, unit and role that are the same for all of them."""

from __future__ import annotations

import math

from fxlab.filters.classical.bilinear import BANDS, KINDS
from fxlab.filters.common.lengths import MOST
from fxlab.filters.fir.window import WINDOWS
from fxlab.module import ArrayParam, Choice, Count, Param
from fxlab.module.parameters.parameter import Only

BUTTERWORTH = math.sqrt(0.5)  # the q of a second-order filter that is flat to its corner


def hertz(
    doc: str, default: float = 1000.0, low: float = 20.0, high: float = 20_000.0, only: Only | None = None
) -> Param:
    """A corner or centre in Hz, below half the sample rate."""
    return Param(
        default, low=low, high=high, unit="Hz", scale="log", below="nyquist", role="frequency", only=only, doc=doc
    )


def quality(doc: str, default: float = 1.0) -> Param:
    """A quality factor."""
    return Param(default, low=0.1, high=20.0, scale="log", role="q", doc=doc)


def decibels(doc: str) -> Param:
    """A gain in dB."""
    return Param(0.0, low=-24.0, high=24.0, unit="dB", role="gain", doc=doc)


def order() -> Count:
    """Of a classical filter, as SciPy counts it."""
    return Count(4, low=1, high=24, at_most=24, doc="Poles of the low-pass behind it; a band has twice as many.")


def passes() -> Choice:
    """Which part of the spectrum a classical filter lets through."""
    return Choice("lowpass", KINDS, doc="What passes; a band lies between cutoff and upper.")


def upper(default: float = 4000.0) -> Param:
    """The other edge of a band."""
    return hertz("Upper edge of the band, of the same kind as cutoff.", default=default, only=("kind", BANDS))


def ripple(doc: str) -> Param:
    """A ripple in dB."""
    return Param(1.0, low=0.01, high=6.0, unit="dB", scale="log", doc=doc)


def attenuation(doc: str) -> Param:
    """An attenuation in dB."""
    return Param(40.0, low=10.0, high=120.0, unit="dB", above=0.0, doc=doc)


def band_gains() -> ArrayParam:
    """Of a bank, a gain for each band."""
    return ArrayParam(
        [0.0],
        shape=("bands",),
        unit="dB",
        low=-24.0,
        high=24.0,
        role="gain",
        labels=lambda bank, rate: bank.names(rate),
        places=lambda bank, rate: bank.centres(rate).tolist(),
        doc="Gain of each band, or one for all.",
    )


def band_order(default: int) -> Count:
    """Of a bank of Butterworth bands."""
    return Count(
        default, low=1, high=12, at_most=24, doc="Pairs of poles of each band; each makes it 6 dB an octave steeper."
    )


def taps(default: int = 61, low: int = 3, high: int = 501, at_least: int = 1, at_most: int = MOST) -> Count:
    """How long a filter's impulse response is."""
    return Count(
        default,
        low=low,
        high=high,
        at_least=at_least,
        at_most=at_most,
        doc="Length; all is delayed alike, by half of taps − 1 samples.",
    )


def stretch() -> Param:
    """How wide the transition at an edge is, so that it fits wherever the edge lies."""
    return Param(
        0.12,
        low=0.02,
        high=0.15,
        above=0.0,
        below=1.0,
        doc="Half the width of the transition around an edge, as a share of the distance from the edge to the nearest "
        "of 0 Hz, half the sample rate and the middle of the band.",
    )


def emphasis() -> Param:
    """How much more what is stopped counts than what passes."""
    return Param(
        1.0,
        low=0.01,
        high=100.0,
        scale="log",
        doc="How much more an error counts where nothing passes than where all does.",
    )


def window(kaiser: bool = False) -> Choice:
    """The taper of an ideal impulse response."""
    doc = "What tapers the ideal response to its length, by SciPy's names"
    if kaiser:
        return Choice("hamming", (*WINDOWS, "kaiser"), doc=f"{doc}; kaiser's strength is beta.")
    return Choice("hamming", WINDOWS, doc=f"{doc}.")
