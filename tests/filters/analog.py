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
