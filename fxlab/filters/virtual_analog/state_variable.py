"""The state variable filter: two integrators in a loop, and every kind of second-order filter at its taps."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.filters.common.parameters import BUTTERWORTH, hertz, quality
from fxlab.filters.cookbook.biquad import section
from fxlab.filters.virtual_analog.trapezoidal import Trapezoidal
from fxlab.module import Choice


class StateVariable(Trapezoidal):
    """Low-pass, high-pass or any other second-order filter, whose corner and q may move as fast as they like.

    Held still, it is the bilinear transform of its analog prototype, as `LowPass` and its kin are. `modulated` moves
    the corner from sample to sample. However it moves, what the two integrators hold, `s₁² + s₂²`, never grows by
    itself: an envelope or an oscillator at audio rate on the corner cannot make it blow up.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate, or `q` is not above 0.

    Source:
        A. Simper, Linear Trapezoidal Integrated State Variable Filter (Cytomic, 2013); V. Zavalishin, The Art of VA
        Filter Design, chapter 4.

    >>> round(StateVariable(cutoff=1000.0).response([1000.0], sample_rate=48_000).abs().item(), 4)
    0.7071
    """

    cutoff = hertz("Corner of the low-pass and the high-pass, centre of the other kinds.")
    q = quality("Quality factor: 0.7071 is flat to the corner, more rings there.", BUTTERWORTH)
    kind = Choice(
        "lowpass",
        ("lowpass", "highpass", "bandpass", "notch", "allpass", "peak"),
        doc="What is tapped; the peak of the band-pass is at 0 dB, and peak, low-pass less high-pass, is 2 q high.",
    )

    def design(self, sample_rate: float) -> Tensor:
        """One section, `(..., 1, 6)`."""
        g = torch.tan(math.pi / sample_rate * self.cutoff)
        k = 1 / self.q
        g, k = torch.broadcast_tensors(g, k)  # type: ignore[no-untyped-call]
        one, square, damping = torch.ones_like(g), g * g, g * k
        below = (1 + damping + square, 2 * (square - 1), 1 - damping + square)
        above = {
            "lowpass": (square, 2 * square, square),
            "highpass": (one, -2 * one, one),
            "bandpass": (damping, 0 * one, -damping),
            "notch": (1 + square, 2 * (square - 1), 1 + square),
            "allpass": below[::-1],
            "peak": (square - 1, 2 * (square + 1), square - 1),
        }[self.kind]
        return section(*above, *below)

    def system(self, g: Tensor) -> Tensor:
        """Two integrators, the first of the band-pass, the second of the low-pass: `(..., 3, 3)`."""
        k = 1 / self.q
        g, k = torch.broadcast_tensors(g, k)  # type: ignore[no-untyped-call]
        a1 = 1 / (1 + g * (g + k))
        a2, one = g * a1, torch.ones_like(g)
        a3 = g * a2
        band, low = (a1, -a2, a2), (a2, 1 - a3, a3)  # of the two states and the input
        rows = [[2 * band[0] - 1, 2 * band[1], 2 * band[2]], [2 * low[0], 2 * low[1] - 1, 2 * low[2]]]
        through, by_band, by_low = {
            "lowpass": (0 * one, 0 * one, one),
            "highpass": (one, -k, -one),
            "bandpass": (0 * one, k, 0 * one),
            "notch": (one, -k, 0 * one),
            "allpass": (one, -2 * k, 0 * one),
            "peak": (-one, k, 2 * one),
        }[self.kind]
        tap = [by_band * b + by_low * v for b, v in zip(band, low, strict=True)]
        rows.append([tap[0], tap[1], tap[2] + through])
        return torch.stack([torch.stack(row, -1) for row in rows], -2)
