"""The analog prototypes under the Audio EQ Cookbook, through the bilinear transform: a reference with no cancellation.

With `W = tan(w / 2) / tan(w0 / 2)` a low-pass is `1 / (1 - W^2 + jW/q)`, a high-pass `-W^2` over the same, a peak
`(1 - W^2 + jWA/q) / (1 - W^2 + jW/(qA))`; every number comes out to full precision at every corner and rate.
"""

from __future__ import annotations

import numpy as np

import fxlab as fx


def warped(hertz: np.ndarray, corner: float, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """`W`, and its derivative by `w` in radians a sample."""
    ratio = np.tan(np.pi * corner / rate)
    tangent = np.tan(np.pi * hertz / rate)
    return tangent / ratio, (1 + tangent**2) / (2 * ratio)


def parts(module: fx.Biquad) -> tuple[str, float, float, float]:
    """`(kind, corner, width of the numerator, width of the denominator)`."""
    if isinstance(module, fx.Peak):
        a = 10 ** (module.gain_db / 40)
        return "peak", module.frequency, a / module.q, 1 / (a * module.q)
    return type(module).__name__, module.cutoff, 0.0, 1 / module.q


def response(module: fx.Biquad, hertz: np.ndarray, rate: float) -> np.ndarray:
    """The complex response at `hertz` below half the rate."""
    kind, corner, above, below = parts(module)
    W, _ = warped(hertz, corner, rate)
    square = (1 - W) * (1 + W)
    top = {"peak": square + 1j * W * above, "LowPass": 1.0, "HighPass": -(W**2)}[kind]
    return top / (square + 1j * W * below)


def group_delay(module: fx.Biquad, hertz: np.ndarray, rate: float) -> np.ndarray:
    """The delay in samples, from `d/dW angle(1 - W^2 + jWc) = c (1 + W^2) / ((1 - W^2)^2 + (cW)^2)`."""
    kind, corner, above, below = parts(module)
    W, slope = warped(hertz, corner, rate)

    def turning(width: float) -> np.ndarray:
        return width * (1 + W**2) / (((1 - W) * (1 + W)) ** 2 + (width * W) ** 2)

    return slope * (turning(below) - (turning(above) if kind == "peak" else 0.0))


def phase(module: fx.Biquad, hertz: np.ndarray, rate: float) -> np.ndarray:
    """The unwrapped phase: each factor turns from 0 to pi, a high-pass starts half a turn ahead."""
    kind, corner, above, below = parts(module)
    W, _ = warped(hertz, corner, rate)
    square = (1 - W) * (1 + W)
    lead = {"peak": np.arctan2(W * above, square), "LowPass": 0.0, "HighPass": np.pi}[kind]
    return lead - np.arctan2(W * below, square)


def prototype(module: fx.Biquad) -> tuple[list[float], list[float]]:
    """`(numerator, denominator)` of the cookbook's analog filter at a corner of 1, highest power of s first."""
    width = 1 / module.q
    if isinstance(module, fx.BandPass):
        return [0.0, width if module.gain == "peak" else 1.0, 0.0], [1.0, width, 1.0]
    if isinstance(module, fx.Notch):
        return [1.0, 0.0, 1.0], [1.0, width, 1.0]
    if isinstance(module, fx.AllPass):
        return [1.0, -width, 1.0], [1.0, width, 1.0]
    a = 10 ** (module.gain_db / 40)
    low, high = [1.0, a**0.5 * width, a], [a, a**0.5 * width, 1.0]
    top, bottom = (low, high) if isinstance(module, fx.LowShelf) else (high, low)
    return [a * c for c in top], bottom


def corner(module: fx.Biquad) -> float:
    """Its corner or centre in Hz."""
    return float(module.frequency if "frequency" in module.declarations else module.cutoff)


def prototype_response(module: fx.Biquad, hertz: np.ndarray, rate: float) -> np.ndarray:
    """The complex response of `prototype` at `hertz` below half the rate, through the bilinear transform."""
    W, _ = warped(hertz, corner(module), rate)
    top, bottom = (c[2] - c[0] * W**2 + 1j * c[1] * W for c in prototype(module))
    return top / bottom
