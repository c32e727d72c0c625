"""A phase vocoder: a sound becomes longer or shorter, and its pitch stays."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.torch_support.known_values import numpy_values
from fxlab.engine.torch_support.row_windows import row_windows

WINDOW_SECONDS = 0.046
OVERLAP = 4
PEAK_REACH = 2
"""A peak of the spectrum is larger than this many bins on each side."""


def stretch(x: Tensor, rate: float | Tensor, length: int, sample_rate: float) -> Tensor:
    """Return `length` samples of `x` `(..., time)`, played `rate` times as fast with the same pitch.

    Frames of the output follow each other by a quarter of a window, and those of the input by `rate` times as much,
    rounded to whole samples. The phase of every peak of a spectrum advances from frame to frame by as much as in the
    input over the same time, which a second frame, a quarter of a window earlier, shows. All bins around a peak are
    turned by the same angle as it. At a rate of 1 nothing is turned, and the output is the input.

    `rate` may be a tensor with one value for each of the rows of `x`, flattened to `(rows, time)`.

    Source:
        J. Laroche, M. Dolson, "Improved phase vocoder time-scale modification of audio", IEEE Transactions on Speech
        and Audio Processing 7(3), 1999: identity phase locking; M. Puckette, "Phase-locked vocoder", WASPAA 1995: the
        second frame.
    """
    size = window_size(sample_rate)
    hop = size // OVERLAP
    half = OVERLAP // 2  # of the frames around the start and the end
    frames = range(-half, -(-length // hop) + half)
    window = torch.hann_window(size, dtype=x.dtype, device=x.device)
    batch = x.shape[:-1]
    rows = x.reshape(-1, x.shape[-1])
    # Each part is a frame, and before it the hop by which the second frame begins earlier.
    if isinstance(rate, Tensor):
        parts = _parts_of_rows(rows, frames, hop, rate)
    else:
        starts = [round(frame * hop * rate) for frame in frames]
        before = size // 2 + hop - starts[0]
        rows = pad(rows, (before, max(0, starts[-1] + size // 2 - rows.shape[-1])))
        parts = torch.stack([rows[:, start - starts[0] : start - starts[0] + size + hop] for start in starts], 1)
    spectra = torch.fft.rfft(parts[..., hop:] * window)  # `(rows, frames, bins)`
    if isinstance(rate, Tensor) or rate != 1.0:
        spectra = spectra * _rotations(spectra, torch.fft.rfft(parts[..., :size] * window))
    output = _overlap_add(torch.fft.irfft(spectra, size) * window, hop) / (window.square().sum() / hop)
    return output[:, size : size + length].reshape(*batch, length)


def _parts_of_rows(rows: Tensor, frames: range, hop: int, rate: Tensor) -> Tensor:
    """Return the parts of rows that have different rates, `(rows, frames, size + hop)`."""
    size = hop * OVERLAP
    place = torch.tensor(list(frames), dtype=torch.float64) * hop
    starts = (place * rate.detach().cpu().double()[:, None]).round().long()
    before, last = size // 2 + hop - int(starts.min()), int(starts.max())
    padded = pad(rows, (before, max(0, last + size // 2 - rows.shape[-1])))
    return row_windows(padded, starts - size // 2 - hop + before, size + hop)


def window_size(sample_rate: float) -> int:
    """Return the number of samples of a window, a power of two: 2048 at 44.1 and 48 kHz."""
    return max(16, 1 << round(math.log2(WINDOW_SECONDS * sample_rate)))


def _rotations(spectra: Tensor, earlier: Tensor) -> Tensor:
    """Return the factor of magnitude 1 for every bin of every frame, `(rows, frames, bins)`."""
    known = spectra.detach()
    peak = nearest_peaks(known.real.square() + known.imag.square())
    steps = _unit(spectra[:, :-1] * earlier[:, 1:].conj())
    turn = torch.ones_like(spectra[:, 0])
    turns = [turn]
    for step, place in zip(steps.unbind(1), peak[:, 1:].unbind(1), strict=True):
        turn = (turn * step).gather(-1, place)
        turns.append(turn)
    return torch.stack(turns, 1)


def nearest_peaks(magnitude: Tensor) -> Tensor:
    """Return for each bin the index of the nearest peak of its frame, or its own index if the frame has none.

    `magnitude` is not negative; the power has the same peaks.

    >>> nearest_peaks(torch.tensor([0.0, 1.0, 5.0, 1.0, 0.0, 0.5, 2.0, 0.5]))
    tensor([2, 2, 2, 2, 2, 6, 6, 6])
    """
    bins = magnitude.shape[-1]
    edge = pad(magnitude, (PEAK_REACH, PEAK_REACH), value=-1.0)
    highest = magnitude
    for shift in range(2 * PEAK_REACH + 1):
        highest = torch.maximum(highest, edge[..., shift : shift + bins])
    is_peak = (magnitude == highest) & (magnitude > 0)
    index = torch.arange(bins, dtype=torch.int32, device=magnitude.device)
    below = _running_maximum(torch.where(is_peak, index, -bins))
    above = -_running_maximum(torch.where(is_peak, -index, -2 * bins).flip(-1)).flip(-1)
    nearest = torch.where(index - below <= above - index, below, above)
    return torch.where((nearest < 0) | (nearest >= bins), index, nearest).long()


def _running_maximum(x: Tensor) -> Tensor:
    """Return the largest value so far, as `torch.cummax` does, which also finds the indices and takes longer."""
    values = numpy_values(x) if x.is_cpu else None
    return torch.cummax(x, -1).values if values is None else torch.from_numpy(np.maximum.accumulate(values, -1))


def _unit(z: Tensor) -> Tensor:
    """Return `z / |z|`, and 1 where it is 0, with finite derivatives."""
    magnitude = z.abs()
    is_zero = magnitude < torch.finfo(magnitude.dtype).tiny
    return z / torch.where(is_zero, 1.0, magnitude) + is_zero


def _overlap_add(frames: Tensor, hop: int) -> Tensor:
    """Return the sum of frames `(rows, frames, size)` that follow each other by `hop` samples."""
    rows, count, size = frames.shape
    parts = frames.reshape(rows, count, size // hop, hop)
    total = frames.new_zeros(rows, count + size // hop - 1, hop)
    for part in range(size // hop):
        total = total + pad(parts[:, :, part], (0, 0, part, size // hop - 1 - part))
    return total.flatten(1)
