"""Filtering of the samples after the last complete group of blocks."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.direction_matrices import DirectionMatrices
from fxlab.engine.recursion.group_states import outputs_from_states
from fxlab.engine.recursion.row_products import matmul_rows
from fxlab.engine.recursion.scan_states import group_totals, leading_rows

# Elements of the matrices; with larger ones NumPy's BLAS may use threads of its own (see `scan_arrays`).
MAX_NUMPY_MATRIX = 1 << 14


def filter_tail(d: DirectionMatrices, x: Tensor, s: Tensor, y: Tensor, states: Tensor | None) -> Tensor:
    """Filter `x` `(rows, time)`, shorter than a group, into `y` from the state `s` `(rows, 1, n)`, in float64.

    `states` is None, or `(rows, blocks, n)` to be filled with the states of the complete blocks. Returns the state
    after the last sample, or before the first if `d.reverse` is true.
    """
    is_small = max((d.plan.states * d.plan.group) ** 2, d.plan.length**2) <= MAX_NUMPY_MATRIX
    if x.device.type == "cpu" and d.plan.index is None and not d.reverse and states is None and is_small:
        return _filter_with_numpy(d, x, s, y)
    end = x.shape[1] - x.shape[1] % d.plan.length
    parts = [(_filter_blocks, slice(0, end)), (_filter_samples, slice(end, None))]
    for step, part in reversed(parts) if d.reverse else parts:
        if x[:, part].shape[1]:
            s = step(d, x[:, part], s, y[:, part], states)
    return s


def _filter_with_numpy(d: DirectionMatrices, x: Tensor, s: Tensor, y: Tensor) -> Tensor:
    """Filter a tail with NumPy in float64, which is faster than PyTorch for so few samples."""
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


def _filter_blocks(d: DirectionMatrices, x: Tensor, s: Tensor, y: Tensor, states: Tensor | None) -> Tensor:
    """Filter complete blocks, fewer than a group."""
    rows, time = x.shape
    n, length = d.plan.states, d.plan.length
    blocks = time // length
    size = blocks * n
    forcing = matmul_rows(x.view(rows, blocks, length), d.R).view(rows, 1, size)
    block_states = matmul_rows(forcing, d.within[..., :size, :size])
    total = d.to_float64(group_totals(forcing, block_states, d.step, d.reverse))
    block_states += matmul_rows(d.to_signal_dtype(s), leading_rows(d.carry, size, d.reverse))
    block_states = block_states.view(rows, blocks, n)
    if states is not None:
        states.copy_(block_states)
    outputs_from_states(d, x, block_states, y)
    return total + matmul_rows(s, d.block_transition(blocks))


def _filter_samples(d: DirectionMatrices, x: Tensor, s: Tensor, y: Tensor, _: Tensor | None) -> Tensor:
    """Filter samples, fewer than a block."""
    m = x.shape[1]
    row = x.unsqueeze(1)
    observe = d.O[..., -m:, :] if d.reverse else d.O[..., :m, :]
    reach = d.R[..., :m] if d.reverse else d.R[..., -m:]
    output = matmul_rows(row, d.H[..., :m, :m]) + matmul_rows(d.to_signal_dtype(s), observe)
    y.copy_(output.squeeze(1))
    return d.to_float64(matmul_rows(row, reach)) + matmul_rows(s, d.sample_transition(m))
