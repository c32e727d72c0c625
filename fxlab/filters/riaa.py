"""The equalisation of vinyl records."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.module import Choice, Recursive

BASS, MIDDLE, TREBLE = (1 / (2 * math.pi * seconds) for seconds in (3180e-6, 318e-6, 75e-6))  # corners in Hz
REFERENCE = 1000.0  # Hz, where the level is 0 dB
TOP, TOP_SHARE = 20_000.0, 0.4  # Hz, and a share of the sample rate: where the treble is met, whichever lies lower


class RIAA(Recursive):
    """Equalise a record as it is played, or as it is cut: bass up and treble down by 40 dB in all, or the reverse.

    At 44.1 kHz the level is the analog curve's within 0.25 dB up to 10 kHz and 0.5 dB up to 20 kHz, from 88.2 kHz on
    within 0.05 dB. The two kinds undo each other exactly.

    Shape:
        Input and output: `(..., channels, time)`.

    Source:
        IEC 60098: time constants of 3180, 318 and 75 µs.

    >>> decibels = 20 * RIAA().response([20.0, 20_000.0], sample_rate=48_000).abs().log10()
    >>> [round(value, 1) for value in decibels.tolist()]
    [19.3, -19.5]
    """

    kind = Choice("playback", ("playback", "recording"), doc="Whether it undoes the cutting curve, or applies it.")

    def design(self, sample_rate: float) -> Tensor:
        """One section, `(1, 6)`: two poles and a zero sampled from the analog curve, a second zero for the treble."""
        pole, zero, other = (math.exp(-2 * math.pi * corner / sample_rate) for corner in (BASS, MIDDLE, TREBLE))

        def factor(root: float, hertz: float) -> float:
            turn = 2 * math.pi * hertz / sample_rate
            return (1 - root) ** 2 + 4 * root * math.sin(turn / 2) ** 2

        # |1 - z1 / z|^2 grows from 0 Hz to `top` by what the other roots leave to be done.
        top = min(TOP, TOP_SHARE * sample_rate)
        rise = curve(top) * factor(pole, top) * factor(other, top) / factor(zero, top)
        rise /= curve(0.0) * factor(pole, 0.0) * factor(other, 0.0) / factor(zero, 0.0)
        half = (math.cos(2 * math.pi * top / sample_rate) - rise) / (1 - rise)
        second = half - math.copysign(math.sqrt(half * half - 1), half)
        reference = min(REFERENCE, sample_rate / 2)
        level = factor(zero, reference) * factor(second, reference) / factor(pole, reference) / factor(other, reference)
        gain = math.sqrt(curve(reference) / curve(REFERENCE) / level)
        above = [gain, -gain * (zero + second), gain * zero * second]
        below = [1.0, -(pole + other), pole * other]
        if self.kind == "recording":
            above, below = [b / gain for b in below], [a / gain for a in above]
        return torch.tensor([[*above, *below]], dtype=torch.float64)


def curve(hertz: float) -> float:
    """The squared level of the analog curve for playback, 1 at 0 Hz."""
    bass, middle, treble = (1 + (hertz / corner) ** 2 for corner in (BASS, MIDDLE, TREBLE))
    return middle / (bass * treble)
