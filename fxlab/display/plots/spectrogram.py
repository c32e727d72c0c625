"""The spectrogram of a signal: power over time and frequency, on a grid of any size and frequency scale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fxlab.display.canvas.axis import Axis, from_scale, to_scale
from fxlab.signal.samples import peak

MIN_FRAMES = 32
"""The number of samples below which a spectrogram shows nothing useful."""
_WINDOW_SECONDS = 0.04
_MAX_WINDOWS = 6000
_CHUNK_SAMPLES = 1 << 21


class Spectrogram(NamedTuple):
    """The levels of a signal over time and frequency, and the length of the window with which they were computed."""

    db: NDArray[np.float32]
    """The levels in dB, `(rows, columns)`, the highest frequency first; a sine of peak 1 has a level of 0 dB."""
    window: int
    """The length of the Hann window in samples."""


def spectrogram(
    samples: NDArray[Any],
    rate: float,
    axis: Axis,
    rows: int,
    columns: int,
    *,
    pause: Callable[[], None] | None = None,
) -> Spectrogram:
    """Return the spectrogram of the mean power of all channels, in equal parts of the time and of a frequency axis.

    The power of a part longer than a window is the mean over several windows. The total number of windows is limited;
    in a long signal they are evenly spaced and do not cover every sample.

    Args:
        samples: The signal, `(channels, time)`.
        rate: The sample rate in Hz.
        axis: The frequency axis, in Hz.
        rows: The number of parts of the frequency axis, which have equal lengths on its scale.
        columns: The number of parts of the time.
        pause: A function that is called repeatedly, at least once for each sixteenth of the columns; it may raise an
            exception to cancel the computation.
    """
    channels, frames = samples.shape
    scale = peak(samples)
    if 1e-9 <= scale <= 1e9 or scale == 0:
        scale = 1.0  # squares overflow or underflow single precision only outside this range
    size = 2 ** max(5, round(np.log2(rate * _WINDOW_SECONDS)))
    while size > max(MIN_FRAMES, frames // 4):
        size //= 2
    per_column = int(np.clip(round(frames / columns / (size / 2)), 1, max(1, _MAX_WINDOWS // columns)))
    centers = (np.arange(columns * per_column) + 0.5) * frames / (columns * per_column)
    starts = (centers - size / 2).astype(np.int64)
    window = np.hanning(size + 1)[:size].astype(np.float32) * np.float32(4 / size)
    power = np.zeros((columns, size // 2 + 1), np.float32)
    step = max(1, _CHUNK_SAMPLES // (size * per_column * channels))
    if pause is not None:
        step = min(step, max(1, columns // 16))
    for first in range(0, columns, step):
        if pause is not None:
            pause()
        chunk = starts[first * per_column : (first + step) * per_column]
        spectrum = np.fft.rfft(_windows(samples, chunk, size, scale) * window)
        squared = (spectrum.real**2 + spectrum.imag**2).mean(0)
        power[first : first + step] = squared.reshape(-1, per_column, size // 2 + 1).mean(1)
    db = 10 * np.log10(np.maximum(_resample_to_axis(power, rate, axis, rows), 1e-20))
    return Spectrogram(np.ascontiguousarray(db.T[::-1] + 20 * np.log10(scale), np.float32), size)


def _windows(samples: NDArray[Any], starts: NDArray[np.int64], size: int, scale: float) -> NDArray[np.float32]:
    """Return windows of the samples divided by `scale`, `(channels, windows, size)`, with zeros beyond the ends."""
    windows = np.zeros((samples.shape[0], len(starts), size), np.float32)
    for number, start in enumerate(starts):
        begin, end = max(0, start), min(samples.shape[-1], start + size)
        windows[:, number, begin - start : end - start] = samples[:, begin:end] / scale
    return windows


def _resample_to_axis(power: NDArray[np.float32], rate: float, axis: Axis, rows: int) -> NDArray[np.float32]:
    """Resample the last dimension of `power`, evenly spaced frequencies from 0 to half the rate, to rows of an axis.

    The power of a row at least 1.5 times as wide as the distance of two frequencies is the maximum in it; that of any
    other row is interpolated in dB.
    """
    bins = power.shape[-1]
    low, high = to_scale(axis.low, axis.scale), to_scale(axis.high, axis.scale)
    edges = from_scale(low + (high - low) * np.arange(rows + 1) / rows, axis.scale) / (rate / 2) * (bins - 1)
    middle = np.clip((edges[:-1] + edges[1:]) / 2, 0, bins - 1)
    lower_bin = np.minimum(middle.astype(np.int64), bins - 2)
    fraction = (middle - lower_bin).astype(np.float32)
    positive = np.maximum(power, 1e-20)
    interpolated = positive[:, lower_bin] ** (1 - fraction) * positive[:, lower_bin + 1] ** fraction
    first = np.clip(np.ceil(edges[:-1]).astype(np.int64), 0, bins - 1)
    maximum = np.maximum.reduceat(power, first, -1)
    covers_several = np.diff(edges) >= 1.5
    return np.asarray(np.where(covers_several, maximum, interpolated))
