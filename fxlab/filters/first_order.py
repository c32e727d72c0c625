"""First-order filters, with one pole and one zero."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.filters.common.parameters import hertz
from fxlab.filters.cookbook.biquad import section
from fxlab.module import Choice, Param, Recursive


def one_pole(cutoff: Tensor, sample_rate: float, kind: str) -> Tensor:
    """Return the prewarped bilinear transform of the low-pass `w / (s + w)` or the high-pass `s / (s + w)`."""
    w = torch.tan(math.pi / sample_rate * cutoff)
    one, zero = torch.ones_like(w), torch.zeros_like(w)
    numerator = (w, w) if kind == "lowpass" else (one, -one)
    return section(*numerator, zero, 1 + w, w - 1, zero)


class OnePole(Recursive):
    """A first-order low-pass or high-pass filter: beyond its corner the level falls by 6 dB per octave.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing: the bilinear transform of `w / (s + w)` and
        `s / (s + w)`, with its corner exact.

    >>> round(OnePole(cutoff=1000.0).response([1000.0], sample_rate=48_000).abs().item(), 4)
    0.7071
    """

    cutoff = hertz("Corner frequency, −3 dB.")
    kind = Choice("lowpass", ("lowpass", "highpass"), doc="Side of the corner that passes.")

    def design(self, sample_rate: float) -> Tensor:
        """Return the section, `(..., 1, 6)`."""
        return one_pole(self.cutoff, sample_rate, self.kind)


class DCBlock(Recursive):
    """A DC blocker: a first-order high-pass with a corner below the audible range, which removes a constant offset.

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

    cutoff = hertz(
        "Corner frequency, −3 dB; a lower one settles more slowly after a change of the offset.",
        default=10.0,
        low=1.0,
        high=200.0,
    )

    def design(self, sample_rate: float) -> Tensor:
        """Return the section, `(..., 1, 6)`."""
        return one_pole(self.cutoff, sample_rate, "highpass")


class PreEmphasis(Recursive):
    """A pre-emphasis filter, which boosts high frequencies, e.g. of speech: `y[n] = x[n] − coefficient · x[n − 1]`.

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
        0.97, low=0.0, high=0.99, above=-1.0, below=1.0, doc="Factor of the previous input sample, which is subtracted."
    )

    def design(self, sample_rate: float) -> Tensor:
        """Return the section, `(..., 1, 6)`."""
        one, zero = torch.ones_like(self.coefficient), torch.zeros_like(self.coefficient)
        return section(one, -self.coefficient, zero, one, zero, zero)


class DeEmphasis(Recursive):
    """The inverse of `PreEmphasis` with the same coefficient: `y[n] = x[n] + coefficient · y[n − 1]`.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `coefficient` is not above −1 and below 1.

    Source:
        torchaudio's `deemphasis`.

    >>> DeEmphasis(coefficient=0.5)(torch.tensor([[1.0, 0.5, 1.5]]), sample_rate=8000)
    tensor([[1., 1., 2.]])
    """

    coefficient = Param(
        0.97, low=0.0, high=0.99, above=-1.0, below=1.0, doc="Factor of the previous output sample, which is added."
    )

    def design(self, sample_rate: float) -> Tensor:
        """Return the section, `(..., 1, 6)`."""
        one, zero = torch.ones_like(self.coefficient), torch.zeros_like(self.coefficient)
        return section(one, zero, zero, one, -self.coefficient, zero)
