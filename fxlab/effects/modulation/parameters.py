"""Parameters that several modulation effects declare, with the same unit, valid range and meaning."""

from __future__ import annotations

from fxlab.module import Choice, Param

WAVEFORMS = ("sine", "triangle", "square")
"""The waveforms of effects that change a level."""
SMOOTH_WAVEFORMS = ("sine", "triangle")
"""The waveforms of effects that change a delay or a frequency, in which a jump would be a click."""


def rate(default: float, low: float = 0.05, high: float = 20.0) -> Param:
    """Declare the frequency of the low-frequency oscillator."""
    return Param(default, low=low, high=high, unit="Hz", scale="log", below="nyquist", doc="Modulation frequency.")


def share(default: float, doc: str) -> Param:
    """Declare a number from 0 to 1, such as a depth."""
    return Param(default, low=0.0, high=1.0, at_least=0.0, at_most=1.0, doc=doc)


def mix(default: float = 0.5) -> Param:
    """Declare the fraction of the processed signal in the output."""
    return share(default, "Share of the processed signal: 0 is dry, 1 is wet.")


def feedback() -> Param:
    """Declare the gain with which the processed signal is fed back."""
    return Param(
        0.0,
        low=-0.95,
        high=0.95,
        above=-1.0,
        below=1.0,
        doc="Gain of the processed signal that is added to the input; a negative one inverts it.",
    )


def waveform(choices: tuple[str, ...] = SMOOTH_WAVEFORMS) -> Choice:
    """Declare the waveform of the low-frequency oscillator."""
    return Choice("sine", choices, doc="Waveform of the modulation.")


def stereo_phase() -> Param:
    """Declare the phase difference between successive channels."""
    return Param(
        0.0,
        low=0.0,
        high=180.0,
        unit="°",
        doc="Phase by which the modulation of each channel is ahead of that of the channel before it.",
    )
