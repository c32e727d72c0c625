"""First-order filters, with at most one pole and one zero."""

from __future__ import annotations

import math
from abc import abstractmethod

import torch
from torch import Tensor

from fxlab.filters.common.parameters import decibels, hertz
from fxlab.filters.cookbook.biquad import section
from fxlab.filters.virtual_analog.trapezoidal import Trapezoidal
from fxlab.module import Choice, Param, Recursive


def one_pole(cutoff: Tensor, sample_rate: float, kind: str) -> Tensor:
    """Return the bilinear transform of the low-pass `w / (s + w)` or the high-pass `s / (s + w)`, `(..., 1, 6)`.

    The corner w is `cutoff`, `(...)` in Hz, prewarped. `kind` is `"lowpass"` or `"highpass"`.
    """
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


class FirstOrderAllPass(Trapezoidal):
    """A first-order all-pass filter: unit gain, and a phase that falls from 0° to −180°, with −90° at its corner.

    Half the sum of input and output is a low-pass, and half the difference is a high-pass. Several all-passes in
    series, with varying corner frequencies and their output mixed with the input, form a phaser. The corner frequency
    may change arbitrarily fast, from block to block of a stream or with `modulated`, because the state is that of an
    analog integrator.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, chapter 2: `(c + z⁻¹) / (1 + c z⁻¹)`; V. Zavalishin,
        The Art of VA Filter Design, chapter 3, for the integrator.

    >>> response = FirstOrderAllPass(cutoff=1000.0).response([0.0, 1000.0], sample_rate=48_000)
    >>> response.abs().tolist(), torch.rad2deg(response.angle()).round(decimals=6).tolist()
    ([1.0, 1.0], [0.0, -90.0])
    """

    cutoff = hertz("Corner frequency, where the phase is −90°.")

    def design(self, sample_rate: float) -> Tensor:
        """Return the section, `(..., 1, 6)`."""
        w = torch.tan(math.pi / sample_rate * self.cutoff)
        zero = torch.zeros_like(w)
        return section(w - 1, 1 + w, zero, 1 + w, w - 1, zero)

    def system(self, g: Tensor) -> Tensor:
        """Return the matrices of the all-pass, which has one integrator, `(..., 2, 2)`; see `Trapezoidal.system`."""
        share = 1 / (1 + g)  # of the low-pass: (g x + s) / (1 + g)
        rows = [[(1 - g) * share, 2 * g * share], [2 * share, (g - 1) * share]]
        return torch.stack([torch.stack(row, -1) for row in rows], -2)


class FirstOrderShelf(Recursive):
    """The base class of the first-order shelves, whose level rises or falls monotonically with frequency."""

    cutoff = hertz("Middle of the transition, where the level is half the gain in dB.")
    gain_db = decibels("Gain of the shelf; negative cuts.")

    @abstractmethod
    def design(self, sample_rate: float) -> Tensor:
        """Return the section, `(..., 1, 6)`."""

    def _corner(self, sample_rate: float) -> tuple[Tensor, Tensor]:
        """Return the prewarped corner and the square root of the gain, both `(...)`."""
        return torch.tan(math.pi / sample_rate * self.cutoff), 10 ** (self.gain_db / 40)


class FirstOrderLowShelf(FirstOrderShelf):
    """A first-order low-shelf filter: it boosts or cuts the frequencies below a corner, with a gentle transition.

    At the corner the level is half of `gain_db`, for boosts and cuts alike, so that a boost and a cut of the same size
    cancel each other. (Other designs place the corner at ±3 dB.)

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate.

    Source:
        V. Välimäki, J. D. Reiss, "All About Audio Equalization: Solutions and Frontiers", Applied Sciences 6(5), 2016,
        on first-order shelving filters.

    >>> shelf = FirstOrderLowShelf(cutoff=200.0, gain_db=6.0)
    >>> shelf.magnitude_db([0.0, 200.0, 24_000.0], sample_rate=48_000).round(decimals=6).tolist()
    [6.0, 3.0, 0.0]
    """

    def design(self, sample_rate: float) -> Tensor:
        """Return the section, `(..., 1, 6)`."""
        w, root = self._corner(sample_rate)
        inner = root * w
        return section(1 + inner, inner - 1, torch.zeros_like(inner), 1 + w / root, w / root - 1, torch.zeros_like(w))


class FirstOrderHighShelf(FirstOrderShelf):
    """A first-order high-shelf filter: it boosts or cuts the frequencies above a corner, with a gentle transition.

    At the corner the level is half of `gain_db`, for boosts and cuts alike, so that a boost and a cut of the same size
    cancel each other. (Other designs place the corner at ±3 dB.)

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `cutoff` is not above 0 and below half the sample rate.

    Source:
        V. Välimäki, J. D. Reiss, "All About Audio Equalization: Solutions and Frontiers", Applied Sciences 6(5), 2016,
        on first-order shelving filters.

    >>> shelf = FirstOrderHighShelf(cutoff=5000.0, gain_db=6.0)
    >>> shelf.magnitude_db([0.0, 5000.0, 24_000.0], sample_rate=48_000).round(decimals=6).tolist()
    [0.0, 3.0, 6.0]
    """

    def design(self, sample_rate: float) -> Tensor:
        """Return the section, `(..., 1, 6)`."""
        w, root = self._corner(sample_rate)
        outer, inner, zero = root * root, root * w, torch.zeros_like(w)
        return section(inner + outer, inner - outer, zero, inner + 1, inner - 1, zero)


class DCBlock(Recursive):
    """A DC blocker: a first-order high-pass, by default with its corner at 10 Hz, which removes a constant offset.

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
        "Corner frequency, −3 dB; with a lower corner, the output settles more slowly after a change of the offset.",
        default=10.0,
        low=1.0,
        high=200.0,
    )

    def design(self, sample_rate: float) -> Tensor:
        """Return the section, `(..., 1, 6)`."""
        return one_pole(self.cutoff, sample_rate, "highpass")


class PreEmphasis(Recursive):
    """A pre-emphasis filter: `y[n] = x[n] − coefficient · x[n − 1]`.

    A positive coefficient raises high frequencies relative to low ones, as for the analysis of speech.

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
