"""Weighting curves, by which a level in dB becomes a measure of loudness."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.module import Choice, Recursive

# IEC 61672-1, annex E: the corners in Hz; at 12 194 Hz and at 20.6 Hz there are two poles each.
LOW, MIDDLE, HIGH, TOP = 20.598997, 107.65265, 737.86223, 12194.217
REFERENCE = 1000.0  # Hz, where A and C are 0 dB
BETWEEN = 0.2  # of the sample rate: keeps A and C within 0.1 dB up to a quarter of it

# ITU-R BS.1770-4 gives numbers at 48 kHz; these are the analog filters that they were made from.
SHELF_HZ, SHELF_DB, SHELF_Q, SHELF_BEND = 1681.974450955533, 3.999843853973347, 0.7071752369554196, 0.4996667741545416
PASS_HZ, PASS_Q = 38.13547087602444, 0.5003270373238773


class Weighting(Recursive):
    """Weigh a spectrum as an ear does at low level (A), at high level (C), or as loudness meters do (K).

    A and C keep to the analog curves within 0.05 dB up to 10 kHz at the usual rates, within 1.1 dB up to half of any
    rate from 8 kHz on. K is exact at 48 kHz and has the same analog origin at other rates.

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

    curve = Choice("A", ("A", "C", "K"), doc="A: an ear at low level. C: at high level. K: a loudness meter.")

    def design(self, sample_rate: float) -> Tensor:
        """The sections, `(sections, 6)`."""
        curve, least = self.curve, 2 * (SHELF_HZ if self.curve == "K" else REFERENCE)
        if sample_rate <= least:
            raise ParameterError(
                f"Weighting: the sample rate is {sample_rate:g} Hz; the {curve} curve needs one above {least:.0f} Hz."
            )
        rows = _loudness(sample_rate) if curve == "K" else _level(curve, sample_rate)
        return torch.from_numpy(np.stack(rows))


def _level(curve: str, rate: float) -> list[np.ndarray]:
    """A or C: high-passes at the low corners, a double low-pass at the top one, the level at 1 kHz made 0 dB."""
    rows = [_high_pass(LOW, LOW, rate), _low_pass(rate)]
    if curve == "A":
        rows.append(_high_pass(MIDDLE, HIGH, rate))
    turn = np.exp(-2j * np.pi * REFERENCE / rate * np.arange(3))
    for row in rows:
        row[:3] /= abs(row[:3] @ turn / (row[3:] @ turn))
    return rows


def _high_pass(one: float, other: float, rate: float) -> np.ndarray:
    """Two first-order high-passes, by the bilinear transform: these corners lie low."""
    p, q = ((w - 1) / (w + 1) for w in (math.tan(math.pi * hertz / rate) for hertz in (one, other)))
    return np.array([1.0, -2.0, 1.0, 1.0, p + q, p * q])


def _low_pass(rate: float) -> np.ndarray:
    """Two first-order low-passes at the top corner, which may lie beyond half the rate.

    The bilinear transform would bend the curve from 2 kHz on. Instead the poles are the analog ones, sampled,
    and the zeros give its level at 0, at half the rate and between (M. Vicanek, Matched Second Order Digital Filters).
    """
    p = -math.exp(-2 * math.pi * TOP / rate)
    below = np.array([(1 + p) ** 4, (1 - p) ** 4, -4 * p * p])

    def shares(place: float) -> np.ndarray:
        """What the sums of the coefficients, of every other one, and their product count for at `place * rate`."""
        odd = math.sin(math.pi * place) ** 2
        return np.array([1 - odd, odd, 4 * odd * (1 - odd)])

    def power(place: float) -> float:
        level: float = shares(place) @ below / (1 + (place * rate / TOP) ** 2) ** 2
        return level

    still, turning = power(0.0), power(0.5)
    mixed = (power(BETWEEN) - shares(BETWEEN)[:2] @ (still, turning)) / shares(BETWEEN)[2]
    mean = (math.sqrt(still) + math.sqrt(turning)) / 2
    b0 = (mean + math.sqrt(mean * mean + mixed)) / 2
    return np.array([b0, (math.sqrt(still) - math.sqrt(turning)) / 2, -mixed / (4 * b0), 1.0, 2 * p, p * p])


def _loudness(rate: float) -> list[np.ndarray]:
    """K: a shelf for the head, a high-pass for the ear's weakness at the bottom."""
    w, a = _poles(SHELF_HZ, SHELF_Q, rate)
    high = 10 ** (SHELF_DB / 20)
    bend, square, width = high**SHELF_BEND, w * w, w / SHELF_Q
    b = np.array([high + bend * width + square, 2 * (square - high), high - bend * width + square])
    shelf = np.concatenate([b, a]) / a[0]
    _, a = _poles(PASS_HZ, PASS_Q, rate)
    return [shelf, np.concatenate([[1.0, -2.0, 1.0], a / a[0]])]


def _poles(hertz: float, q: float, rate: float) -> tuple[float, np.ndarray]:
    """The analog corner that the bilinear transform puts at `hertz`, and the denominator with its pole pair."""
    w = math.tan(math.pi * hertz / rate)
    square, width = w * w, w / q
    return w, np.array([1 + width + square, 2 * (square - 1), 1 - width + square])
