"""A low-pass whose cutoff moves, computed sample by sample, and the position of a recording in its output."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.support.browser.sounds import RATE

STEP = 16
"""Samples for which the coefficients stay the same."""


def moving_lowpass(x: np.ndarray, cutoff: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return `x` through the low-pass of the Audio EQ Cookbook, whose cutoff is a function of the time in seconds."""
    steps = np.arange(0, len(x), STEP)
    w = 2 * np.pi * cutoff(steps / RATE) / RATE
    alpha, c = np.sin(w) / (2 * 0.7071), np.cos(w)
    a0 = 1 + alpha
    b0, b1, a1, a2 = ((term / a0).tolist() for term in ((1 - c) / 2, 1 - c, -2 * c, 1 - alpha))
    samples, y = x.astype("f8").tolist(), []
    s1 = s2 = 0.0
    for n, value in enumerate(samples):
        k = n // STEP
        out = b0[k] * value + s1
        s1 = b1[k] * value - a1[k] * out + s2
        s2 = b0[k] * value - a2[k] * out
        y.append(out)
    return np.array(y)


def play_position(recording: np.ndarray, sound: np.ndarray, fade: float = 0.0) -> tuple[int, float]:
    """Return the sample of the looped `sound` at which `recording` begins, and the largest difference from there on.

    The difference is a fraction of the peak of the sound. The first 20 ms of a repetition are left out, in which the
    player smooths the jump from the end of the sound, and its last `fade` seconds: a selected part ends in a crossfade.
    """
    size = 8192
    spectrum = np.fft.rfft(sound)
    padded = np.zeros_like(sound)
    padded[:size] = recording[:size]
    correlation = np.fft.irfft(spectrum * np.conj(np.fft.rfft(padded)), len(sound))
    # The level of the sound differs along a sweep: the best few places are compared sample by sample.
    best, error = 0, np.inf
    for place in np.argsort(correlation)[-50:]:
        at = (place + np.arange(len(recording))) % len(sound)
        is_compared = (at >= 0.02 * RATE) & (at < len(sound) - fade * RATE)
        difference = np.where(is_compared, np.abs(recording - sound[at]), 0.0).max() / np.abs(sound).max()
        if difference < error:
            best, error = int(place), float(difference)
    return best, error
