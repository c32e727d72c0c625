"""Power over time and frequency, as cells of a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fxlab.display.plots.axis import Axis, unwarp, warp

SHORTEST = 32
"""Samples below which there is no spectrogram worth the name."""
_WINDOW = 0.04
_MOST_WINDOWS = 6000
_CHUNK = 1 << 21


class Spectrogram(NamedTuple):
    """Levels `(rows, columns)` in dB, the highest frequency first; a sine of peak 1 is at 0 dB."""

    db: NDArray[np.float32]
    window: int
    """The Hann window's length in samples."""


def spectrogram(
    samples: NDArray[Any],
    rate: float,
    axis: Axis,
    rows: int,
    columns: int,
    *,
    pause: Callable[[], None] | None = None,
) -> Spectrogram:
    """Return the mean power of all channels in `columns` equal parts of the time, `rows` along `axis`.

    A part longer than a window is the mean of several; where that would be many thousands, of evenly spaced ones.
    `pause` is called now and then, and may end the work by an exception.

    Shape:
        samples: `(channels, time)`.
    """
    channels, frames = samples.shape
    scale = max(float(samples.max()), -float(samples.min()))
    if 1e-9 <= scale <= 1e9 or scale == 0:
        scale = 1.0  # only beyond do squares leave the range of single precision
    size = 2 ** max(5, round(np.log2(rate * _WINDOW)))
    while size > max(SHORTEST, frames // 4):
        size //= 2
    each = int(np.clip(round(frames / columns / (size / 2)), 1, max(1, _MOST_WINDOWS // columns)))
    centres = (np.arange(columns * each) + 0.5) * frames / (columns * each)
    starts = (centres - size / 2).astype(np.int64)
    window = np.hanning(size + 1)[:size].astype(np.float32) * np.float32(4 / size)
    power = np.zeros((columns, size // 2 + 1), np.float32)
    step = max(1, _CHUNK // (size * each * channels))
    if pause is not None:
        step = min(step, max(1, columns // 16))
    for first in range(0, columns, step):
        if pause is not None:
            pause()
        chosen = starts[first * each : (first + step) * each]
        spectrum = np.fft.rfft(_cut(samples, chosen, size, scale) * window)
        squared = (spectrum.real**2 + spectrum.imag**2).mean(0)
        power[first : first + step] = squared.reshape(-1, each, size // 2 + 1).mean(1)
    db = 10 * np.log10(np.maximum(_along(power, rate, axis, rows), 1e-20))
    return Spectrogram(np.ascontiguousarray(db.T[::-1] + 20 * np.log10(scale), np.float32), size)


def _cut(samples: NDArray[Any], starts: NDArray[np.int64], size: int, scale: float) -> NDArray[np.float32]:
    """Windows of the samples over `scale`, `(channels, windows, size)`, zero beyond the ends."""
    cut = np.zeros((samples.shape[0], len(starts), size), np.float32)
    for number, start in enumerate(starts):
        begin, end = max(0, start), min(samples.shape[-1], start + size)
        cut[:, number, begin - start : end - start] = samples[:, begin:end] / scale
    return cut


def _along(power: NDArray[np.float32], rate: float, axis: Axis, rows: int) -> NDArray[np.float32]:
    """From evenly spaced bins to rows of the axis: between bins in dB, and over many bins the greatest."""
    bins = power.shape[-1]
    low, high = warp(axis.low, axis.scale), warp(axis.high, axis.scale)
    edges = unwarp(low + (high - low) * np.arange(rows + 1) / rows, axis.scale) / (rate / 2) * (bins - 1)
    middle = np.clip((edges[:-1] + edges[1:]) / 2, 0, bins - 1)
    below = np.minimum(middle.astype(np.int64), bins - 2)
    share = (middle - below).astype(np.float32)
    safe = np.maximum(power, 1e-20)
    between = safe[:, below] ** (1 - share) * safe[:, below + 1] ** share
    first = np.clip(np.ceil(edges[:-1]).astype(np.int64), 0, bins - 1)
    greatest = np.maximum.reduceat(power, first, -1)
    wide = np.diff(edges) >= 1.5
    return np.asarray(np.where(wide, greatest, between))
