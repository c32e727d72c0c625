"""The long-term spectrum of a sound, in bands as the ear has them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MOST_FRAMES = 120

Array = NDArray[np.float64]


def band_levels(samples: NDArray[np.floating], rate: float, frequency: Array, *, per_octave: float = 6.0) -> Array:
    """The level around each of `frequency` in dB, in a band of `1 / per_octave` octave; a sine of peak 1 is at 0 dB.

    It is the mean power of all channels, in Hann windows spread over the whole of the sound.

    Shape:
        samples: `(channels, time)`.

    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(48_000) / 48_000)[None]
    >>> band_levels(0.5 * tone, 48_000, np.array([1000.0])).round(1).tolist()
    [-6.0]
    """
    frames = samples.shape[-1]
    size = int(min(8192, max(16, 2 ** int(np.log2(frames)))))
    padded = np.pad(samples, ((0, 0), (0, max(0, size - frames))))
    starts = np.unique(np.linspace(0, padded.shape[-1] - size, min(_MOST_FRAMES, 1 + 2 * frames // size)).astype(int))
    window = np.hanning(size + 1)[:size]
    power = np.zeros(size // 2 + 1)
    for start in starts:
        spectrum = np.fft.rfft(padded[:, start : start + size].astype(np.float64) * window)
        power += (spectrum.real**2 + spectrum.imag**2).mean(0)
    # A sine's power is spread over its main lobe: its sum is amplitude² · sum(window²) · size / 4.
    power *= 4 / (len(starts) * size * float((window**2).sum()))
    below = np.concatenate([[0.0], np.cumsum(power)])
    edges = (np.arange(len(below)) - 0.5) * rate / size
    half = 2 ** (0.5 / per_octave)
    inside = np.interp(frequency * half, edges, below) - np.interp(frequency / half, edges, below)
    return np.asarray(10 * np.log10(np.maximum(inside, 1e-20)))


def tone_spectrum(samples: Array) -> Array:
    """The spectrum of whole periods of a tone in dB, `(frames / 2 + 1,)`; a sine of peak 1 is at 0 dB."""
    window = 1 - np.cos(2 * np.pi * np.arange(len(samples)) / len(samples))
    magnitude = np.abs(np.fft.rfft(samples * window)) * 2 / len(samples)
    return np.asarray(20 * np.log10(np.maximum(magnitude, 1e-10)))
