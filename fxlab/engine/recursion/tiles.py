"""Linear filtering of rows of samples, tile by tile, forwards or backwards in time.

In each tile, first the contribution `r = x R^T` of each block to the state is computed, then from these the state `s`
before each block, and finally the output `y = x H^T + s O^T`. The products are computed in the dtype of the signal; the
state from group to group is float64.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.recursion.direction_matrices import DirectionMatrices
from fxlab.engine.recursion.filter_plan import FilterPlan
from fxlab.engine.recursion.scan_states import group_totals, leading_rows, scan_states
from fxlab.engine.recursion.tail_block import filter_tail, is_numpy_tail

TILE = 1 << 21  # samples, so that a tile and its states stay in the last-level cache and need little additional memory
MIN_ROWS = 16  # rows that are filtered together, independent of their length


def filter_tiles(
    plan: FilterPlan, x: Tensor, s: Tensor, y: Tensor, *, reverse: bool = False, states: Tensor | None = None
) -> Tensor:
    """Filter the rows of `x` into `y` from the state `s`, and return the final state (backwards: that before `x`).

    Shape:
        x, y: `(rows, time)`, contiguous in time; s: `(rows, n)`, float64. states: None, or `(rows, blocks, n)` to be
        filled with the state at the start of each complete block (backwards: at its end), in the coordinates of
        `plan.direction(reverse)`.
    """
    direction = plan.direction(reverse)
    rows, time = x.shape
    rows_at_once = max(MIN_ROWS, TILE // max(time, 1))
    if rows_at_once >= rows:
        return _filter_rows(direction, x, s, y, states)
    ends = []
    for first in range(0, rows, rows_at_once):
        part = slice(first, first + rows_at_once)
        states_of_part = None if states is None else states[part]
        ends.append(_filter_rows(direction.for_rows(part), x[part], s[part], y[part], states_of_part))
    return torch.cat(ends)


def _filter_rows(d: DirectionMatrices, x: Tensor, s: Tensor, y: Tensor, states: Tensor | None) -> Tensor:
    rows, time = x.shape
    length = d.plan.length
    group_length = length * d.plan.group
    groups_end = time - time % group_length
    blocks_end = time - time % length
    tile = max(group_length, TILE // rows // group_length * group_length)
    steps = [(_filter_groups, start, min(start + tile, groups_end)) for start in range(0, groups_end, tile)]
    numpy_tail = states is None and groups_end < time and is_numpy_tail(d, x[:, groups_end:])
    if blocks_end > groups_end and not numpy_tail:
        steps.append((_filter_blocks, groups_end, blocks_end))
    state = d.to_coordinates(s.unsqueeze(1))
    if d.reverse and time > blocks_end:
        state = _filter_samples(d, x[:, blocks_end:], state, y[:, blocks_end:])
    for step, start, end in reversed(steps) if d.reverse else steps:
        states_of_step = None if states is None else states[:, start // length : end // length]
        state = step(d, x[:, start:end], state, y[:, start:end], states_of_step)
    if numpy_tail:
        state = filter_tail(d, x[:, groups_end:], state, y[:, groups_end:])
    elif not d.reverse and time > blocks_end:
        state = _filter_samples(d, x[:, blocks_end:], state, y[:, blocks_end:])
    return d.from_coordinates(state).squeeze(1)


def _filter_groups(d: DirectionMatrices, x: Tensor, s: Tensor, y: Tensor, states: Tensor | None) -> Tensor:
    """Filter complete groups of blocks."""
    rows, time = x.shape
    n, length, group = d.plan.states, d.plan.length, d.plan.group
    blocks, groups = time // length, time // (length * group)
    inputs, outputs = x.view(rows, blocks, length), y.view(rows, blocks, length)
    if states is None:
        states = x.new_empty(rows, blocks, n)
    grouped_states = states.view(rows, groups, group * n)
    if d.samples_to_states is not None:
        _matmul_into(x.view(rows, groups, group * length), d.samples_to_states, grouped_states)
        first = slice(-n, None) if d.reverse else slice(0, n)
        totals = grouped_states[..., first].clone()
        grouped_states[..., first] = 0.0
    else:
        forcing = _matmul_into(inputs, d.R, x.new_empty(rows, blocks, n)).view(rows, groups, group * n)
        totals = group_totals(d, forcing, _matmul_into(forcing, d.within, grouped_states), d.step)
    starts, s = scan_states(d, totals, s)
    _add_matmul(grouped_states, d.to_signal_dtype(starts), d.carry)
    _matmul_into(inputs, d.H, outputs)
    _add_matmul(outputs, states, d.O)
    return s


def _filter_blocks(d: DirectionMatrices, x: Tensor, s: Tensor, y: Tensor, states: Tensor | None) -> Tensor:
    """Filter complete blocks, fewer than a group."""
    rows, time = x.shape
    n, length = d.plan.states, d.plan.length
    blocks = time // length
    size = blocks * n
    inputs, outputs = x.view(rows, blocks, length), y.view(rows, blocks, length)
    forcing = _matmul_into(inputs, d.R, x.new_empty(rows, blocks, n)).view(rows, 1, size)
    block_states = torch.matmul(forcing, d.within[..., :size, :size].mT)
    total = d.to_float64(group_totals(d, forcing, block_states, d.step))
    block_states += torch.matmul(d.to_signal_dtype(s), leading_rows(d, d.carry, size).mT)
    block_states = block_states.view(rows, blocks, n)
    if states is not None:
        states.copy_(block_states)
    _matmul_into(inputs, d.H, outputs)
    _add_matmul(outputs, block_states, d.O)
    return total + torch.matmul(s, d.block_transition(blocks).mT)


def _filter_samples(d: DirectionMatrices, x: Tensor, s: Tensor, y: Tensor) -> Tensor:
    """Filter samples, fewer than a block."""
    m = x.shape[1]
    row = x.unsqueeze(1)
    observe = d.O[..., -m:, :] if d.reverse else d.O[..., :m, :]
    reach = d.R[..., :m] if d.reverse else d.R[..., -m:]
    output = torch.matmul(row, d.H[..., :m, :m].mT) + torch.matmul(d.to_signal_dtype(s), observe.mT)
    y.copy_(output.squeeze(1))
    return d.to_float64(torch.matmul(row, reach.mT)) + torch.matmul(s, d.sample_transition(m).mT)


def _matmul_into(rows: Tensor, matrix: Tensor, out: Tensor) -> Tensor:
    """Write `rows matrix^T` into `out`, for rows `(batch, m, k)` and one matrix, or one for each batch element."""
    return torch.bmm(rows, matrix.mT.expand(rows.shape[0], -1, -1), out=out)


def _add_matmul(out: Tensor, rows: Tensor, matrix: Tensor) -> None:
    """Add `rows matrix^T` to `out`."""
    out.baddbmm_(rows, matrix.mT.expand(rows.shape[0], -1, -1))
