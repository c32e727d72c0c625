"""Minimum and maximum of each part of a signal, for plots of more samples than there are pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def min_max_blocks(x: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Return the minimum and the maximum of each block of `size` samples; the last block may be shorter.

    Shape:
        x: `(..., time)`. Returns two tensors `(..., ceil(time / size))`.

    >>> low, high = min_max_blocks(torch.tensor([0.0, 1.0, -2.0, 0.5, 3.0]), 2)
    >>> low.tolist(), high.tolist()
    ([0.0, -2.0, 3.0], [1.0, 0.5, 3.0])
    """
    padding = x[..., -1:].expand(*x.shape[:-1], -x.shape[-1] % size)
    blocks = torch.cat([x, padding], -1).reshape(*x.shape[:-1], -1, size)
    low, high = torch.aminmax(blocks, dim=-1)
    return low, high


def min_max_parts(samples: NDArray[Any], starts: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the minimum and the maximum of each part of the last axis of `samples`.

    Part i begins at `starts[i]` and ends before `starts[i + 1]`; the last part extends to the end. A part with the
    same start as the next part consists of the sample at this start.

    Shape:
        samples: `(..., time)`; starts: `(parts,)`, ascending. Returns two arrays `(..., parts)`.

    >>> low, high = min_max_parts(np.array([0.0, 1.0, -2.0, 0.5]), np.array([0, 1]))
    >>> low.tolist(), high.tolist()
    ([0.0, -2.0], [0.0, 1.0])
    """
    return np.minimum.reduceat(samples, starts, -1), np.maximum.reduceat(samples, starts, -1)
