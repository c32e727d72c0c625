"""`StateVariable`: the state variable filter, a second-order filter made of two integrators in a loop."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.filters.common.band_width import BandWidth, check_band, half_band, widest_band
from fxlab.filters.common.parameters import BUTTERWORTH, hertz, quality
from fxlab.filters.cookbook.biquad import section
from fxlab.filters.virtual_analog.trapezoidal import Trapezoidal
from fxlab.module import Choice

BAND_KINDS = ("bandpass", "notch", "allpass")
"""The kinds with a band, whose width is set by q."""


class StateVariable(Trapezoidal):
    """A state variable filter: a second-order filter of six kinds whose corner and q may change at every sample.

    With constant parameters it is the bilinear transform of its analog prototype, like `LowPass` and the other cookbook
    filters. `modulated` changes the corner, and q if given, from sample to sample. Without input, the energy
    `s₁² + s₂²` of its two integrators never grows, however the corner and q change: an envelope or an audio-rate
    oscillator on the corner cannot make it unstable.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate, `q` is not above 0, or the band is
            too wide for `width="exact"` or `"octaves"` at this sample rate.

    Source:
        A. Simper, Linear Trapezoidal Integrated State Variable Filter (Cytomic, 2013); V. Zavalishin, The Art of VA
        Filter Design, chapter 4.

    >>> round(StateVariable(cutoff=1000.0).response([1000.0], sample_rate=48_000).abs().item(), 4)
    0.7071
    """

    cutoff = hertz("Corner of the low-pass and the high-pass, or center of the other kinds.")
    q = quality(
        "Quality factor: for lowpass and highpass the gain at the corner, 0.7071 being maximally flat; for bandpass, "
        "notch and allpass the center divided by the width of the band, see width; for peak half the gain.",
        BUTTERWORTH,
    )
    kind = Choice(
        "lowpass",
        ("lowpass", "highpass", *BAND_KINDS, "peak"),
        doc="Kind of filter; bandpass has 0 dB at its center, and peak, lowpass minus highpass, has a gain of 2 q.",
    )
    width = BandWidth(only=("kind", BAND_KINDS))

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid, or q is too low for the choice of `width`."""
        super()._check(sample_rate)
        self.check_varying(widest_band(self, "cutoff"), sample_rate)

    def check_varying(self, values: dict[str, Tensor], sample_rate: float) -> None:
        """Raise a `ParameterError` if the q in `values` is too low for the choice of `width` at this sample rate."""
        if self.kind in BAND_KINDS:
            check_band(self, values, "cutoff", sample_rate)

    def design(self, sample_rate: float) -> Tensor:
        """Return one section, `(..., 1, 6)`."""
        g = torch.tan(math.pi / sample_rate * self.cutoff)
        k = self._damping(g)
        g, k = torch.broadcast_tensors(g, k)  # type: ignore[no-untyped-call]
        one, square, damping = torch.ones_like(g), g * g, g * k
        denominator = (1 + damping + square, 2 * (square - 1), 1 - damping + square)
        numerator = {
            "lowpass": (square, 2 * square, square),
            "highpass": (one, -2 * one, one),
            "bandpass": (damping, 0 * one, -damping),
            "notch": (1 + square, 2 * (square - 1), 1 + square),
            "allpass": denominator[::-1],
            "peak": (square - 1, 2 * (square + 1), square - 1),
        }[self.kind]
        return section(*numerator, *denominator)

    def _damping(self, g: Tensor) -> Tensor:
        """Return the damping of the analog filter for the prewarped corner `g`: 1 / q, or as `width` defines it."""
        if self.width == "cookbook" or self.kind not in BAND_KINDS:
            damping: Tensor = 1 / self.q
            return damping
        w = 2 * torch.atan(g)
        return 2 * half_band(w, self.q, self.width) / torch.sin(w)

    def system(self, g: Tensor) -> Tensor:
        """Return the matrices `[[A, B], [C, D]]` of the filter for each `g`, `(..., 3, 3)`.

        The states are those of the band-pass and the low-pass integrator.
        """
        return state_variable_system(self.kind, g, self._damping(g))


def state_variable_system(kind: str, g: Tensor, k: Tensor) -> Tensor:
    """Return the matrices of `fxlab.engine.ssfilt` for a `StateVariable` of this kind, `(..., 3, 3)`.

    `g = tan(π cutoff / sample_rate)` is the gain of an integrator, and `k` the damping, the inverse of the analog
    filter's q.
    """
    g, k = torch.broadcast_tensors(g, k)  # type: ignore[no-untyped-call]
    a1 = 1 / (1 + g * (g + k))
    a2 = g * a1
    a3 = g * a2
    band, low = (a1, -a2, a2), (a2, 1 - a3, a3)  # coefficients of the two states and the input
    entries = [2 * band[0] - 1, 2 * band[1], 2 * band[2], 2 * low[0], 2 * low[1] - 1, 2 * low[2]]
    through, by_band, by_low = {
        "lowpass": (0.0, None, 1.0),
        "highpass": (1.0, -k, -1.0),
        "bandpass": (0.0, k, 0.0),
        "notch": (1.0, -k, 0.0),
        "allpass": (1.0, -2 * k, 0.0),
        "peak": (-1.0, k, 2.0),
    }[kind]
    tap = [by_low * v if by_band is None else by_band * b + by_low * v for b, v in zip(band, low, strict=True)]
    entries += [tap[0], tap[1], tap[2] + through]
    system: Tensor = torch.stack(entries, -1).unflatten(-1, (3, 3))  # type: ignore[no-untyped-call]
    return system
