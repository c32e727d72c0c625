"""The lowest order that meets a mask, and the edge frequencies of the filter of that order.

The edges of the mask are prewarped for the bilinear transform and transformed to a normalized low-pass whose passband
ends at 1. Its stopband begins at the frequency called selectivity, where the attenuation must be reached.

Source:
    A. Antoniou, Digital Signal Processing, 2006, chapters 10 and 11; L. D. Paarmann, Design and Analysis of Analog
    Filters, 2001. Orders and edges are as in `scipy.signal.buttord`, `cheb1ord`, `cheb2ord` and `ellipord`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from fxlab.filters.design.mask import Edges, Mask

_ROUNDING = 1e-9  # tolerance of the order: a mask derived from a filter must not need a higher order than it has


@dataclass(frozen=True)
class Demand:
    """The specification of the analog prototype for a mask, with prewarped edges."""

    kind: str
    warped_passband: tuple[float, float]
    """Prewarped edges of the passband; a low-pass or high-pass uses only the first."""
    selectivity: float
    """Stopband edge of the normalized low-pass, whose passband edge is 1."""
    discrimination: float
    """`sqrt((10^(attenuation/10) - 1) / (10^(ripple/10) - 1))`."""
    ripple: float
    """`sqrt(10^(ripple/10) - 1)`."""
    passband: Edges
    """The edges `warped_passband` in Hz; one of a band-stop may be farther in than the edge in the mask."""
    rate: float
    """The sample rate in Hz."""

    @classmethod
    def of(cls, mask: Mask, rate: float) -> Demand:
        """Return the specification of the prototype for `mask` at a sample rate in Hz."""
        p, s = _prewarp(mask.passband, rate), _prewarp(mask.stopband, rate)
        if mask.kind == "lowpass":
            selectivity = s[0] / p[0]
        elif mask.kind == "highpass":
            selectivity = p[0] / s[0]
        elif mask.kind == "bandpass":
            selectivity = min(abs((w * w - p[0] * p[1]) / (w * (p[1] - p[0]))) for w in s)
        else:
            # The two transitions of a band-stop have the same slope if the edges are symmetric about one center. The
            # passband edge that is farther out may be moved inward: the mask is still met, and the slopes are gentler.
            p = (max(p[0], s[0] * s[1] / p[1]), p[1])
            p = (p[0], min(p[1], s[0] * s[1] / p[0]))
            selectivity = min(abs(w * (p[1] - p[0]) / (w * w - p[0] * p[1])) for w in s)
        levels = (mask.ripple_db, mask.attenuation_db)
        ripple, depth = (math.sqrt(math.expm1(level * math.log(10) / 10)) for level in levels)
        passband = mask.passband
        if isinstance(passband, tuple):
            low, high = (
                given if w == adjusted else _unwarp(adjusted, rate)
                for given, w, adjusted in zip(passband, _prewarp(passband, rate), p, strict=True)
            )
            passband = (low, high)
        return cls(mask.kind, p, selectivity, depth / ripple, ripple, passband, rate)

    def edges(self, frequency: float) -> Edges:
        """Return the frequency of the filter in Hz that corresponds to a frequency of the prototype in rad/s.

        For a band-pass or band-stop the result is a pair of frequencies. The prototype is the analog low-pass whose
        passband ends at 1 rad/s.
        """
        low, high = self.warped_passband
        if self.kind == "lowpass":
            return _unwarp(low * frequency, self.rate)
        if self.kind == "highpass":
            return _unwarp(low / frequency, self.rate)
        half = (high - low) / 2 * (frequency if self.kind == "bandpass" else 1 / frequency)
        outer = half + math.sqrt(half * half + low * high)
        return _unwarp(low * high / outer, self.rate), _unwarp(outer, self.rate)


def butterworth(demand: Demand) -> float:
    """Return the required order of a Butterworth filter, before rounding up."""
    return math.log(demand.discrimination) / math.log(demand.selectivity)


def chebyshev(demand: Demand) -> float:
    """Return the required order of a Chebyshev filter of either type, before rounding up."""
    return math.acosh(demand.discrimination) / math.acosh(demand.selectivity)


def elliptic(demand: Demand) -> float:
    """Return the required order of an elliptic filter, before rounding up.

    It is `K(k) K(k1') / (K(k') K(k1))`, by the degree equation, where K is the complete elliptic integral, the moduli
    are `k = 1 / selectivity` and `k1 = 1 / discrimination`, and `k' = sqrt(1 - k^2)`.
    """
    K, K_complement = _elliptic_integrals(demand.selectivity)
    K1, K1_complement = _elliptic_integrals(demand.discrimination)
    return K * K1_complement / (K_complement * K1)


def round_up_order(order: float) -> int:
    """Return `order` rounded up to an integer of at least 1, with a tolerance of 1e-9 for rounding errors."""
    return max(1, math.ceil(order - _ROUNDING))


def butterworth_edges(demand: Demand, order: int) -> Edges:
    """Return the -3 dB edges in Hz of the Butterworth filter that reaches the ripple at the passband edges."""
    return demand.edges(demand.ripple ** (-1 / order))


def chebyshev2_edges(demand: Demand, order: int) -> Edges:
    """Return the stopband edges in Hz of the type II Chebyshev filter that reaches the ripple at the passband edges."""
    return demand.edges(math.cosh(math.acosh(demand.discrimination) / order))


def _prewarp(edges: Edges, rate: float) -> tuple[float, float]:
    low, high = edges if isinstance(edges, tuple) else (edges, edges)
    return math.tan(math.pi * low / rate), math.tan(math.pi * high / rate)


def _unwarp(warped: float, rate: float) -> float:
    return math.atan(warped) * rate / math.pi


def _elliptic_integrals(ratio: float) -> tuple[float, float]:
    """Return the complete elliptic integrals `K(k)` and `K(sqrt(1 - k^2))` for the modulus `k = 1 / ratio`."""
    k = 1 / ratio
    complement = math.sqrt((ratio - 1) * (ratio + 1)) / ratio
    return math.pi / 2 / _arithmetic_geometric_mean(complement), math.pi / 2 / _arithmetic_geometric_mean(k)


def _arithmetic_geometric_mean(value: float) -> float:
    """Return the arithmetic-geometric mean of 1 and `value`."""
    one = 1.0
    for _ in range(60):
        if abs(one - value) <= 1e-15 * one:
            break
        one, value = (one + value) / 2, math.sqrt(one * value)
    return one
