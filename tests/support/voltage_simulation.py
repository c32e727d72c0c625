"""Analog filters simulated as their authors do: a plain loop over samples, in float64."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Course = Tensor | float


def state_variable(x: Tensor, cutoff: Course, q: Course, kind: str, rate: float) -> Tensor:
    """Simper's `SvfLinearTrapOptimised2`, line by line."""
    corners, qs = over(cutoff, x), over(q, x)
    ic1 = ic2 = 0.0
    out = []
    for v0, corner, quality in zip(x.tolist(), corners, qs, strict=True):
        g, k = math.tan(math.pi * corner / rate), 1 / quality
        a1 = 1 / (1 + g * (g + k))
        a2 = g * a1
        a3 = g * a2
        v3 = v0 - ic2
        v1 = a1 * ic1 + a2 * v3
        v2 = ic2 + a2 * ic1 + a3 * v3
        ic1, ic2 = 2 * v1 - ic1, 2 * v2 - ic2
        low, band, high = v2, v1, v0 - k * v1 - v2
        taps = {
            "lowpass": low,
            "highpass": high,
            "bandpass": k * band,
            "notch": low + high,
            "allpass": low - k * band + high,
            "peak": low - high,
        }
        out.append(taps[kind])
    return torch.tensor(out, dtype=torch.float64)


def ladder(x: Tensor, cutoff: Course, resonance: Course, rate: float, drive_db: Course | None = None) -> Tensor:
    """Four one-poles and a loop; what enters the first is found by halving an interval, not by a formula."""
    corners, loops = over(cutoff, x), over(resonance, x)
    drives = None if drive_db is None else over(drive_db, x)
    s = np.zeros(4)
    out = []
    for n, v in enumerate(x.tolist()):
        g = math.tan(math.pi * corners[n] / rate)
        drive = None if drives is None else 10 ** (drives[n] / 20)

        def bent(e: float, drive: float | None = drive) -> float:
            return e if drive is None else math.tanh(drive * e) / drive

        # e = v - k y(bent(e)) falls on the right as it rises on the left.
        reach = abs(v) + loops[n] * float(np.abs(s).sum()) + 1e-300
        low, high = -reach, reach
        for _ in range(200):
            middle = (low + high) / 2
            if middle + loops[n] * poles(bent(middle), s, g)[-1] < v:
                low = middle
            else:
                high = middle
        ys = poles(bent((low + high) / 2), s, g)
        s = 2 * ys - s
        out.append(ys[-1])
    return torch.tensor(np.array(out))


def poles(u: float, s: NDArray[np.float64], g: float) -> NDArray[np.float64]:
    """The outputs of four one-poles behind one another, of the trapezoidal rule."""
    ys = []
    for held in s:
        u = (g * u + held) / (1 + g)
        ys.append(u)
    return np.array(ys)


def over(value: Course, x: Tensor) -> list[float]:
    """A number, or a course, for every sample."""
    return value.tolist() if isinstance(value, Tensor) else [value] * len(x)
