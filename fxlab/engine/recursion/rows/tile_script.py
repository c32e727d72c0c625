"""The filtering of tiles of a signal on the CPU, as functions that TorchScript compiles (`torch_support/script.py`).

A tile is `groups` groups of blocks, `stride` groups are a step, and a tile has one step or several; a tile of fewer
groups than `stride` is one shorter step. The states before the blocks are first computed as if the tile began from zero
state, then corrected for the state before the tile. The products are computed in the dtype of the signal, the states
between steps in float64.

`m` are the matrices in the order of `TileMatrices.for_tile`, transposed for products with rows. `layout` is
`[samples of a block, samples of a group, stride, reverse]`, and n is the number of states of a row. If `reverse` is
not 0, time runs backwards: "before" then means later in time, and the "first" state is the last in memory.
"""

# TorchScript's compiler requires these annotations and these indices; it has no constants and no named tuples.
# ruff: noqa: PLR0917, UP006, UP035

from typing import List

import torch
from torch import Tensor


def place_of_total(states: Tensor, n: int, reverse: bool) -> Tensor:
    """Return a view of the entries of `states` with the totals: each group's first state, or its last if `reverse`.

    `states` is `(rows, groups, group * n)`, and the result is `(rows, groups, n)`.
    """
    return states.narrow(2, states.size(2) - n if reverse else 0, n)


def scan_groups(x: Tensor, states: Tensor, level: Tensor, m: List[Tensor], layout: List[int]) -> Tensor:
    """Return the contribution of each step to the state after it, `(rows, steps, n)`, float64.

    Also writes the states before the blocks to `states` `(rows, groups, group * n)`, as if each group began from zero
    state, and the states before the groups to `level` `(rows, steps, stride * n)`, as if each step began from zero
    state. `x` is `(rows, samples)`.
    """
    rows, groups, n, reverse = x.size(0), states.size(1), m[4].size(1), layout[3] > 0
    if m[1].numel() == 0:
        torch.bmm(x.view(rows, groups, layout[1]), m[0], out=states)
    else:
        forcing = torch.bmm(x.view(rows, -1, layout[0]), m[1])
        torch.bmm(forcing.view(rows, groups, -1), m[0], out=states)
    total = place_of_total(states, n, reverse)
    steps = level.size(1)
    totals = total.clone(memory_format=torch.contiguous_format).view(rows, steps, -1)
    total.zero_()
    torch.bmm(totals, m[2], out=level)
    of_step = place_of_total(level, n, reverse)
    contributions = torch.empty([rows, steps, n], dtype=torch.float64)
    contributions.copy_(of_step)
    of_step.zero_()
    return contributions


def scan_steps(forcing: Tensor, levels: List[Tensor], layout: List[int]) -> List[Tensor]:
    """Return the state before each step of a tile that begins from zero state, and the state after the tile.

    The steps are combined by levels: a step of the lowest level is a step of the tile, and a step of each higher level
    is `stride` steps of the level below, where `stride` is `layout[2]`.

    Args:
        forcing: The contribution of each step of the tile to the state after that step, `(rows, steps, n)`, float64.
        levels: Two matrices for each level, and after them the transition over a step of the tile, `(rows, n, n)`; not
            used if there is only one step. Both matrices give the states before `stride` steps, the first from the
            contributions of these steps, `(rows, stride * n, stride * n)`, and the second from the state before the
            first of these steps, `(rows, n, stride * n)`. In place of the first of the states, which would be 0, the
            first matrix gives the total: the contribution of all `stride` steps to the state after them.
        layout: See the docstring of the module.

    Returns:
        The states before the steps, `(rows, steps, n)`, and the state after the tile, `(rows, 1, n)`, in float64.
    """
    rows, steps, n, reverse, stride = forcing.size(0), forcing.size(1), forcing.size(2), layout[3] > 0, layout[2]
    contributions = forcing
    states_of_level: List[Tensor] = []
    while contributions.size(1) > 1:
        count = contributions.size(1)
        padding = (count + stride - 1) // stride * stride - count
        if padding > 0:
            zeros = torch.zeros([rows, padding, n], dtype=torch.float64)
            contributions = torch.cat([zeros, contributions] if reverse else [contributions, zeros], 1)
        states = torch.bmm(contributions.view(rows, -1, stride * n), levels[2 * len(states_of_level)])
        states_of_level.append(states)
        total = place_of_total(states, n, reverse)
        contributions = total.clone(memory_format=torch.contiguous_format)
        total.zero_()
    before = torch.zeros_like(contributions)
    for index in range(len(states_of_level) - 1, -1, -1):
        states = states_of_level[index]
        count = states.size(1)
        if count > 1:
            padding = before.size(1) - count
            starts = before.narrow(1, padding if reverse else 0, count)
            states.baddbmm_(starts.reshape(rows, count, n), levels[2 * index + 1])
        before = states.view(rows, -1, n)
    before = before.narrow(1, before.size(1) - steps if reverse else 0, steps)
    if steps == 1:
        return [before, forcing]
    last = 0 if reverse else steps - 1
    return [before, torch.baddbmm(forcing.narrow(1, last, 1), before.narrow(1, last, 1), levels[-1])]


def filter_tile(
    x: Tensor, y: Tensor, states: Tensor, level: Tensor, s: Tensor, m: List[Tensor], layout: List[int]
) -> Tensor:
    """Filter a tile `x` `(rows, samples)` into `y` from the state `s` `(rows, 1, n)`, and return the state after it.

    `states` `(rows, groups, group * n)` is filled with the state before each block, and `level`
    `(rows, steps, stride * n)` with the state before each group.
    """
    rows, n, steps = x.size(0), s.size(2), level.size(1)
    before, total = scan_steps(scan_groups(x, states, level, m, layout), m[9:], layout)
    starts = (before + torch.bmm(s, m[7]).view(rows, steps, n)).to(x.dtype)
    level.baddbmm_(starts, m[3])
    states.baddbmm_(level.view(rows, -1, n), m[4])
    outputs = y.view(rows, -1, layout[0])
    torch.bmm(x.view(rows, -1, layout[0]), m[5], out=outputs)
    outputs.baddbmm_(states.view(rows, -1, n), m[6])
    return torch.baddbmm(total, s, m[8])


def of_rows(m: List[Tensor], first: int, stop: int) -> List[Tensor]:
    """Return the matrices `m`, each `(rows, ...)`, for the rows from `first` to `stop - 1`."""
    if first == 0 and stop == m[2].size(0):
        return m
    used: List[Tensor] = []
    for each in m:
        used.append(each[first:stop])
    return used


def filter_tiles(
    x: Tensor,
    y: Tensor,
    all_states: Tensor,
    s: Tensor,
    groups: int,
    rows_at_once: int,
    m: List[Tensor],
    layout: List[int],
) -> Tensor:
    """Filter `x` `(rows, samples)`, tiles of `groups` groups, into `y`, and return the state after `x`, `(rows, 1, n)`.

    `s` `(rows, 1, n)` is the first state. `all_states` is empty, or `(rows, blocks, n)` and filled with the state
    before each block. `rows_at_once` rows are filtered together.
    """
    rows, n, tile = x.size(0), s.size(2), groups * layout[1]
    blocks, count, steps = tile // layout[0], x.size(1) // tile, m[2].size(2) // n
    after = torch.empty_like(s)
    for first in range(0, rows, rows_at_once):
        stop = min(first + rows_at_once, rows)
        used = of_rows(m, first, stop)
        scratch = x.new_empty([stop - first, groups, m[4].size(2)])
        level = x.new_empty([stop - first, groups // steps, steps * n])
        state = s[first:stop]
        rows_of_x, rows_of_y = x[first:stop], y[first:stop]
        for number in range(count):
            index = count - 1 - number if layout[3] > 0 else number
            start = index * tile
            states = scratch
            if all_states.numel() > 0:
                kept = all_states[first:stop, index * blocks : (index + 1) * blocks]
                states = kept.view(stop - first, groups, -1)
            part, output = rows_of_x.narrow(1, start, tile), rows_of_y.narrow(1, start, tile)
            state = filter_tile(part, output, states, level, state, used, layout)
        after[first:stop] = state
    return after


def tile_totals(x: Tensor, groups: int, m: List[Tensor], layout: List[int]) -> Tensor:
    """Return the contribution of each tile of `x` to the state after the tile, `(rows, tiles, n)`, float64."""
    rows, n, tile = x.size(0), m[4].size(1), groups * layout[1]
    count, steps = x.size(1) // tile, m[2].size(2) // n
    states = x.new_empty([rows, groups, m[4].size(2)])
    level = x.new_empty([rows, groups // steps, steps * n])
    totals = torch.empty([rows, count, n], dtype=torch.float64)
    for number in range(count):
        part = x.narrow(1, number * tile, tile)
        _, total = scan_steps(scan_groups(part, states, level, m, layout), m[9:], layout)
        totals.narrow(1, number, 1).copy_(total)
    return totals


def tile_starts(totals: Tensor, s: Tensor, m: List[Tensor], layout: List[int]) -> List[Tensor]:
    """Return the state before each tile, `(rows, tiles, n)`, and the state after the last tile, `(rows, 1, n)`.

    `totals` is the result of `tile_totals`, and `s` `(rows, 1, n)` is the state before the first tile.
    """
    count = totals.size(1)
    starts = torch.empty_like(totals)
    state = s
    for number in range(count):
        index = count - 1 - number if layout[3] > 0 else number
        starts.narrow(1, index, 1).copy_(state)
        state = torch.baddbmm(totals.narrow(1, index, 1), state, m[8])
    return [starts, state]
