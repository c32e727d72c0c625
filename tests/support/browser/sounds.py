"""Test sounds, and measurements of what a page played: levels by band, and the position in a known sound."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.signal import lfilter, welch

RATE = 44_100


def noise(seconds: float, level: float = 0.1, rate: int = RATE) -> np.ndarray:
    """Return the mono white noise that a `noise_cell` of the same length makes in the kernel."""
    return np.random.default_rng(7).normal(0, level, int(seconds * rate)).astype("f4")


def noise_cell(seconds: float, level: float = 0.1, rate: int = RATE) -> str:
    """Return a cell that makes the same `noise` in the kernel, as the Signal `x`."""
    return (
        "import numpy as np, torch, fxlab as fx\n"
        f"samples = np.random.default_rng(7).normal(0, {level}, {int(seconds * rate)}).astype('f4')\n"
        f"x = fx.Signal(torch.from_numpy(samples)[None], {rate})"
    )


def lowpass(cutoff: float, q: float = 0.5**0.5, rate: float = RATE) -> tuple[list[float], list[float]]:
    """Return `b, a` of the low-pass of the Audio EQ Cookbook, independently of fxlab."""
    w = 2 * np.pi * cutoff / rate
    alpha, c = np.sin(w) / (2 * q), np.cos(w)
    return [(1 - c) / 2, 1 - c, (1 - c) / 2], [1 + alpha, -2 * c, 1 - alpha]


def highpass(cutoff: float, q: float = 0.5**0.5, rate: float = RATE) -> tuple[list[float], list[float]]:
    """Return `b, a` of the high-pass of the Audio EQ Cookbook."""
    w = 2 * np.pi * cutoff / rate
    alpha, c = np.sin(w) / (2 * q), np.cos(w)
    return [(1 + c) / 2, -1 - c, (1 + c) / 2], [1 + alpha, -2 * c, 1 - alpha]


def peak(frequency: float, gain_db: float, q: float = 1.0, rate: float = RATE) -> tuple[list[float], list[float]]:
    """Return `b, a` of the peaking equaliser of the Audio EQ Cookbook."""
    w, a = 2 * np.pi * frequency / rate, 10 ** (gain_db / 40)
    alpha, c = np.sin(w) / (2 * q), np.cos(w)
    return [1 + alpha * a, -2 * c, 1 - alpha * a], [1 + alpha / a, -2 * c, 1 - alpha / a]


def tone_level(played: np.ndarray, frequency: float, rate: float = RATE) -> float:
    """Return the peak amplitude of one tone in dB."""
    time = np.arange(len(played)) / rate
    window = np.hanning(len(played))
    phasor = np.sum(window * played * np.exp(-2j * np.pi * frequency * time)) / window.sum()
    return float(20 * np.log10(2 * abs(phasor) + 1e-9))


def filtered(b: list[float], a: list[float], x: np.ndarray) -> np.ndarray:
    """Return `x`, filtered by SciPy in float64."""
    return np.asarray(lfilter(np.array(b) / a[0], np.array(a) / a[0], x.astype("f8")))


def butterworth_db(frequency: np.ndarray, cutoff: float, rate: float = RATE) -> np.ndarray:
    """Return the level in dB of a second-order Butterworth low-pass by the bilinear transform, in closed form."""
    warped = np.tan(np.pi * frequency / rate) / np.tan(np.pi * cutoff / rate)
    return -10 * np.log10(1 + warped**4)


def band_levels(x: np.ndarray, rate: float = RATE) -> tuple[np.ndarray, np.ndarray]:
    """Return the centers of third-octave bands, 126 Hz to 16 kHz, and the mean power density of `x` in each in dB."""
    frequency, power = welch(x, rate, nperseg=8192)
    centers = 100 * 2 ** (np.arange(0, 23) / 3)
    edges = centers * 2 ** (1 / 6)
    inside = [(frequency > low) & (frequency <= high) for low, high in pairwise(edges)]
    return centers[1:], np.array([10 * np.log10(power[chosen].mean()) for chosen in inside])


def loop_excerpt(sound: np.ndarray, start: int, count: int) -> np.ndarray:
    """Return `count` samples of the looped `sound`, beginning with sample `start`."""
    return sound[(start + np.arange(count)) % len(sound)]


def loop_positions(played: np.ndarray, sound: np.ndarray, block: int = 2048) -> np.ndarray:
    """Return, for each block of `played`, the sample of the looped `sound` that corresponds to `played[0]`.

    If all blocks give the same number, the playhead advanced by exactly one sample for each sample played. The
    correlation is divided by the level of the sound at each position. Otherwise the maximum could lie one sample
    beside the true position, if the sound has hardly any high frequencies.
    """
    spectrum = np.conj(np.fft.rfft(sound))
    power = np.cumsum(np.concatenate([sound, sound[:block]]).astype("f8") ** 2)
    energy = power[block - 1 : -1] - power[:-block] + sound.astype("f8") ** 2
    level = np.sqrt(np.maximum(energy, 1e-3 * energy.mean()))
    found = []
    for start in range(0, len(played) - block, block):
        padded = np.zeros_like(sound)
        padded[:block] = played[start : start + block]
        correlation = np.fft.irfft(np.conj(np.fft.rfft(padded) * spectrum), len(sound))
        found.append((int(np.argmax(correlation / level)) - start) % len(sound))
    return np.array(found)
