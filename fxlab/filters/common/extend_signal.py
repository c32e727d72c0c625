"""`extend_signal`: extension of a signal beyond both ends before it is filtered."""

from __future__ import annotations

import torch
from torch import Tensor


def extend_signal(x: Tensor, length: int, padding: str) -> Tensor:
    """Return `x` extended by `length` samples on both sides, as with the `padtype` of `scipy.signal.filtfilt`.

    Args:
        x: The signal, `(..., time)`.
        length: The number of samples on each side, less than `time`.
        padding: `"odd"` rotates the signal by 180° about its end sample, `"even"` mirrors it there, and `"constant"`
            repeats that sample.

    >>> extend_signal(torch.tensor([1.0, 2.0, 4.0]), 1, "odd")
    tensor([0., 1., 2., 4., 6.])
    """
    if length == 0:
        return x
    before, after = x[..., 1 : length + 1].flip(-1), x[..., -length - 1 : -1].flip(-1)
    first, last = x[..., :1], x[..., -1:]
    if padding == "odd":
        before, after = 2 * first - before, 2 * last - after
    elif padding == "constant":
        before, after = first.expand_as(before), last.expand_as(after)
    return torch.cat([before, x, after], -1)
