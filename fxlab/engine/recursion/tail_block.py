"""Filtering of the samples after the last complete group with NumPy, which is faster than PyTorch for so few."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.direction_matrices import DirectionMatrices
from fxlab.engine.recursion.scan_states import MAX_NUMPY_ELEMENTS, MAX_SINGLE_THREAD_PRODUCT

# Elements of a matrix that is multiplied by a single row. Above this, NumPy uses several threads; see `scan_states`.
MAX_SINGLE_THREAD_MATRIX = 1 << 13


def is_numpy_tail(d: DirectionMatrices, x: Tensor) -> bool:
    """Return whether `filter_tail` can filter the remaining samples `x` `(rows, time)`, and is faster than PyTorch.

    There must be few of them, on the CPU, to be filtered forwards in time with one filter for all rows.
    """
    single_thread = (
        x.shape[-1] * d.plan.length <= MAX_SINGLE_THREAD_PRODUCT
        and (d.plan.states * d.plan.group) ** 2 <= MAX_SINGLE_THREAD_MATRIX
    )
    is_small_cpu = x.device.type == "cpu" and x.numel() <= MAX_NUMPY_ELEMENTS and single_thread
    return not d.reverse and d.plan.index is None and is_small_cpu


def filter_tail(d: DirectionMatrices, x: Tensor, s: Tensor, y: Tensor) -> Tensor:
    """Filter `x` `(rows, time)`, shorter than a group, into `y` from the state `s` `(rows, 1, n)`.

    Returns the state after the last sample.
    """
    rows, time = x.shape
    n, length = d.plan.states, d.plan.length
    H, R, O, within, carry = d.arrays  # noqa: E741
    full_blocks, partial = divmod(time, length)
    blocks = full_blocks + 1  # the last one is incomplete, and may be empty
    padded = np.zeros((rows, blocks * length))
    padded[:, :time] = x.numpy()
    inputs = padded.reshape(rows, blocks, length)
    state, size = s.numpy(), blocks * n
    if blocks == 1:
        states = state
    else:
        forcing = (inputs @ R.T).reshape(rows, 1, size)
        states = forcing @ within[:size, :size].T
        states += state @ carry[:size].T
        states = states.reshape(rows, blocks, n)
    outputs = inputs @ H.T
    outputs += states @ O.T
    y.numpy()[...] = outputs.reshape(rows, -1)[:, :time]
    last = states[:, -1:]
    if partial:
        forcing = inputs[:, -1:, :partial] @ R[:, length - partial :].T
        last = last @ d.sample_transition_array(partial).T + forcing
    return torch.from_numpy(np.ascontiguousarray(last))
