"""The long-term spectrum of a signal in fractional-octave bands, and the spectrum of a periodic tone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MAX_FRAMES = 120

Array = NDArray[np.float64]


def band_levels(samples: NDArray[np.floating], rate: float, frequency: Array, *, per_octave: float = 6.0) -> Array:
    """Return the level in dB around each frequency in Hz, in bands of `1 / per_octave` octave.

    The power is the mean over all channels, and over Hann windows distributed over the entire signal. A sine of peak
    1 has a level of 0 dB.

    Shape:
        samples: `(channels, time)`, at the sample rate `rate` in Hz. Returns one level for each element of `frequency`.

    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(48_000) / 48_000)[None]
    >>> band_levels(0.5 * tone, 48_000, np.array([1000.0])).round(1).tolist()
    [-6.0]
    """
    frames = samples.shape[-1]
    size = int(min(8192, max(16, 2 ** int(np.log2(frames)))))
    padded = np.pad(samples, ((0, 0), (0, max(0, size - frames))))
    starts = np.unique(np.linspace(0, padded.shape[-1] - size, min(_MAX_FRAMES, 1 + 2 * frames // size)).astype(int))
    window = np.hanning(size + 1)[:size]
    power = np.zeros(size // 2 + 1)
    for start in starts:
        spectrum = np.fft.rfft(padded[:, start : start + size].astype(np.float64) * window)
        power += (spectrum.real**2 + spectrum.imag**2).mean(0)
    # The power of a sine is spread over the main lobe, where it sums to amplitude² · sum(window²) · size / 4.
    power *= 4 / (len(starts) * size * float((window**2).sum()))
    cumulative = np.concatenate([[0.0], np.cumsum(power)])
    edges = (np.arange(len(cumulative)) - 0.5) * rate / size
    half_band = 2 ** (0.5 / per_octave)
    band_power = np.interp(frequency * half_band, edges, cumulative) - np.interp(
        frequency / half_band, edges, cumulative
    )
    return np.asarray(10 * np.log10(np.maximum(band_power, 1e-20)))


def tone_spectrum(samples: Array) -> Array:
    """Return the spectrum in dB of an integer number of periods of a tone; a sine of peak 1 has a level of 0 dB.

    Shape:
        samples: `(time,)`. Returns `(time // 2 + 1,)`.
    """
    window = 1 - np.cos(2 * np.pi * np.arange(len(samples)) / len(samples))
    magnitude = np.abs(np.fft.rfft(samples * window)) * 2 / len(samples)
    return np.asarray(20 * np.log10(np.maximum(magnitude, 1e-10)))
