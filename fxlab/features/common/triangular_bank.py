"""Banks of overlapping triangles over the bins of a spectrum, evenly spaced in mels or in Hz."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.features.common.constants import kept
from fxlab.filters.banks.mel_scale import hertz_to_mel, mel_to_hertz

LARGEST_FFT = 1 << 20
"""The longest FFT in samples that a warning of empty bands suggests."""


class Layout(NamedTuple):
    """The layout of a bank of triangular bands, and the spectrum to whose bins it is applied.

    Args:
        bands: The number of bands.
        scale: The scale on which they are evenly spaced: `"htk"`, `"slaney"` or `"linear"`.
        norm: `"none"` for triangles with a peak of 1, `"slaney"` for triangles of equal area.
        n_fft: The length of the FFT in samples.
        sample_rate: The sample rate in Hz.
        owner: The name of the module in warnings.
    """

    bands: int
    scale: str
    norm: str
    n_fft: int
    sample_rate: float
    owner: str


def peaks(low: Tensor, high: Tensor, bands: int, scale: str) -> Tensor:
    """Return the ends and peaks of triangles in Hz, evenly spaced on `scale` from `low` to `high`.

    Triangle i extends from point i to point i + 2 and has its peak at point i + 1.

    Shape:
        low, high: `(batch…)`. Returns `(batch…, bands + 2)`.
    """
    steps = torch.linspace(0, 1, bands + 2, dtype=torch.float64, device=low.device)
    if scale == "linear":
        return low[..., None] + (high - low)[..., None] * steps
    bottom, top = hertz_to_mel(low, scale)[..., None], hertz_to_mel(high, scale)[..., None]
    return mel_to_hertz(bottom + (top - bottom) * steps, scale)


def triangles(points: Tensor, bins: Tensor, norm: str = "none") -> Tensor:
    """Return the weights of each triangle at the frequencies `bins`; see `Layout` for `norm`.

    `points` are the ends and peaks of the triangles, as returned by `peaks`.

    Shape:
        points: `(batch…, bands + 2)`; bins: `(bins,)`. Returns `(batch…, bins, bands)`.
    """
    left, peak, right = (points[..., None, part] for part in (slice(None, -2), slice(1, -1), slice(2, None)))
    grid = bins[:, None]
    weights = torch.minimum((grid - left) / (peak - left), (right - grid) / (right - peak)).clamp(min=0.0)
    return weights * (2 / (right - left)) if norm == "slaney" else weights


@kept
def constant_bank(low: float, high: float, layout: Layout, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return the weights of a bank between the edges `low` and `high` in Hz, `(bins, bands)`.

    Empty bands cause a warning when the bank is computed, but not when it is taken from the cache.
    """
    edges = torch.tensor([low, high], dtype=torch.float64, device="cpu")
    points = peaks(edges[0], edges[1], layout.bands, layout.scale)
    spacing = layout.sample_rate / layout.n_fft
    bins = torch.arange(layout.n_fft // 2 + 1, dtype=torch.float64, device="cpu") * spacing
    weights = triangles(points, bins, layout.norm)
    warn_of_empty_bands(weights, points, layout)
    return weights.to(device=device, dtype=dtype)


def warn_of_empty_bands(weights: Tensor, points: Tensor, layout: Layout) -> None:
    """Warn if a triangle contains no bin, and suggest a larger `n_fft`, if one up to `LARGEST_FFT` suffices.

    See `triangles` for the shapes of `weights` and `points`.
    """
    empty = (weights.amax(-2) == 0).flatten(0, -2).any(0) if weights.ndim > 2 else weights.amax(0) == 0
    count = int(empty.sum())
    if not count:
        return
    n_fft, sample_rate = layout.n_fft, layout.sample_rate
    size = sufficient_fft(points, n_fft, sample_rate)
    remedy = f"With n_fft={size} all bands have a bin; or use" if size else "Use"
    warnings.warn(
        f"{layout.owner}: {count} of {len(empty)} bands are empty, since no bin of the spectrum lies within them: bins "
        f"are {sample_rate / n_fft:.4g} Hz apart with n_fft={n_fft}. {remedy} fewer bands, or a "
        "larger f_min.",
        UserWarning,
        stacklevel=2,
    )


def sufficient_fft(points: Tensor, n_fft: int, sample_rate: float) -> int | None:
    """Return the lowest power of two above `n_fft` with which each triangle contains a bin.

    It is None if there is none up to `LARGEST_FFT`. `points` are those of `peaks`.
    """
    size = 1 << n_fft.bit_length()
    while size <= LARGEST_FFT:
        if not has_empty_band(points, size, sample_rate):
            return size
        size *= 2
    return None


def has_empty_band(points: Tensor, n_fft: int, sample_rate: float) -> bool:
    """Return whether any triangle contains no bin of a spectrum of `n_fft` samples; `points` are those of `peaks`."""
    spacing = sample_rate / n_fft
    first = (points[..., :-2] / spacing).floor() + 1  # the first bin above the left end
    return bool((first * spacing >= points[..., 2:]).any())
