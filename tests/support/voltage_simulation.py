"""Reference simulations of analog filters: a loop over samples, in float64."""

from __future__ import annotations

import math

import torch
from torch import Tensor

ParameterSignal = Tensor | float


def state_variable(x: Tensor, cutoff: ParameterSignal, q: ParameterSignal, kind: str, rate: float) -> Tensor:
    """Filter `x` with Simper's `SvfLinearTrapOptimised2`, line by line."""
    corners, qs = per_sample(cutoff, x), per_sample(q, x)
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


def ladder(
    x: Tensor, cutoff: ParameterSignal, resonance: ParameterSignal, rate: float, drive_db: ParameterSignal | None = None
) -> Tensor:
    """Filter `x` with four one-poles and feedback; the input of the first one is found by bisection."""
    corners, loops = per_sample(cutoff, x), per_sample(resonance, x)
    drives = None if drive_db is None else per_sample(drive_db, x)
    s = [0.0] * 4
    out = []
    for n, v in enumerate(x.tolist()):
        g = math.tan(math.pi * corners[n] / rate)
        drive = None if drives is None else 10 ** (drives[n] / 20)

        def saturate(e: float, drive: float | None = drive) -> float:
            return e if drive is None else math.tanh(drive * e) / drive

        # e + k y(saturate(e)) = v has one solution, since the left side increases with e.
        bound = abs(v) + loops[n] * sum(map(abs, s)) + 1e-300
        low, high = -bound, bound
        while low < (middle := (low + high) / 2) < high:
            if middle + loops[n] * one_poles(saturate(middle), s, g)[-1] < v:
                low = middle
            else:
                high = middle
        ys = one_poles(saturate((low + high) / 2), s, g)
        s = [2 * y - state for y, state in zip(ys, s, strict=True)]
        out.append(ys[-1])
    return torch.tensor(out, dtype=torch.float64)


def one_poles(u: float, s: list[float], g: float) -> list[float]:
    """Return the outputs of one-poles in series, by the trapezoidal rule, with states `s` and input `u`."""
    ys = []
    for state in s:
        u = (g * u + state) / (1 + g)
        ys.append(u)
    return ys


def per_sample(value: ParameterSignal, x: Tensor) -> list[float]:
    """Return a number, or a signal of parameter values, as a value for each sample of `x`."""
    return value.tolist() if isinstance(value, Tensor) else [value] * len(x)
