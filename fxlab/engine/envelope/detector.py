"""The two recursions of an envelope detector with attack and release."""

from __future__ import annotations

from enum import Enum

from torch import Tensor

POLE_RANGE = (
    "the pole of a smoother lies from 0 (immediate) to 1 (never): smoothing_pole(time_ms, sample_rate) computes it"
)


class Detector(Enum):
    """The rule for the next value of an envelope, given its last value y and the input x.

    - `BRANCHING`: a step towards x, with the attack pole if x > y, otherwise with the release pole.
    - `PEAK`: the larger of two values: a step towards x with the attack pole, and y times the release pole. The attack
      pole must be 0; for others, the derivatives and `is_attack` would be wrong.
    """

    BRANCHING = "branching"
    PEAK = "peak"

    def is_attack(self, x: Tensor, y: Tensor, release: Tensor) -> Tensor:
        """Return a mask of the samples `x` that use the attack pole, where `y` is the envelope one sample before."""
        return x > y * release if self is Detector.PEAK else x > y
