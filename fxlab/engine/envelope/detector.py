"""The two recursions of an envelope detector with attack and release."""

from __future__ import annotations

from enum import Enum

from torch import Tensor

POLE_RANGE = (
    "the pole of a smoother lies from 0 (immediate) to 1 (never): smoothing_pole(time_ms, sample_rate) computes it"
)


class Detector(Enum):
    """How the next envelope follows from the last one, y, and the input, x."""

    BRANCHING = "branching"  # x > y: towards x with the attack's pole, else towards x with the release's
    PEAK = "peak"  # the larger of x and y released towards zero

    def is_attack(self, x: Tensor, y: Tensor, release: Tensor) -> Tensor:
        """Return where the attack is chosen, if y is the envelope one sample before."""
        return x > y * release if self is Detector.PEAK else x > y
