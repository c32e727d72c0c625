"""Filtering of the samples after the last complete group of blocks.

All states are in the coordinates of the products; see `DirectionMatrices`.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.direction_matrices import DirectionMatrices
from fxlab.engine.recursion.matrices.group_matrices import leading_rows
from fxlab.engine.recursion.rows.group_states import outputs_from_states
from fxlab.engine.recursion.rows.row_products import matmul_rows
from fxlab.engine.recursion.rows.scan_arrays import product
from fxlab.engine.recursion.rows.scan_states import group_totals


def filter_tail(d: DirectionMatrices, x: Tensor, s: Tensor, y: Tensor, states: Tensor | None) -> Tensor:
    """Filter `x` `(rows, time)`, shorter than a group, into `y` from the state `s` `(rows, 1, n)`, float64.

    If `states` is not None, it is `(rows, blocks, n)` and is filled with the states before the complete blocks, or
    after them if `d.reverse` is true. Returns the state after the last sample, or before the first if `d.reverse` is
    true.
    """
    end = x.shape[1] - x.shape[1] % d.plan.length
    parts = [(_filter_blocks, slice(0, end)), (_filter_samples, slice(end, None))]
    for step, part in reversed(parts) if d.reverse else parts:
        if x[:, part].shape[1]:
            s = step(d, x[:, part], s, y[:, part], states)
    return s


def filter_long_tail(d: DirectionMatrices, x: Tensor, s: Tensor, y: Tensor) -> Tensor:
    """Filter `x` forwards into `y` from the state `s` `(rows, 1, n)`, and return the state after the last sample.

    `x` `(rows, time)` is shorter than `d.plan.stride` groups and on the CPU, and all rows share one filter. The
    products are computed in float64.
    """
    rows, time = x.shape
    n, length, group = d.plan.states, d.plan.length, d.plan.group
    H, R, O, within, carry = d.arrays  # noqa: E741
    full_blocks, partial = divmod(time, length)
    groups = full_blocks // group + 1  # the last block is incomplete, and may be empty
    padded = np.zeros((rows, groups * group * length))
    padded[:, :time] = x.resolve_neg().numpy()
    inputs = padded.reshape(rows, groups * group, length)
    forcing = product(inputs, R.T).reshape(rows, groups, group * n)
    starts = s.numpy()
    if groups > 1:
        level, size = d.level_arrays(1), groups * n
        totals = product(forcing, d.total_array.T).reshape(rows, 1, size)
        starts = product(totals, level.within[:size, :size].T) + starts @ level.carry[:size].T
        starts = starts.reshape(rows, groups, n)
    states = product(forcing, within.T)
    states += product(starts, carry.T)
    states = states.reshape(rows, groups * group, n)
    outputs = product(inputs, H.T)
    outputs += product(states, O.T)
    y.numpy()[...] = outputs.reshape(rows, -1)[:, :time]
    last = states[:, full_blocks : full_blocks + 1]
    if partial:
        forcing = inputs[:, full_blocks : full_blocks + 1, :partial] @ R[:, length - partial :].T
        last = last @ d.sample_transition_array(partial).T + forcing
    return torch.from_numpy(np.ascontiguousarray(last))


def _filter_blocks(d: DirectionMatrices, x: Tensor, s: Tensor, y: Tensor, states: Tensor | None) -> Tensor:
    """Filter `x`, complete blocks but less than a group, into `y`; arguments and result as in `filter_tail`."""
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
    """Filter `x`, shorter than a block, into `y`; arguments and result as in `filter_tail`."""
    m = x.shape[1]
    row = x.unsqueeze(1)
    observe = d.O[..., -m:, :] if d.reverse else d.O[..., :m, :]
    reach = d.R[..., :m] if d.reverse else d.R[..., -m:]
    output = matmul_rows(row, d.H[..., :m, :m]) + matmul_rows(d.to_signal_dtype(s), observe)
    y.copy_(output.squeeze(1))
    return d.to_float64(matmul_rows(row, reach)) + matmul_rows(s, d.sample_transition(m))
