"""Filter designs, SciPy references and error measures for the tests of the recursion."""

from __future__ import annotations

import numpy as np
import scipy.signal as ss
import torch
from hypothesis import strategies as st

RATE = 44_100


def peak(frequency: float, gain_db: float, q: float) -> np.ndarray:
    """Return one section of the Audio EQ Cookbook's peaking EQ."""
    amplitude = 10 ** (gain_db / 40)
    w = 2 * np.pi * frequency / RATE
    alpha = np.sin(w) / (2 * q)
    b = [1 + alpha * amplitude, -2 * np.cos(w), 1 - alpha * amplitude]
    a = [1 + alpha / amplitude, -2 * np.cos(w), 1 - alpha / amplitude]
    return np.array([[*b, *a]]) / a[0]


def graphic_eq() -> np.ndarray:
    """Return thirty-one bands a third of an octave apart, alternately 6 dB up and down."""
    centers = 20.0 * 2.0 ** (np.arange(31) / 3)
    return np.concatenate([peak(f, 6.0 * (-1) ** i, 4.3) for i, f in enumerate(centers)])


TORTURE = {
    "8th-order high-pass at 20 Hz": ss.butter(8, 20, "highpass", fs=RATE, output="sos"),
    "+24 dB peak at 20 Hz, q 20": peak(20.0, 24.0, 20.0),
    "notch at 50 Hz, q 100": ss.tf2sos(*ss.iirnotch(50, 100, fs=RATE)),
    "low-pass at 5 Hz": ss.butter(2, 5, fs=RATE, output="sos"),
    "31-band graphic EQ": graphic_eq(),
}


def error_db(result: torch.Tensor | np.ndarray, reference: np.ndarray) -> float:
    """Return the RMS of the difference over the RMS of the reference, in dB."""
    result = np.asarray(result, dtype=np.float64)
    assert result.shape == reference.shape
    difference = np.sqrt(np.mean((result - reference) ** 2))
    return float(20 * np.log10(difference / np.sqrt(np.mean(reference**2)) + 1e-300))


def reference(x: torch.Tensor, sos: np.ndarray, zi: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Filter with SciPy in float64, with states of shape (..., sections, 2)."""
    samples = x.double().numpy()
    first = np.zeros((*samples.shape[:-1], len(sos), 2)) if zi is None else zi
    if samples.shape[-1] == 0:
        return samples, first
    y, last = ss.sosfilt(sos / sos[:, 3:4], samples, zi=np.moveaxis(first, -2, 0))
    return y, np.moveaxis(last, 0, -2)


def cascade_gain(sos: np.ndarray) -> float:
    """Return the largest gain of the complete cascade."""
    w = np.pi * np.append(np.logspace(-4.5, 0, 4000), 0.0)
    return float(np.abs(ss.sosfreqz(sos / sos[:, 3:4], worN=w)[1]).max())


@st.composite
def stable_sections(draw: st.DrawFn, max_sections: int = 12) -> np.ndarray:
    """Draw 1 to `max_sections` sections: complex pairs, real pairs, double poles, first order and gains, a0 not 1."""
    rows = []
    for _ in range(draw(st.integers(1, max_sections))):
        kind = draw(st.sampled_from(["complex", "real", "double", "first order", "gain"]))
        radius = 1 - 10 ** draw(st.floats(-3.5, -0.1))
        other = 1 - 10 ** draw(st.floats(-3.5, -0.1))
        angle = np.pi * 10 ** draw(st.floats(-3.5, 0.0))
        side = draw(st.sampled_from([-1.0, 1.0]))
        if kind == "complex":
            a = [1.0, -2 * radius * np.cos(angle), radius**2]
        elif kind in {"real", "double"}:
            second = radius if kind == "double" else other * draw(st.sampled_from([-1.0, 1.0]))
            a = [1.0, -side * (radius + second), radius * second]
        else:
            a = [1.0, -side * radius if kind == "first order" else 0.0, 0.0]
        b = (
            [draw(st.integers(-100, 100)) / 100 for _ in range(3)]
            if kind != "gain"
            else [draw(st.floats(0.1, 2)), 0.0, 0.0]
        )
        if not any(b):
            b[0] = 1.0
        # Each section is scaled to a largest gain of 1, so that a long cascade does not overflow.
        points = np.exp(1j * np.pi * np.append(np.logspace(-4, 0, 400), [0.0, angle / np.pi]))
        size = np.abs(np.polyval(b, points) / np.polyval(a, points)).max()
        scale = draw(st.sampled_from([1.0, 0.5, -3.0]))
        rows.append([*(np.array(b) / size * scale), *(np.array(a) * scale)])
    return np.array(rows)
