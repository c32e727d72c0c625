"""A row of the parity table: an augmentation of another library, ours, and how they are compared."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

import fxlab as fx
from fxlab import augment

RATE = 16_000
SAMPLES = 16_000


class Comparison(NamedTuple):
    """Our augmentation, what is compared, and the function that measures the difference; None if nothing is."""

    ours: str
    compared: str
    difference: Callable[[], float] | None = None
    unit: str = ""


def sound(seed: int = 0, channels: int = 1) -> NDArray[np.float32]:
    """Return a second of noise and tones that begins with 0, `(channels, time)`, or `(time,)` for one channel."""
    generator = np.random.default_rng(seed)
    time = np.arange(SAMPLES) / RATE
    x = 0.1 * generator.standard_normal((channels, SAMPLES))
    x += 0.3 * np.sin(2 * np.pi * 440 * time) + 0.1 * np.sin(2 * np.pi * 3000 * time)
    x[:, 0] = 0
    return x.astype(np.float32)[0] if channels == 1 else x.astype(np.float32)


def quiet(function: Callable[[], Any]) -> Any:
    """Call the function without the warnings of the other libraries."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function()


def ours(name: str, *args: Any, x: NDArray[np.float32] | None = None, **values: Any) -> NDArray[np.float32]:
    """Return the output of our augmentation with fixed values, as an array."""
    made = getattr(augment, name)(*args, p=1.0, seed=1, **values)
    y: NDArray[np.float32] = made(sound() if x is None else x, RATE)
    return y


def largest(first: Any, second: Any) -> float:
    """Return the largest difference of two outputs, relative to the largest sample; infinite for other lengths."""
    a, b = (np.asarray(y, dtype=np.float64).squeeze() for y in (first, second))
    return float(np.abs(a - b).max() / np.abs(b).max()) if a.shape == b.shape else float("inf")


def noise_level(noisy: Any, x: Any) -> float:
    """Return the level of what was added to `x`, in dB."""
    added = np.asarray(noisy, dtype=np.float64).squeeze() - np.asarray(x, dtype=np.float64).squeeze()
    return float(10 * np.log10((added**2).mean()))


def level_of_tone(y: Any, frequency: float) -> float:
    """Return the level of the bin at this frequency, in dB."""
    samples = torch.as_tensor(np.asarray(y, dtype=np.float64).squeeze())
    spectrum = torch.fft.rfft(samples * torch.hann_window(len(samples), dtype=torch.float64)).abs()
    return float(20 * torch.log10(spectrum[round(frequency * len(samples) / RATE)]))


def frequency_of(y: Any) -> float:
    """Return the frequency of the strongest tone, in Hz."""
    samples = np.asarray(y, dtype=np.float64).squeeze()
    spectrum = np.log(np.abs(np.fft.rfft(samples * np.blackman(len(samples)))) + 1e-12)
    peak = int(spectrum.argmax())
    left, center, right = spectrum[peak - 1 : peak + 2]
    return float((peak + 0.5 * (left - right) / (left - 2 * center + right)) * RATE / len(samples))


def cents(first: float, second: float) -> float:
    """Return the distance of two frequencies in cents."""
    return abs(1200 * float(np.log2(first / second)))


def tone(frequency: float = 440.0) -> NDArray[np.float32]:
    """Return a second of a sine."""
    samples: NDArray[np.float32] = fx.sine(frequency, duration=1.0, sample_rate=RATE).numpy()[0]
    return samples
