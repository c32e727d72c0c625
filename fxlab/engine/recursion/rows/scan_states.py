"""The states between groups of blocks, computed level by level, from short steps to long ones and then back.

This version is for tensors on any device. On the CPU, tiles use `tile_script`, and short signals `scan_arrays`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.array_library import Array
from fxlab.engine.recursion.matrices.direction_matrices import DirectionMatrices
from fxlab.engine.recursion.matrices.group_matrices import leading_rows
from fxlab.engine.recursion.rows.row_products import matmul_rows


def scan_states(d: DirectionMatrices, forcing: Tensor, s: Tensor, level: int = 1) -> tuple[Tensor, Tensor]:
    """Return the state before each group, and the state after the last group in float64.

    If there are several levels, the lowest runs in the dtype of `forcing`. The levels above it, and a single level, run
    in float64. In the recursive calls for level 2 and higher, a group is a step of that level.

    Shape:
        forcing: `(rows, groups, n)`, the contribution of each group to the state after it; s: `(rows, 1, n)`, float64,
        the state before the first group. Returns `(rows, groups, n)` and `(rows, 1, n)`.
    """
    # In float64, the many states of the lowest level would cost as much as the filtering.
    rows, steps, n = forcing.shape
    if steps <= d.plan.stride:
        forcing = d.to_float64(forcing)
        within, carry, step = d.level_tensors(level, torch.float64)
        if steps == 1:
            return s, matmul_rows(s, step) + forcing
        size = steps * n
        states = matmul_rows(forcing.view(rows, 1, size), within[..., :size, :size])
        states += matmul_rows(s, leading_rows(carry, size, d.reverse))
        states = states.view(rows, steps, n)
    else:
        within, carry, step = d.level_tensors(level, forcing.dtype)
        padding = -steps % d.plan.stride
        # Zeros after the last step complete the last group. Running backwards, the last step is the first in time.
        padded = torch.nn.functional.pad(forcing, (0, 0, padding, 0) if d.reverse else (0, 0, 0, padding))
        grouped = padded.view(rows, -1, d.plan.stride * n)
        states = matmul_rows(grouped, within)
        starts, after = scan_states(d, d.to_float64(group_totals(grouped, states, step, d.reverse)), s, level + 1)
        states.baddbmm_(starts.to(states), carry.mT.expand(rows, -1, -1))
        states = states.view(rows, steps + padding, n)
        states = states[:, padding:] if d.reverse else states[:, :steps]
        if not padding:
            return states, after
    last = slice(0, 1) if d.reverse else slice(-1, None)
    step = d.level_tensors(level, torch.float64).step
    return states, matmul_rows(d.to_float64(states[:, last]), step) + d.to_float64(forcing[:, last])


def group_totals(forcing: Array, states: Array, step: Array, reverse: bool) -> Array:
    """Return the contribution of each group of steps to the state after it, `(rows, groups, n)`.

    Shape:
        forcing: `(rows, groups, steps * n)`, the contribution of each step; states: of the same shape, the states
        before each step if the group starts from zero state; step: `(..., n, n)`, the transition over one step.
    """
    n = step.shape[-1]
    last = slice(0, n) if reverse else slice(-n, None)
    before = states[..., last]
    moved = matmul_rows(before, step) if isinstance(before, Tensor) else before @ step.swapaxes(-1, -2)
    return moved + forcing[..., last]
