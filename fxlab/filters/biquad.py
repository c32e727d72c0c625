"""The second-order filters of the Audio EQ Cookbook."""

from __future__ import annotations

import math
from abc import abstractmethod

import torch
from torch import Tensor

from fxlab.module import Param, Recursive


class Biquad(Recursive):
    """One second-order section, bilinear transform of an analog prototype, its corner or centre kept exact.

    A subclass writes `coefficients(self, w, alpha)`, where `w` is the angular frequency of its `cutoff` or
    `frequency` in radians a sample and `alpha = sin(w) / (2 q)`.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook (W3C Working Group Note, 2021).
    """

    q = Param(1.0, low=0.1, high=20.0, scale="log", role="q")

    @abstractmethod
    def coefficients(self, w: Tensor, alpha: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        """`b0, b1, b2, a0, a1, a2`, of any common scale."""

    def design(self, sample_rate: float) -> Tensor:
        """One section, `(..., 1, 6)`."""
        corner: Tensor = getattr(self, "cutoff" if "cutoff" in self.declarations else "frequency")
        w = 2 * math.pi / sample_rate * corner
        terms = self.coefficients(w, torch.sin(w) / (2 * self.q))
        if any(term.ndim for term in terms):
            terms = torch.broadcast_tensors(*terms)  # type: ignore[no-untyped-call]
        section = torch.stack(terms, -1)
        return (section / section[..., 3:4]).unsqueeze(-2)


def versine(w: Tensor) -> Tensor:
    """`1 - cos(w)` without the cancellation that costs a low corner its digits."""
    return 2 * torch.sin(w / 2) ** 2


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

    cutoff = Param(
        1000.0,
        low=20.0,
        high=20_000.0,
        unit="Hz",
        scale="log",
        below="nyquist",
        role="frequency",
        doc="Corner frequency, −3 dB at q = 0.7071.",
    )
    q = Param(
        math.sqrt(0.5),
        low=0.1,
        high=20.0,
        scale="log",
        role="q",
        doc="Quality factor: 0.7071 is flat to the corner, more gives a peak there of about 20 log10(q) dB.",
    )

    def coefficients(self, w: Tensor, alpha: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
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

    cutoff = Param(
        1000.0,
        low=20.0,
        high=20_000.0,
        unit="Hz",
        scale="log",
        below="nyquist",
        role="frequency",
        doc="Corner frequency, −3 dB at q = 0.7071.",
    )
    q = Param(
        math.sqrt(0.5),
        low=0.1,
        high=20.0,
        scale="log",
        role="q",
        doc="Quality factor: 0.7071 is flat down to the corner, more gives a peak there of about 20 log10(q) dB.",
    )

    def coefficients(self, w: Tensor, alpha: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        """See `Biquad`."""
        cosine = torch.cos(w)
        return (1 + cosine) / 2, -(1 + cosine), (1 + cosine) / 2, 1 + alpha, -2 * cosine, 1 - alpha


class Peak(Biquad):
    """Boost or cut a band around one frequency, and leave the rest as it is.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `frequency` is not above 0 and below half the sample rate, or `q` is not above 0.

    Source:
        R. Bristow-Johnson, Audio EQ Cookbook, "peakingEQ".

    >>> eq = Peak(frequency=1000.0, gain_db=6.0)
    >>> round(eq.response([1000.0], sample_rate=48_000).abs().item(), 3)
    1.995
    """

    frequency = Param(
        1000.0,
        low=20.0,
        high=20_000.0,
        unit="Hz",
        scale="log",
        below="nyquist",
        role="frequency",
        doc="Centre of the band.",
    )
    gain_db = Param(0.0, low=-24.0, high=24.0, unit="dB", role="gain", doc="Gain at the centre; negative cuts.")
    q = Param(
        1.0,
        low=0.1,
        high=20.0,
        scale="log",
        role="q",
        doc="Quality factor: centre over bandwidth, the band's edges being where half the gain in dB is left.",
    )

    def coefficients(self, w: Tensor, alpha: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        """See `Biquad`."""
        a = 10 ** (self.gain_db / 40)
        turn = -2 * torch.cos(w)
        return 1 + alpha * a, turn, 1 - alpha * a, 1 + alpha / a, turn, 1 - alpha / a
