"""How many poles a mask takes, and where the edges of the filter go that has them.

Edges are warped as the bilinear transform warps them, and carried to those of a low-pass whose pass band ends at 1; its
stop band then begins at the selectivity, and there the attenuation must be reached.

Source:
    A. Antoniou, Digital Signal Processing, 2006, chapters 10 and 11; L. D. Paarmann, Design and Analysis of Analog
    Filters, 2001. Orders and edges are those of `scipy.signal.buttord`, `cheb1ord`, `cheb2ord` and `ellipord`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from fxlab.filters.design.mask import Edges, Mask

_ROUNDING = 1e-9  # of an order: a filter's own figures, asked back, must not cost it one pole more


@dataclass(frozen=True)
class Demand:
    """A mask in the analog plane."""

    kind: str
    passes: tuple[float, float]
    """Warped edges of the pass band; of a low-pass or high-pass the first alone counts."""
    selectivity: float
    """Where the stop band of the low-pass begins whose pass band ends at 1."""
    discrimination: float
    """`sqrt((10^(attenuation/10) - 1) / (10^(ripple/10) - 1))`."""
    ripple: float
    """`sqrt(10^(ripple/10) - 1)`."""
    passband: Edges
    """What `passes` are in Hz."""
    rate: float

    @classmethod
    def of(cls, mask: Mask, rate: float) -> Demand:
        """Warp the edges of `mask`."""
        p, s = _warped(mask.passband, rate), _warped(mask.stopband, rate)
        if mask.kind == "lowpass":
            selectivity = s[0] / p[0]
        elif mask.kind == "highpass":
            selectivity = p[0] / s[0]
        elif mask.kind == "bandpass":
            selectivity = min(abs((w * w - p[0] * p[1]) / (w * (p[1] - p[0]))) for w in s)
        else:
            # Both flanks fall alike when the edges lie about one centre: the pass edge that is farther out than that
            # may come in, which is still inside the mask and makes both flanks gentler.
            p = (max(p[0], s[0] * s[1] / p[1]), p[1])
            p = (p[0], min(p[1], s[0] * s[1] / p[0]))
            selectivity = min(abs(w * (p[1] - p[0]) / (w * w - p[0] * p[1])) for w in s)
        levels = (mask.ripple_db, mask.attenuation_db)
        ripple, depth = (math.sqrt(math.expm1(level * math.log(10) / 10)) for level in levels)
        passband = mask.passband
        if isinstance(passband, tuple):
            low, high = (
                given if w == moved else _hertz(moved, rate)
                for given, w, moved in zip(passband, _warped(passband, rate), p, strict=True)
            )
            passband = (low, high)
        return cls(mask.kind, p, selectivity, depth / ripple, ripple, passband, rate)

    def edges(self, stretch: float) -> Edges:
        """In Hz, where the frequency `stretch` of the low-pass comes to lie."""
        low, high = self.passes
        if self.kind == "lowpass":
            return _hertz(low * stretch, self.rate)
        if self.kind == "highpass":
            return _hertz(low / stretch, self.rate)
        half = (high - low) / 2 * (stretch if self.kind == "bandpass" else 1 / stretch)
        outer = half + math.sqrt(half * half + low * high)
        return _hertz(low * high / outer, self.rate), _hertz(outer, self.rate)


def butterworth(demand: Demand) -> float:
    """The order, not yet rounded up to a whole one."""
    return math.log(demand.discrimination) / math.log(demand.selectivity)


def chebyshev(demand: Demand) -> float:
    """The order of either kind, not yet rounded up."""
    return math.acosh(demand.discrimination) / math.acosh(demand.selectivity)


def elliptic(demand: Demand) -> float:
    """The order, not yet rounded up: by the degree equation, `K(k) K'(k1) / (K'(k) K(k1))`."""
    (K, beside), (K1, beside1) = _quarters(demand.selectivity), _quarters(demand.discrimination)
    return K * beside1 / (beside * K1)


def whole(order: float) -> int:
    """The least whole order."""
    return max(1, math.ceil(order - _ROUNDING))


def butterworth_edges(demand: Demand, order: int) -> Edges:
    """The -3 dB edges for which the ripple is reached exactly where the pass band ends."""
    return demand.edges(demand.ripple ** (-1 / order))


def chebyshev2_edges(demand: Demand, order: int) -> Edges:
    """The edges of the stop band for which the ripple is reached exactly where the pass band ends."""
    return demand.edges(math.cosh(math.acosh(demand.discrimination) / order))


def _warped(edges: Edges, rate: float) -> tuple[float, float]:
    low, high = edges if isinstance(edges, tuple) else (edges, edges)
    return math.tan(math.pi * low / rate), math.tan(math.pi * high / rate)


def _hertz(warped: float, rate: float) -> float:
    return math.atan(warped) * rate / math.pi


def _quarters(ratio: float) -> tuple[float, float]:
    """The complete elliptic integrals `K(k)` and `K(k')` of the modulus `k = 1 / ratio`."""
    k = 1 / ratio
    complement = math.sqrt((ratio - 1) * (ratio + 1)) / ratio
    return math.pi / 2 / _mean(complement), math.pi / 2 / _mean(k)


def _mean(value: float) -> float:
    """The arithmetic-geometric mean of 1 and `value`."""
    one = 1.0
    for _ in range(60):
        if abs(one - value) <= 1e-15 * one:
            break
        one, value = (one + value) / 2, math.sqrt(one * value)
    return one
