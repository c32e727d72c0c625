"""`Weighting`: the frequency weightings A, C and K of level and loudness meters."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.torch_support.tracing import constant_in_graphs
from fxlab.errors import ParameterError
from fxlab.module import Choice, Recursive

# IEC 61672-1, annex E: the corners in Hz; at 12 194 Hz and at 20.6 Hz there are two poles each.
LOW, MIDDLE, HIGH, TOP = 20.598997, 107.65265, 737.86223, 12194.217
REFERENCE = 1000.0  # Hz, where A and C are 0 dB
BETWEEN = 0.2  # of the sample rate, the matched frequency: A and C stay within 0.1 dB up to a quarter of the rate

# ITU-R BS.1770-4 lists coefficients at 48 kHz; these are the analog filters from which they were derived.
SHELF_HZ, SHELF_DB, SHELF_Q, SHELF_BEND = 1681.974450955533, 3.999843853973347, 0.7071752369554196, 0.4996667741545416
PASS_HZ, PASS_Q = 38.13547087602444, 0.5003270373238773


class Weighting(Recursive):
    """A frequency weighting: A (hearing at low levels), C (hearing at high levels) or K (loudness meters).

    A and C follow the analog curves within 0.05 dB up to 10 kHz at the usual sample rates, and within 1.1 dB up to half
    the sample rate at any rate from 8 kHz on. K is exact at 48 kHz, and derived from the same analog filter at other
    rates.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: The sample rate is not above 2 kHz, or 3.4 kHz for K.

    Source:
        IEC 61672-1:2013; ITU-R BS.1770-4.

    >>> decibels = 20 * Weighting("A").response([31.623, 1000.0], sample_rate=48_000).abs().log10()
    >>> [round(value) for value in decibels.tolist()]
    [-39, 0]
    """

    curve = Choice("A", ("A", "C", "K"), doc="A: hearing at low level. C: hearing at high level. K: loudness meters.")

    def design(self, sample_rate: float) -> Tensor:
        """Return the sections, `(sections, 6)`."""
        curve, least = self.curve, 2 * (SHELF_HZ if self.curve == "K" else REFERENCE)
        if sample_rate <= least:
            raise ParameterError(
                f"Weighting: the sample rate is {sample_rate:g} Hz; the {curve} curve needs one above {least:.0f} Hz."
            )
        return _curve_sections(curve, sample_rate)


@constant_in_graphs
def _curve_sections(curve: str, rate: float) -> Tensor:
    rows = _k_curve(rate) if curve == "K" else _a_or_c_curve(curve, rate)
    return torch.from_numpy(np.stack(rows))


def _a_or_c_curve(curve: str, rate: float) -> list[np.ndarray]:
    """Return the A or C curve: high-passes at the low corners, a double low-pass at the top, 0 dB at 1 kHz."""
    rows = [_high_pass(LOW, LOW, rate), _low_pass(rate)]
    if curve == "A":
        rows.append(_high_pass(MIDDLE, HIGH, rate))
    turn = np.exp(-2j * np.pi * REFERENCE / rate * np.arange(3))
    for row in rows:
        row[:3] /= abs(row[:3] @ turn / (row[3:] @ turn))
    return rows


def _high_pass(one: float, other: float, rate: float) -> np.ndarray:
    """Return two first-order high-passes as one section; the bilinear transform is accurate at their low corners."""
    p, q = ((w - 1) / (w + 1) for w in (math.tan(math.pi * hertz / rate) for hertz in (one, other)))
    return np.array([1.0, -2.0, 1.0, 1.0, p + q, p * q])


def _low_pass(rate: float) -> np.ndarray:
    """Return two first-order low-passes at the top corner, which may lie above half the rate.

    The bilinear transform would distort the curve from 2 kHz on. Instead the poles are those of the analog filter by
    impulse invariance, and the zeros match its level at 0 Hz, at half the rate and at one frequency in between
    (M. Vicanek, Matched Second Order Digital Filters).
    """
    p = -math.exp(-2 * math.pi * TOP / rate)
    below = np.array([(1 + p) ** 4, (1 - p) ** 4, -4 * p * p])

    def basis(place: float) -> np.ndarray:
        """Return the weights with which Vicanek's three coefficient sums give the power at `place * rate`."""
        odd = math.sin(math.pi * place) ** 2
        return np.array([1 - odd, odd, 4 * odd * (1 - odd)])

    def power(place: float) -> float:
        level: float = basis(place) @ below / (1 + (place * rate / TOP) ** 2) ** 2
        return level

    at_zero, at_nyquist = power(0.0), power(0.5)
    mixed = (power(BETWEEN) - basis(BETWEEN)[:2] @ (at_zero, at_nyquist)) / basis(BETWEEN)[2]
    mean = (math.sqrt(at_zero) + math.sqrt(at_nyquist)) / 2
    b0 = (mean + math.sqrt(mean * mean + mixed)) / 2
    return np.array([b0, (math.sqrt(at_zero) - math.sqrt(at_nyquist)) / 2, -mixed / (4 * b0), 1.0, 2 * p, p * p])


def _k_curve(rate: float) -> list[np.ndarray]:
    """Return the sections of the K curve: a high shelf for the effect of the head, and a high-pass filter."""
    w, a = _poles(SHELF_HZ, SHELF_Q, rate)
    high = 10 ** (SHELF_DB / 20)
    bend, square, width = high**SHELF_BEND, w * w, w / SHELF_Q
    b = np.array([high + bend * width + square, 2 * (square - high), high - bend * width + square])
    shelf = np.concatenate([b, a]) / a[0]
    _, a = _poles(PASS_HZ, PASS_Q, rate)
    return [shelf, np.concatenate([[1.0, -2.0, 1.0], a / a[0]])]


def _poles(hertz: float, q: float, rate: float) -> tuple[float, np.ndarray]:
    """Return the prewarped analog corner for `hertz`, and the denominator of the pole pair with this corner and `q`."""
    w = math.tan(math.pi * hertz / rate)
    square, width = w * w, w / q
    return w, np.array([1 + width + square, 2 * (square - 1), 1 - width + square])
