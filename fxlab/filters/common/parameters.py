"""Parameters that many filters declare, with the same range, unit and role.

`low` and `high` are the ends of the slider, and `doc` is the help text. `only` is a pair: the name of a
`Choice`, and the options of this choice with which the parameter has an effect. By default the parameter always has an
effect.
"""

from __future__ import annotations

import math

from fxlab.filters.classical.bilinear import BANDS, KINDS
from fxlab.filters.common.lengths import MAX_TAPS
from fxlab.filters.fir.window import WINDOWS
from fxlab.module import ArrayParam, Choice, Count, Param, Switch
from fxlab.module.parameters.parameter_declaration import Only

BUTTERWORTH = math.sqrt(0.5)  # the q of a second-order Butterworth filter


def hertz(
    doc: str, default: float = 1000.0, low: float = 20.0, high: float = 20_000.0, only: Only | None = None
) -> Param:
    """Declare a corner or center frequency in Hz, above 0 and below half the sample rate."""
    return Param(
        default, low=low, high=high, unit="Hz", scale="log", below="nyquist", role="frequency", only=only, doc=doc
    )


def quality(doc: str, default: float = 1.0) -> Param:
    """Declare a quality factor with a slider from 0.1 to 20."""
    return Param(default, low=0.1, high=20.0, scale="log", role="q", doc=doc)


def decibels(doc: str) -> Param:
    """Declare a gain in dB, by default 0, with a slider from −24 to 24 dB."""
    return Param(0.0, low=-24.0, high=24.0, unit="dB", role="gain", doc=doc)


def order() -> Count:
    """Declare the order of a classical filter, as SciPy counts it."""
    return Count(4, low=1, high=24, at_most=24, doc="Poles of the low-pass prototype; a band filter has twice as many.")


def filter_kind() -> Choice:
    """Declare the kind of a filter: low-pass, high-pass, band-pass or band-stop."""
    return Choice("lowpass", KINDS, doc="Part of the spectrum that passes; a band lies between cutoff and upper.")


def upper(default: float = 4000.0) -> Param:
    """Declare the upper edge of a band."""
    return hertz("Upper edge of the band, defined in the same way as cutoff.", default=default, only=("kind", BANDS))


def ripple(doc: str) -> Param:
    """Declare a ripple in dB, above 0, by default 1 dB."""
    return Param(1.0, low=0.01, high=6.0, unit="dB", scale="log", doc=doc)


def attenuation(doc: str) -> Param:
    """Declare an attenuation in dB, above 0, by default 40 dB."""
    return Param(40.0, low=10.0, high=120.0, unit="dB", above=0.0, doc=doc)


def band_gains() -> ArrayParam:
    """Declare the gains of a filter bank in dB, one per band or one for all."""
    return ArrayParam(
        [0.0],
        shape=("bands",),
        unit="dB",
        low=-24.0,
        high=24.0,
        role="gain",
        labels=lambda bank, rate: bank.names(rate),
        places=lambda bank, rate: bank.centers(rate).tolist(),
        doc="Gain of each band, or one for all.",
    )


def band_order(default: int) -> Count:
    """Declare the number of pole pairs of each band of a Butterworth bank."""
    return Count(
        default, low=1, high=12, at_most=24, doc="Pole pairs of each band; each adds 6 dB per octave to its slopes."
    )


def taps(default: int = 61, low: int = 3, high: int = 501, at_least: int = 1, at_most: int = MAX_TAPS) -> Count:
    """Declare the length of a filter's impulse response."""
    return Count(
        default,
        low=low,
        high=high,
        at_least=at_least,
        at_most=at_most,
        doc="Length of the impulse response; it delays by (taps − 1) / 2 samples.",
    )


def transition(only: Only | None = None) -> Param:
    """Declare half the width of a transition as a fraction of the space around an edge, so that it fits every edge."""
    return Param(
        0.12,
        low=0.02,
        high=0.15,
        above=0.0,
        below=1.0,
        only=only,
        advice="It is a fraction of the room around the edge; fx.MultibandEquiripple and fx.MultibandLeastSquares take "
        "edges in Hz.",
        doc="Half the width of the transition around an edge, as a fraction of the distance from the edge to the "
        "nearest of 0 Hz, half the sample rate and the middle of the band.",
    )


def fir_method() -> Choice:
    """Declare the method by which a Hilbert transformer or a differentiator is designed."""
    return Choice(
        "window",
        ("window", "equiripple"),
        doc="Design method: a windowed ideal impulse response, or the smallest ripple (Parks and McClellan).",
    )


def stopband_weight() -> Param:
    """Declare the weight of the stopband relative to the passband."""
    return Param(
        1.0,
        low=0.01,
        high=100.0,
        scale="log",
        doc="Weight of errors in the stopband relative to the passband.",
    )


def scale() -> Switch:
    """Declare whether a filter by the window method is scaled, as `scipy.signal.firwin` does by default."""
    return Switch(
        True,
        doc="Whether the gain is scaled to exactly 1: at 0 Hz if that passes, at half the sample rate for a single "
        "band up to there, otherwise in the middle of the first passband.",
    )


def kaiser_beta() -> Param:
    """Declare the parameter beta of the Kaiser window."""
    return Param(
        8.6,
        low=0.0,
        high=20.0,
        at_least=0.0,
        only=("window", ("kaiser",)),
        doc="Parameter of the Kaiser window: 0 is rectangular, 8.6 is close to the Blackman window.",
    )


def window(kaiser: bool = False, only: Only | None = None) -> Choice:
    """Declare the window that truncates an ideal impulse response; with `kaiser`, the Kaiser window is a choice."""
    doc = "Window that truncates the ideal impulse response, by SciPy's names"
    if kaiser:
        return Choice("hamming", (*WINDOWS, "kaiser"), doc=f"{doc}; beta is the parameter of kaiser.", only=only)
    return Choice("hamming", WINDOWS, doc=f"{doc}.", only=only)
