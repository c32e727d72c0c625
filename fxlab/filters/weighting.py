"""`Weighting`: the frequency weightings of level, loudness and noise meters."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.filters.common.magnitude_fit import fit_magnitude
from fxlab.module import Choice, Recursive

Array = NDArray[np.float64]
Roots = NDArray[np.complex128]

LEAST_RATE = 2000.0
"""The lowest supported sample rate in Hz."""
K_RATE = 48_000.0
"""The sample rate in Hz for which ITU-R BS.1770-4 lists coefficients."""
LEAST_BILINEAR_RATE = 8000.0
"""The lowest sample rate in Hz at which the K curve is computed by the bilinear transform, as in other meters."""

# IEC 61672-1, annex E: the corners in Hz; at 12 194 Hz and at 20.6 Hz there are two poles each. B: ANSI S1.42.
LOW, MIDDLE, MIDDLE_OF_B, HIGH, TOP = 20.598997, 107.65265, 158.48932, 737.86223, 12194.217
REFERENCE = 1000.0  # Hz, where all curves except K are 0 dB

# ITU-R BS.1770-4 lists coefficients at 48 kHz; these are the analog filters from which they were derived.
SHELF_HZ, SHELF_DB, SHELF_Q, SHELF_BEND = 1681.974450955533, 3.999843853973347, 0.7071752369554196, 0.4996667741545416
PASS_HZ, PASS_Q = 38.13547087602444, 0.5003270373238773

# ITU-R BS.468-4, figure 1: the denominator of the network, in ascending powers of `j f` with f in Hz.
NETWORK_468 = (
    1.0, 5.559488023498642e-4, 1.363894795463638e-7, 2.118150887518656e-11, 2.043828333606125e-15,
    1.306612257412824e-19, 4.737338981378384e-24,
)  # fmt: skip


class Prototype(NamedTuple):
    """An analog filter with 0 dB at 1 kHz."""

    zeros_at_zero: int
    """The number of zeros at 0 Hz."""
    zeros: Roots
    """The other zeros, in rad/s."""
    poles: Roots
    """The poles, in rad/s."""

    def magnitude(self, hertz: Array) -> Array:
        """Return the magnitude response at frequencies in Hz, as an array of the same shape."""
        return self._product(hertz) / self._product(np.array([REFERENCE]))

    def _product(self, hertz: Array) -> Array:
        s = 2j * np.pi * hertz[..., None]
        found: Array = np.abs(s[..., 0] ** self.zeros_at_zero * (s - self.zeros).prod(-1) / (s - self.poles).prod(-1))
        return found


def _real_poles(*hertz: float) -> Roots:
    return -2 * np.pi * np.array(hertz, np.complex128)


def _roots(*coefficients: float) -> Roots:
    """Return the roots of a polynomial from its coefficients, highest power first, as complex128."""
    return np.roots(coefficients).astype(np.complex128)


PROTOTYPES = {
    "A": Prototype(4, _real_poles(), _real_poles(LOW, LOW, MIDDLE, HIGH, TOP, TOP)),
    "B": Prototype(3, _real_poles(), _real_poles(LOW, LOW, MIDDLE_OF_B, TOP, TOP)),
    "C": Prototype(2, _real_poles(), _real_poles(LOW, LOW, TOP, TOP)),
    # IEC 537: s (s² + 6532 s + 4.0975e7) / ((s + 1776.3) (s + 7288.5) (s² + 21514 s + 3.8836e8)).
    "D": Prototype(
        1,
        _roots(1, 6532, 4.0975e7),
        np.concatenate([_roots(1, 1776.3), _roots(1, 7288.5), _roots(1, 21514, 3.8836e8)]),
    ),
    "468": Prototype(1, _real_poles(), 2 * np.pi * _roots(*NETWORK_468[::-1])),
}


class Weighting(Recursive):
    """A frequency weighting: A, B or C (hearing at low, middle and high levels), D (aircraft noise), K or 468.

    A, B, C, D and 468 (ITU-R 468, noise in broadcasting) follow their analog curves at any sample rate from 2 kHz on:
    within 0.08 dB up to 0.45 of the sample rate, and within 0.9 dB (468: 1.8 dB) up to half of it. At sample rates from
    4 kHz on their level at 1 kHz is 0 dB. K (loudness meters) has the coefficients of ITU-R BS.1770-4 at 48 kHz. At
    other sample rates from 8 kHz on, K is the bilinear transform of the analog filter behind these coefficients; at
    lower rates it is within 0.02 dB of the response at 48 kHz up to 0.45 of the sample rate.

    ITU-R 468 also specifies a quasi-peak meter, which is not part of this filter.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: The sample rate is below 2 kHz.

    Source:
        IEC 61672-1:2013 (A, C); ANSI S1.42-2001 (B); IEC 537:1976 (D); ITU-R BS.1770-4 (K); ITU-R BS.468-4 (468).

    >>> decibels = 20 * Weighting("A").response([31.623, 1000.0], sample_rate=48_000).abs().log10()
    >>> [round(value) for value in decibels.tolist()]
    [-39, 0]
    >>> Weighting("468").magnitude_db([31.5, 6300.0, 20_000.0], sample_rate=48_000).round(decimals=1).tolist()
    [-29.9, 12.2, -22.2]
    """

    curve = Choice(
        "A",
        ("A", "B", "C", "D", "K", "468"),
        doc="A, B, C: hearing at low, middle and high levels. D: aircraft noise. K: loudness meters. 468: noise in "
        "broadcasting.",
    )

    def design(self, sample_rate: float) -> Tensor:
        """Return the sections, `(sections, 6)`.

        Raises:
            ParameterError: The sample rate is below `LEAST_RATE`.
        """
        if sample_rate < LEAST_RATE:
            raise ParameterError(
                f"Weighting: the sample rate is {sample_rate:g} Hz; the {self.curve} curve needs one of at least "
                f"{LEAST_RATE:g} Hz. Resample the signal."
            )
        return torch.from_numpy(_sections(self.curve, float(sample_rate)).copy())


@lru_cache(maxsize=64)
def _sections(curve: str, rate: float) -> Array:
    if curve != "K":
        prototype = PROTOTYPES[curve]
        return fit_magnitude(prototype.magnitude, prototype.poles, prototype.zeros_at_zero, rate).numpy()
    if rate >= LEAST_BILINEAR_RATE:
        return np.stack(_k_curve(rate))
    return fit_magnitude(_k_magnitude(), _k_poles(), 2, rate).numpy()


def _k_magnitude() -> Callable[[Array], Array]:
    """Return a function that computes the magnitude of the K curve at 48 kHz for frequencies in Hz."""
    rows = np.stack(_k_curve(K_RATE))

    def magnitude(hertz: Array) -> Array:
        delays = np.exp(-2j * np.pi * np.outer(hertz, np.arange(3)) / K_RATE)
        found: Array = np.abs((delays @ rows[:, :3].T / (delays @ rows[:, 3:].T)).prod(-1))
        return found

    return magnitude


def _k_poles() -> Roots:
    """Return the poles of the analog K curve in rad/s."""
    pairs = [2 * np.pi * hertz * _roots(1, 1 / q, 1) for hertz, q in ((SHELF_HZ, SHELF_Q), (PASS_HZ, PASS_Q))]
    return np.concatenate(pairs)


def _k_curve(rate: float) -> list[Array]:
    """Return the sections of the K curve, `(6,)` each: a high shelf for the effect of the head, and a high-pass."""
    w, a = _denominator(SHELF_HZ, SHELF_Q, rate)
    high = 10 ** (SHELF_DB / 20)
    bend, square, width = high**SHELF_BEND, w * w, w / SHELF_Q
    b = np.array([high + bend * width + square, 2 * (square - high), high - bend * width + square])
    shelf = np.concatenate([b, a]) / a[0]
    _, a = _denominator(PASS_HZ, PASS_Q, rate)
    return [shelf, np.concatenate([[1.0, -2.0, 1.0], a / a[0]])]


def _denominator(hertz: float, q: float, rate: float) -> tuple[float, Array]:
    """Return the corner `hertz`, prewarped, and the denominator `(3,)` of the pole pair with this corner and `q`."""
    w = math.tan(math.pi * hertz / rate)
    square, width = w * w, w / q
    return w, np.array([1 + width + square, 2 * (square - 1), 1 - width + square])
