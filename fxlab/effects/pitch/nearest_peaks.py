"""`nearest_peaks`: the nearest peak of the spectrum for each bin."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.torch_support.known_values import numpy_values

REACH = 2
"""The number of bins on either side with which a bin is compared: a peak is positive, and none of them is larger."""


def nearest_peaks(magnitude: Tensor) -> Tensor:
    """Return, for each bin, the index of the nearest peak in the same frame, or of the bin itself if there is no peak.

    `magnitude`, `(..., bins)`, is not negative; the power may be given instead. If two peaks are equally near, the
    index is that of the lower one. The result has the shape of `magnitude`, in int64.

    >>> nearest_peaks(torch.tensor([0.0, 1.0, 5.0, 1.0, 0.0, 0.5, 2.0, 0.5]))
    tensor([2, 2, 2, 2, 2, 6, 6, 6])
    """
    values = numpy_values(magnitude) if magnitude.is_cpu else None
    if values is None or magnitude.shape[-1] <= 2 * REACH or not magnitude.numel():
        return by_running_maxima(magnitude)
    return torch.from_numpy(_by_counts(values.reshape(-1, values.shape[-1]))).reshape(magnitude.shape)


def by_running_maxima(magnitude: Tensor) -> Tensor:
    """Return the result of `nearest_peaks`, by operations of PyTorch only, on any device and in graphs."""
    bins = magnitude.shape[-1]
    edge = pad(magnitude, (REACH, REACH), value=-1.0)
    highest = magnitude
    for shift in range(2 * REACH + 1):
        highest = torch.maximum(highest, edge[..., shift : shift + bins])
    is_peak = (magnitude == highest) & (magnitude > 0)
    index = torch.arange(bins, dtype=torch.int32, device=magnitude.device)
    below = torch.cummax(torch.where(is_peak, index, -bins), -1).values
    above = -torch.cummax(torch.where(is_peak, -index, -2 * bins).flip(-1), -1).values.flip(-1)
    nearest = torch.where(index - below <= above - index, below, above)
    return torch.where((nearest < 0) | (nearest >= bins), index, nearest).long()


def _by_counts(frames: NDArray[Any]) -> NDArray[np.int64]:
    """Return the index of the nearest peak for each bin of `frames`, `(frames, bins)`, flattened."""
    places, counts = peaks_and_counts(frames)
    return np.repeat(places % frames.shape[-1], counts)


def peaks_and_counts(frames: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the indices of all peaks in the flattened `frames`, and for each the number of bins nearest to it.

    `frames` is `(frames, bins)`, with more than `2 * REACH` bins. In a frame without a peak every bin counts as a peak.
    """
    bins = frames.shape[-1]
    pairs = np.maximum(frames[:, :-1], frames[:, 1:])
    fours = np.maximum(pairs[:, :-2], pairs[:, 2:])
    is_peak = frames > 0
    is_peak[:, 0] &= frames[:, 0] >= pairs[:, 1]
    is_peak[:, 1] &= frames[:, 1] >= fours[:, 0]
    is_peak[:, 2:-2] &= frames[:, 2:-2] >= np.maximum(fours[:, :-1], fours[:, 1:])
    is_peak[:, -2] &= frames[:, -2] >= fours[:, -1]
    is_peak[:, -1] &= frames[:, -1] >= pairs[:, -2]
    is_peak[~is_peak.any(-1)] = True
    places = np.flatnonzero(is_peak)
    start = places - places % bins  # of the frame
    # The first bin after those of a peak: half-way to the next, or the end of the frame.
    stops = start + bins
    inside = start[:-1] == start[1:]
    stops[:-1][inside] = ((places[:-1] + places[1:]) // 2 + 1)[inside]
    return places, np.diff(stops, prepend=0)
