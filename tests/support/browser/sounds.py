"""What was heard, measured: levels by band, the place in a known sound, steps."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.signal import lfilter, welch

RATE = 44_100


def noise(seconds: float, level: float = 0.1, rate: int = RATE) -> np.ndarray:
    """The white noise that `NOISE` makes in the kernel, mono."""
    return np.random.default_rng(7).normal(0, level, int(seconds * rate)).astype("f4")


def noise_cell(seconds: float, level: float = 0.1, rate: int = RATE) -> str:
    """A cell that makes `noise` of that length in the kernel, as the Signal `x`."""
    return (
        "import numpy as np, torch, fxlab as fx\n"
        f"samples = np.random.default_rng(7).normal(0, {level}, {int(seconds * rate)}).astype('f4')\n"
        f"x = fx.Signal(torch.from_numpy(samples)[None], {rate})"
    )


def lowpass(cutoff: float, q: float = 0.5**0.5, rate: float = RATE) -> tuple[list[float], list[float]]:
    """`b, a` of the cookbook's low-pass, written here anew."""
    w = 2 * np.pi * cutoff / rate
    alpha, c = np.sin(w) / (2 * q), np.cos(w)
    return [(1 - c) / 2, 1 - c, (1 - c) / 2], [1 + alpha, -2 * c, 1 - alpha]


def highpass(cutoff: float, q: float = 0.5**0.5, rate: float = RATE) -> tuple[list[float], list[float]]:
    """`b, a` of the cookbook's high-pass."""
    w = 2 * np.pi * cutoff / rate
    alpha, c = np.sin(w) / (2 * q), np.cos(w)
    return [(1 + c) / 2, -1 - c, (1 + c) / 2], [1 + alpha, -2 * c, 1 - alpha]


def peak(frequency: float, gain_db: float, q: float = 1.0, rate: float = RATE) -> tuple[list[float], list[float]]:
    """`b, a` of the cookbook's peaking equaliser."""
    w, a = 2 * np.pi * frequency / rate, 10 ** (gain_db / 40)
    alpha, c = np.sin(w) / (2 * q), np.cos(w)
    return [1 + alpha * a, -2 * c, 1 - alpha * a], [1 + alpha / a, -2 * c, 1 - alpha / a]


def tone(heard: np.ndarray, frequency: float, rate: float = RATE) -> float:
    """The peak amplitude of one tone, in dB."""
    time = np.arange(len(heard)) / rate
    window = np.hanning(len(heard))
    phasor = np.sum(window * heard * np.exp(-2j * np.pi * frequency * time)) / window.sum()
    return float(20 * np.log10(2 * abs(phasor) + 1e-9))


def through(b: list[float], a: list[float], x: np.ndarray) -> np.ndarray:
    """`x` filtered by SciPy in float64."""
    return np.asarray(lfilter(np.array(b) / a[0], np.array(a) / a[0], x.astype("f8")))


def butterworth_db(frequency: np.ndarray, cutoff: float, rate: float = RATE) -> np.ndarray:
    """The level of a second-order Butterworth low-pass by the bilinear transform, in closed form."""
    warped = np.tan(np.pi * frequency / rate) / np.tan(np.pi * cutoff / rate)
    return -10 * np.log10(1 + warped**4)


def bands(x: np.ndarray, rate: float = RATE) -> tuple[np.ndarray, np.ndarray]:
    """The density of `x` in dB, over thirds of an octave from 100 Hz to 18 kHz, and their centres."""
    frequency, power = welch(x, rate, nperseg=8192)
    centres = 100 * 2 ** (np.arange(0, 23) / 3)
    edges = centres * 2 ** (1 / 6)
    inside = [(frequency > low) & (frequency <= high) for low, high in pairwise(edges)]
    return centres[1:], np.array([10 * np.log10(power[chosen].mean()) for chosen in inside])


def at(sound: np.ndarray, place: int, count: int) -> np.ndarray:
    """`count` samples of a loop, from `place` on."""
    return sound[(place + np.arange(count)) % len(sound)]


def places(heard: np.ndarray, sound: np.ndarray, block: int = 2048) -> np.ndarray:
    """For each block of `heard`, at which sample of the loop `sound` it would have to begin at `heard[0]`.

    One number over and over means that the playhead went on by a sample for each sample played. What is
    alike is measured for its loudness there: else a dull sound may seem to lie a sample beside its place.
    """
    spectrum = np.conj(np.fft.rfft(sound))
    power = np.cumsum(np.concatenate([sound, sound[:block]]).astype("f8") ** 2)
    energy = power[block - 1 : -1] - power[:-block] + sound.astype("f8") ** 2
    loudness = np.sqrt(np.maximum(energy, 1e-3 * energy.mean()))
    found = []
    for start in range(0, len(heard) - block, block):
        padded = np.zeros_like(sound)
        padded[:block] = heard[start : start + block]
        likeness = np.fft.irfft(np.conj(np.fft.rfft(padded) * spectrum), len(sound))
        found.append((int(np.argmax(likeness / loudness)) - start) % len(sound))
    return np.array(found)
