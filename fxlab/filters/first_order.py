"""First-order filters: one pole, one zero."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.module import Choice, Param, Recursive


def section(b0: Tensor, b1: Tensor, a0: Tensor, a1: Tensor) -> Tensor:
    """A first-order section as a row of second-order ones, `(..., 1, 6)`."""
    rows = torch.stack([*(term / a0 for term in (b0, b1)), torch.zeros_like(a0)], -1)
    feedback = torch.stack([torch.ones_like(a0), a1 / a0, torch.zeros_like(a0)], -1)
    return torch.cat([rows, feedback], -1).unsqueeze(-2)


def corner(cutoff: Tensor, sample_rate: float) -> Tensor:
    """The analog corner that the bilinear transform puts at `cutoff`."""
    return torch.tan(math.pi / sample_rate * cutoff)


class OnePole(Recursive):
    """Let through what lies below, or above, a corner; on the other side the level falls by 6 dB an octave.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing: the bilinear transform of `w / (s + w)` and
        `s / (s + w)`, its corner kept exact.

    >>> round(OnePole(cutoff=1000.0).response([1000.0], sample_rate=48_000).abs().item(), 4)
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
        doc="Corner frequency, −3 dB.",
    )
    kind = Choice("lowpass", ("lowpass", "highpass"), doc="Which side of the corner passes.")

    def design(self, sample_rate: float) -> Tensor:
        """One section, `(..., 1, 6)`."""
        w = corner(self.cutoff, sample_rate)
        one = torch.ones_like(w)
        return section(*((w, w) if self.kind == "lowpass" else (one, -one)), 1 + w, w - 1)


class DCBlock(Recursive):
    """Take a constant offset away, and leave everything that can be heard.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate.

    Source:
        J. O. Smith, Introduction to Digital Filters with Audio Applications, "DC Blocker", scaled to 1 at half the
        sample rate.

    >>> DCBlock().response([0.0], sample_rate=48_000).abs().item()
    0.0
    """

    cutoff = Param(
        10.0,
        low=1.0,
        high=200.0,
        unit="Hz",
        scale="log",
        below="nyquist",
        role="frequency",
        doc="Corner frequency, −3 dB; lower takes longer to forget a step of the offset.",
    )

    def design(self, sample_rate: float) -> Tensor:
        """One section, `(..., 1, 6)`."""
        w = corner(self.cutoff, sample_rate)
        one = torch.ones_like(w)
        return section(one, -one, 1 + w, w - 1)


class PreEmphasis(Recursive):
    """Raise the upper part of a spectrum that falls, as that of speech: `y[n] = x[n] − coefficient · x[n − 1]`.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `coefficient` is not above −1 and below 1.

    Source:
        torchaudio's `preemphasis`; Rabiner and Schafer, Digital Processing of Speech Signals.

    >>> PreEmphasis(coefficient=0.5)(torch.tensor([[1.0, 1.0, 2.0]]), sample_rate=8000)
    tensor([[1.0000, 0.5000, 1.5000]])
    """

    coefficient = Param(
        0.97, low=0.0, high=0.99, above=-1.0, below=1.0, doc="Share of the last sample that is taken away."
    )

    def design(self, sample_rate: float) -> Tensor:
        """One section, `(..., 1, 6)`."""
        one = torch.ones_like(self.coefficient)
        return section(one, -self.coefficient, one, torch.zeros_like(one))


class DeEmphasis(Recursive):
    """Undo `PreEmphasis` of the same coefficient: `y[n] = x[n] + coefficient · y[n − 1]`.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `coefficient` is not above −1 and below 1.

    Source:
        torchaudio's `deemphasis`.

    >>> DeEmphasis(coefficient=0.5)(torch.tensor([[1.0, 0.5, 1.5]]), sample_rate=8000)
    tensor([[1., 1., 2.]])
    """

    coefficient = Param(0.97, low=0.0, high=0.99, above=-1.0, below=1.0, doc="Share of the last output that is added.")

    def design(self, sample_rate: float) -> Tensor:
        """One section, `(..., 1, 6)`."""
        one = torch.ones_like(self.coefficient)
        return section(one, torch.zeros_like(one), one, -self.coefficient)
