"""Filters that let a part of the spectrum through: second-order sections of the Audio EQ Cookbook."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.filters.common.parameters import BUTTERWORTH, hertz, quality
from fxlab.filters.cookbook.biquad import Biquad, Terms, versine
from fxlab.module import Choice


class LowPass(Biquad):
    """Let through what lies below a corner; above it the level falls by 12 dB an octave.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate, or `q` is not above 0.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook, "LPF".

    >>> round(LowPass(cutoff=1000.0).response([1000.0], sample_rate=48_000).abs().item(), 4)
    0.7071
    """

    cutoff = hertz("Corner frequency, −3 dB at q = 0.7071.")
    q = quality(
        "Quality factor: 0.7071 is flat to the corner, more gives a peak there of about 20 log10(q) dB.", BUTTERWORTH
    )

    def coefficients(self, w: Tensor, alpha: Tensor) -> Terms:
        """See `Biquad`."""
        rest = versine(w)
        return rest / 2, rest, rest / 2, 1 + alpha, -2 * torch.cos(w), 1 - alpha


class HighPass(Biquad):
    """Let through what lies above a corner; below it the level falls by 12 dB an octave.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate, or `q` is not above 0.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook, "HPF".

    >>> HighPass(cutoff=1000.0).response([0.0], sample_rate=48_000).abs().item()
    0.0
    """

    cutoff = hertz("Corner frequency, −3 dB at q = 0.7071.")
    q = quality(
        "Quality factor: 0.7071 is flat down to the corner, more gives a peak there of about 20 log10(q) dB.",
        BUTTERWORTH,
    )

    def coefficients(self, w: Tensor, alpha: Tensor) -> Terms:
        """See `Biquad`."""
        cosine = torch.cos(w)
        return (1 + cosine) / 2, -(1 + cosine), (1 + cosine) / 2, 1 + alpha, -2 * cosine, 1 - alpha


class BandPass(Biquad):
    """Let through a band around one frequency; beside it the level falls by 6 dB an octave.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `frequency` is not above 0 and below half the sample rate, or `q` is not above 0.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook, "BPF".

    >>> round(BandPass(frequency=1000.0, q=5.0).response([1000.0], sample_rate=48_000).abs().item(), 6)
    1.0
    >>> round(BandPass(frequency=1000.0, q=5.0, gain="skirt").response([1000.0], sample_rate=48_000).abs().item(), 6)
    5.0
    """

    frequency = hertz("Centre of the band.")
    q = quality("Quality factor: centre over bandwidth between the −3 dB points.")
    gain = Choice(
        "peak",
        ("peak", "skirt"),
        doc="What stays where it is as q changes: the peak, at 0 dB, or the skirts, the peak then being q.",
    )

    def coefficients(self, w: Tensor, alpha: Tensor) -> Terms:
        """See `Biquad`."""
        top = alpha if self.gain == "peak" else torch.sin(w) / 2
        return top, torch.zeros_like(top), -top, 1 + alpha, -2 * torch.cos(w), 1 - alpha


class Notch(Biquad):
    """Take out one frequency altogether, and leave what lies away from it.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `frequency` is not above 0 and below half the sample rate, or `q` is not above 0.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook, "notch".

    >>> Notch(frequency=1000.0).response([1000.0], sample_rate=48_000).abs().item() < 1e-12
    True
    """

    frequency = hertz("The frequency that is taken out.")
    q = quality("Quality factor: frequency over bandwidth between the −3 dB points; more takes out less beside it.")

    def coefficients(self, w: Tensor, alpha: Tensor) -> Terms:
        """See `Biquad`."""
        turn, one = -2 * torch.cos(w), torch.ones_like(w)
        return one, turn, one, 1 + alpha, turn, 1 - alpha


class AllPass(Biquad):
    """Let every frequency through at its level, but turn its phase: by half a turn at one frequency, a whole above.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `frequency` is not above 0 and below half the sample rate, or `q` is not above 0.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook, "APF".

    >>> response = AllPass(frequency=1000.0).response([1000.0], sample_rate=48_000)
    >>> round(response.real.item(), 6), abs(round(response.imag.item(), 6))
    (-1.0, 0.0)
    """

    frequency = hertz("Where the phase has turned by half a turn.")
    q = quality(
        "Quality factor: the more, the faster the phase turns there, and the longer that frequency is delayed.",
        BUTTERWORTH,
    )

    def coefficients(self, w: Tensor, alpha: Tensor) -> Terms:
        """See `Biquad`."""
        turn = -2 * torch.cos(w)
        return 1 - alpha, turn, 1 + alpha, 1 + alpha, turn, 1 - alpha
