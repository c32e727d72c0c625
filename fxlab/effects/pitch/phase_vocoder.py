"""A phase vocoder: a sound becomes longer or shorter, and its pitch stays."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import max_pool1d, pad

WINDOW_SECONDS = 0.046
OVERLAP = 4
PEAK_REACH = 2
"""A peak of the spectrum is larger than this many bins on each side."""


def stretch(x: Tensor, rate: float, length: int, sample_rate: float) -> Tensor:
    """Return `length` samples of `x` `(..., time)`, played `rate` times as fast with the same pitch.

    Frames of the output follow each other by a quarter of a window, and those of the input by `rate` times as much,
    rounded to whole samples. The phase of every peak of a spectrum advances from frame to frame by as much as in the
    input over the same time, which a second frame, a quarter of a window earlier, shows. All bins around a peak are
    turned by the same angle as it. At a rate of 1 nothing is turned, and the output is the input.

    Source:
        J. Laroche, M. Dolson, "Improved phase vocoder time-scale modification of audio", IEEE Transactions on Speech
        and Audio Processing 7(3), 1999: identity phase locking; M. Puckette, "Phase-locked vocoder", WASPAA 1995: the
        second frame.
    """
    size = window_size(sample_rate)
    hop = size // OVERLAP
    half = OVERLAP // 2  # of the frames around the start and the end
    frames = range(-half, -(-length // hop) + half)
    starts = torch.tensor([round(frame * hop * rate) for frame in frames], device=x.device)
    window = torch.hann_window(size, dtype=x.dtype, device=x.device)
    batch = x.shape[:-1]
    rows = x.reshape(-1, x.shape[-1])
    before = size // 2 + hop - int(starts[0])
    rows = pad(rows, (before, max(0, int(starts[-1]) + size // 2 - rows.shape[-1])))
    places = starts[:, None] + (before - size // 2 - hop) + torch.arange(size, device=x.device)
    spectra = torch.fft.rfft(rows[:, places + hop] * window)  # `(rows, frames, bins)`
    if rate != 1.0:
        earlier = torch.fft.rfft(rows[:, places] * window)
        spectra = spectra * _rotations(spectra, earlier)
    output = _overlap_add(torch.fft.irfft(spectra, size) * window, hop) / (window.square().sum() / hop)
    return output[:, size : size + length].reshape(*batch, length)


def window_size(sample_rate: float) -> int:
    """Return the number of samples of a window, a power of two: 2048 at 44.1 and 48 kHz."""
    return max(16, 1 << round(math.log2(WINDOW_SECONDS * sample_rate)))


def _rotations(spectra: Tensor, earlier: Tensor) -> Tensor:
    """Return the factor of magnitude 1 for every bin of every frame, `(rows, frames, bins)`."""
    peak = nearest_peaks(spectra.detach().abs())
    unit = _unit(spectra)
    steps = torch.cat([torch.ones_like(unit[:, :1]), unit[:, :-1] * _unit(earlier[:, 1:]).conj()], 1)
    turn = torch.ones_like(unit[:, 0])
    turns = []
    for step, place in zip(steps.unbind(1), peak.unbind(1), strict=True):
        turn = (turn * step).gather(-1, place)
        turns.append(turn)
    return torch.stack(turns, 1)


def nearest_peaks(magnitude: Tensor) -> Tensor:
    """Return for each bin the index of the nearest peak of its frame, or its own index if the frame has none."""
    bins = magnitude.shape[-1]
    flat = magnitude.reshape(-1, 1, bins)
    highest = max_pool1d(flat, 2 * PEAK_REACH + 1, 1, PEAK_REACH).reshape(magnitude.shape)
    index = torch.arange(bins, device=magnitude.device)
    is_peak = (magnitude == highest) & (magnitude > 0)
    below = torch.cummax(torch.where(is_peak, index, -bins), -1).values
    above = torch.cummin(torch.where(is_peak, index, 2 * bins).flip(-1), -1).values.flip(-1)
    nearest = torch.where(index - below <= above - index, below, above)
    return torch.where((nearest < 0) | (nearest >= bins), index, nearest)


def _unit(z: Tensor) -> Tensor:
    """Return `z / |z|`, and 1 where it is 0, with finite derivatives."""
    parts = torch.view_as_real(z)
    square = parts.square().sum(-1)
    is_zero = square < torch.finfo(square.dtype).tiny
    length = torch.where(is_zero, 1.0, square).sqrt()
    return torch.where(is_zero, 1.0, z / length)


def _overlap_add(frames: Tensor, hop: int) -> Tensor:
    """Return the sum of frames `(rows, frames, size)` that follow each other by `hop` samples."""
    rows, count, size = frames.shape
    parts = frames.reshape(rows, count, size // hop, hop)
    total = frames.new_zeros(rows, count + size // hop - 1, hop)
    for part in range(size // hop):
        total = total + pad(parts[:, :, part], (0, 0, part, size // hop - 1 - part))
    return total.flatten(1)
