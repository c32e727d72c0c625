"""`RIAA`: the equalization of vinyl records."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.module import Choice, Recursive

BASS, MIDDLE, TREBLE = (1 / (2 * math.pi * seconds) for seconds in (3180e-6, 318e-6, 75e-6))  # corner frequencies in Hz
REFERENCE = 1000.0  # Hz, where the level is 0 dB
TOP, TOP_SHARE = 20_000.0, 0.4  # Hz, and a fraction of the sample rate: the treble is matched at the lower of the two


class RIAA(Recursive):
    """The RIAA equalization of vinyl records, for playback (a bass boost and a treble cut) or recording.

    For playback, the level falls by about 39 dB from 20 Hz to 20 kHz. At a sample rate of 44.1 kHz it follows the
    analog curve within 0.25 dB up to 10 kHz and 0.5 dB up to 20 kHz; at sample rates from 88.2 kHz on, within 0.05 dB
    up to 20 kHz. The filters for playback and recording are inverses of each other.

    Shape:
        Input and output: `(..., channels, time)`.

    Source:
        IEC 60098: time constants of 3180, 318 and 75 µs.

    >>> decibels = 20 * RIAA().response([20.0, 20_000.0], sample_rate=48_000).abs().log10()
    >>> [round(value, 1) for value in decibels.tolist()]
    [19.3, -19.5]
    """

    kind = Choice(
        "playback", ("playback", "recording"), doc="Playback inverts the recording curve; recording applies it."
    )

    def design(self, sample_rate: float) -> Tensor:
        """Return one section, `(1, 6)`.

        For playback, the poles and one zero are those of the analog filter, mapped from s to `exp(s / sample_rate)`; a
        second zero matches the treble. The recording filter is the inverse.
        """
        pole, zero, other = (math.exp(-2 * math.pi * corner / sample_rate) for corner in (BASS, MIDDLE, TREBLE))

        def factor(root: float, hertz: float) -> float:
            return (1 - root) ** 2 + 4 * root * math.sin(math.pi * hertz / sample_rate) ** 2

        # From 0 Hz to `top`, |1 - z1 / z|^2 of the second zero z1 must grow by the ratio `rise`, so that together with
        # the other roots it matches the analog curve.
        top = min(TOP, TOP_SHARE * sample_rate)
        rise = curve(top) * factor(pole, top) * factor(other, top) / factor(zero, top)
        rise /= curve(0.0) * factor(pole, 0.0) * factor(other, 0.0) / factor(zero, 0.0)
        half = (math.cos(2 * math.pi * top / sample_rate) - rise) / (1 - rise)
        second = half - math.copysign(math.sqrt(half * half - 1), half)
        reference = min(REFERENCE, sample_rate / 2)
        level = factor(zero, reference) * factor(second, reference) / factor(pole, reference) / factor(other, reference)
        gain = math.sqrt(curve(reference) / curve(REFERENCE) / level)
        numerator = [gain, -gain * (zero + second), gain * zero * second]
        denominator = [1.0, -(pole + other), pole * other]
        if self.kind == "recording":
            numerator, denominator = [a / gain for a in denominator], [b / gain for b in numerator]
        return torch.tensor([[*numerator, *denominator]], dtype=torch.float64)


def curve(hertz: float) -> float:
    """Return the squared magnitude of the analog playback curve at a frequency in Hz, normalized to 1 at 0 Hz."""
    bass, middle, treble = (1 + (hertz / corner) ** 2 for corner in (BASS, MIDDLE, TREBLE))
    return middle / (bass * treble)
