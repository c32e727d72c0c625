"""Linear filtering of rows of samples, forwards or backwards in time: on the CPU by `segments`, on other devices here.

In each tile, first the contribution `r = x R^T` of each block to the state is computed, then from these the state `s`
before each block, and finally the output `y = x H^T + s O^T`. The products are computed in the dtype of the signal; the
state from group to group is float64.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.direction_matrices import DirectionMatrices
from fxlab.engine.recursion.matrices.filter_plan import FilterPlan
from fxlab.engine.recursion.rows.group_states import outputs_from_states, states_from_zero, take_totals
from fxlab.engine.recursion.rows.row_products import add_matmul
from fxlab.engine.recursion.rows.scan_states import scan_states
from fxlab.engine.recursion.rows.segments import filter_segments
from fxlab.engine.recursion.rows.tail_block import filter_tail

TILE = 1 << 21  # samples, over all rows of a tile; few, so that its states need little additional memory
MIN_ROWS = 16  # the smallest number of rows that are filtered together


def filter_tiles(
    plan: FilterPlan, x: Tensor, s: Tensor, y: Tensor, *, reverse: bool = False, states: Tensor | None = None
) -> Tensor:
    """Filter the rows of `x` into `y` from the states `s`, and return the last states (if `reverse`, those before `x`).

    Shape:
        x, y: `(rows, time)`, contiguous in time; s: `(rows, n)`, float64. states: None, or `(rows, blocks, n)` to be
        filled with the state before each complete block (if `reverse`, after it), in the coordinates of
        `plan.direction(reverse)`. Returns `(rows, n)`, float64.
    """
    if x.device.type == "cpu":
        return filter_segments(plan, x, s, y, reverse=reverse, states=states)
    return filter_device_tiles(plan, x, s, y, reverse=reverse, states=states)


def filter_device_tiles(
    plan: FilterPlan, x: Tensor, s: Tensor, y: Tensor, *, reverse: bool = False, states: Tensor | None = None
) -> Tensor:
    """Filter as `filter_tiles` does, on any device, in tiles of about `TILE` samples over all rows of a tile."""
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
    tile = max(group_length, TILE // rows // group_length * group_length)
    tiles = [slice(start, min(start + tile, groups_end)) for start in range(0, groups_end, tile)]
    tail_states = None if states is None else states[:, groups_end // length :]
    state = d.to_coordinates(s.unsqueeze(1))
    if d.reverse:
        state = filter_tail(d, x[:, groups_end:], state, y[:, groups_end:], tail_states)
    for part in reversed(tiles) if d.reverse else tiles:
        states_of_part = None if states is None else states[:, part.start // length : part.stop // length]
        state = _filter_groups(d, x[:, part], state, y[:, part], states_of_part)
    if not d.reverse:
        state = filter_tail(d, x[:, groups_end:], state, y[:, groups_end:], tail_states)
    return d.from_coordinates(state).squeeze(1)


def _filter_groups(d: DirectionMatrices, x: Tensor, s: Tensor, y: Tensor, states: Tensor | None) -> Tensor:
    """Filter complete groups of blocks, `x` `(rows, time)`, into `y`, and return the state after them, `(rows, 1, n)`.

    `s` `(rows, 1, n)` is the first state. `states`, if it is not None, is filled as in `filter_tiles`.
    """
    rows, time = x.shape
    n, length, group = d.plan.states, d.plan.length, d.plan.group
    if states is None:
        states = x.new_empty(rows, time // length, n)
    grouped_states = states.view(rows, -1, group * n)
    states_from_zero(d, x, grouped_states)
    totals = x.new_empty(*grouped_states.shape[:2], n)
    take_totals(d, grouped_states, totals)
    starts, s = scan_states(d, totals, s)
    add_matmul(grouped_states, d.to_signal_dtype(starts), d.carry)
    outputs_from_states(d, x, states, y)
    return s
