"""References for the biquads: the analog prototypes of the Audio EQ Cookbook through the bilinear transform.

With `W = tan(w / 2) / tan(w0 / 2)` a low-pass is `1 / (1 - W^2 + jW/q)`, a high-pass `-W^2` over the same, a peak
`(1 - W^2 + jWA/q) / (1 - W^2 + jW/(qA))`. Nothing cancels, so the results have full precision at every corner and rate.
"""

from __future__ import annotations

import numpy as np
from scipy import signal

import fxlab as fx


def warped(hertz: np.ndarray, corner: float, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Return `W`, and its derivative by `w` in radians per sample."""
    ratio = np.tan(np.pi * corner / rate)
    tangent = np.tan(np.pi * hertz / rate)
    return tangent / ratio, (1 + tangent**2) / (2 * ratio)


def parts(module: fx.Biquad) -> tuple[str, float, float, float]:
    """Return `(kind, corner, width of the numerator, width of the denominator)`."""
    if isinstance(module, fx.Peak):
        a = 10 ** (module.gain_db / 40)
        return "peak", module.frequency, a / module.q, 1 / (a * module.q)
    return type(module).__name__, module.cutoff, 0.0, 1 / module.q


def response(module: fx.Biquad, hertz: np.ndarray, rate: float) -> np.ndarray:
    """Return the complex response at `hertz`, below half the rate, of `prototype` through the bilinear transform."""
    W, _ = warped(hertz, corner(module), rate)

    def value(c: list[float]) -> np.ndarray:
        # 1 - W^2 is factored, so that nothing cancels near W = 1.
        even = -c[0] * W**2 if c[2] == 0 else (c[2] - c[0]) + c[0] * (1 - W) * (1 + W)
        return even + 1j * W * c[1]

    top, bottom = prototype(module)
    return value(top) / value(bottom)


def group_delay(module: fx.Biquad, hertz: np.ndarray, rate: float) -> np.ndarray:
    """Return the group delay in samples, from `d/dW angle(1 - W^2 + jWc) = c (1 + W^2) / ((1 - W^2)^2 + (cW)^2)`."""
    kind, corner, above, below = parts(module)
    W, slope = warped(hertz, corner, rate)

    def phase_slope(width: float) -> np.ndarray:
        return width * (1 + W**2) / (((1 - W) * (1 + W)) ** 2 + (width * W) ** 2)

    return slope * (phase_slope(below) - (phase_slope(above) if kind == "peak" else 0.0))


def phase(module: fx.Biquad, hertz: np.ndarray, rate: float) -> np.ndarray:
    """Return the unwrapped phase: each factor goes from 0 to pi, and a high-pass starts at pi."""
    kind, corner, above, below = parts(module)
    W, _ = warped(hertz, corner, rate)
    square = (1 - W) * (1 + W)
    lead = {"peak": np.arctan2(W * above, square), "LowPass": 0.0, "HighPass": np.pi}[kind]
    return lead - np.arctan2(W * below, square)


def prototype(module: fx.Biquad) -> tuple[list[float], list[float]]:
    """Return `(numerator, denominator)` of the cookbook's analog filter at a corner of 1, highest power of s first."""
    width = 1 / module.q
    plain = [1.0, width, 1.0]
    if isinstance(module, (fx.LowShelf, fx.HighShelf)):
        a = 10 ** (module.gain_db / 40)
        low, high = [1.0, a**0.5 * width, a], [a, a**0.5 * width, 1.0]
        top, bottom = (low, high) if isinstance(module, fx.LowShelf) else (high, low)
        return [a * c for c in top], bottom
    if isinstance(module, fx.Peak):
        _, _, above, below = parts(module)
        return [1.0, above, 1.0], [1.0, below, 1.0]
    top = {
        "LowPass": [0.0, 0.0, 1.0],
        "HighPass": [1.0, 0.0, 0.0],
        "BandPass": [0.0, width if getattr(module, "gain", "") == "peak" else 1.0, 0.0],
        "Notch": [1.0, 0.0, 1.0],
        "AllPass": [1.0, -width, 1.0],
    }[type(module).__name__]
    return top, plain


def corner(module: fx.Biquad) -> float:
    """Return the corner or center frequency in Hz."""
    return float(module.frequency if "frequency" in module.declarations else module.cutoff)


def points(module: fx.Biquad, rate: float) -> np.ndarray:
    """Return frequencies from 0 to half the rate, and some close to the corner."""
    about = corner(module) * np.array([0.5, 0.9, 0.999, 1.0, 1.001, 1.1, 1.5])
    everywhere = rate * np.array([1e-6, 1e-4, 0.003, 0.03, 0.1, 0.25, 0.35, 0.49, 0.4999])
    return np.unique(np.concatenate([about[about < rate / 2], everywhere]))


def bilinear(module: fx.Biquad, rate: float) -> np.ndarray:
    """Return SciPy's bilinear transform of `prototype`, warped to keep the corner, as `b0 b1 b2 a0 a1 a2`."""
    return np.concatenate(signal.bilinear(*prototype(module), fs=1 / (2 * np.tan(np.pi * corner(module) / rate))))
