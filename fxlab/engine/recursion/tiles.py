"""A linear filter run over rows of samples, tile by tile, forwards or backwards in time.

In a tile: the blocks' drives `r = x R^T`, from them the state before each block, then `y = x H^T + s O^T`. The
products are of the signal's dtype; from group to group the state is carried in float64.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.recursion.plan import Direction, Plan
from fxlab.engine.recursion.scan import climb, head, left_behind
from fxlab.engine.recursion.tail_block import rest, serves

TILE = 1 << 21  # samples: a tile and its states stay in the last cache, and beside a long signal they are little
ROWS = 16


def run(plan: Plan, x: Tensor, s: Tensor, y: Tensor, *, reverse: bool = False, states: Tensor | None = None) -> Tensor:
    """Filter the rows of `x` into `y` from the state `s`, and return the state at the other end.

    Shape:
        x, y: `(rows, time)`, contiguous in time; s: `(rows, n)`, float64; states, where they are wanted:
        `(rows, blocks, n)`, filled with the state in which each whole block begins (backwards: ends), in
        the coordinates of `plan.direction(reverse)`.
    """
    direction = plan.direction(reverse)
    rows, time = x.shape
    chunk = max(ROWS, TILE // max(time, 1))
    if chunk >= rows:
        return _run_rows(direction, x, s, y, states)
    ends = []
    for first in range(0, rows, chunk):
        part = slice(first, first + chunk)
        kept = None if states is None else states[part]
        ends.append(_run_rows(direction.of_rows(part), x[part], s[part], y[part], kept))
    return torch.cat(ends)


def _run_rows(d: Direction, x: Tensor, s: Tensor, y: Tensor, states: Tensor | None) -> Tensor:
    rows, time = x.shape
    length = d.plan.length
    span = length * d.plan.group
    whole = time - time % span
    cut = time - time % length
    tile = max(span, TILE // rows // span * span)
    steps = [(_groups, start, min(start + tile, whole)) for start in range(0, whole, tile)]
    little = states is None and whole < time and serves(d, x[:, whole:])
    if cut > whole and not little:
        steps.append((_blocks, whole, cut))
    state = d.enter(s.unsqueeze(1))
    if d.reverse and time > cut:
        state = _samples(d, x[:, cut:], state, y[:, cut:])
    for step, start, end in reversed(steps) if d.reverse else steps:
        kept = None if states is None else states[:, start // length : end // length]
        state = step(d, x[:, start:end], state, y[:, start:end], kept)
    if little:
        state = rest(d, x[:, whole:], state, y[:, whole:])
    elif not d.reverse and time > cut:
        state = _samples(d, x[:, cut:], state, y[:, cut:])
    return d.leave(state).squeeze(1)


def _groups(d: Direction, x: Tensor, s: Tensor, y: Tensor, states: Tensor | None) -> Tensor:
    """Whole groups of blocks."""
    rows, time = x.shape
    n, length, group = d.plan.states, d.plan.length, d.plan.group
    blocks, groups = time // length, time // (length * group)
    cut, out = x.view(rows, blocks, length), y.view(rows, blocks, length)
    if states is None:
        states = x.new_empty(rows, blocks, n)
    inner = states.view(rows, groups, group * n)
    if d.gather is not None:
        _product(x.view(rows, groups, group * length), d.gather, inner)
        first = slice(-n, None) if d.reverse else slice(0, n)
        totals = inner[..., first].clone()
        inner[..., first] = 0.0
    else:
        drive = _product(cut, d.R, x.new_empty(rows, blocks, n)).view(rows, groups, group * n)
        totals = left_behind(d, drive, _product(drive, d.within, inner), d.step)
    starts, s = climb(d, totals, s)
    _add_product(inner, d.down(starts), d.carry)
    _product(cut, d.H, out)
    _add_product(out, states, d.O)
    return s


def _blocks(d: Direction, x: Tensor, s: Tensor, y: Tensor, states: Tensor | None) -> Tensor:
    """The whole blocks of a group cut short."""
    rows, time = x.shape
    n, length = d.plan.states, d.plan.length
    blocks = time // length
    size = blocks * n
    cut, out = x.view(rows, blocks, length), y.view(rows, blocks, length)
    drive = _product(cut, d.R, x.new_empty(rows, blocks, n)).view(rows, 1, size)
    inner = torch.matmul(drive, d.within[..., :size, :size].mT)
    total = d.up(left_behind(d, drive, inner, d.step))
    inner += torch.matmul(d.down(s), head(d, d.carry, size).mT)
    inner = inner.view(rows, blocks, n)
    if states is not None:
        states.copy_(inner)
    _product(cut, d.H, out)
    _add_product(out, inner, d.O)
    return total + torch.matmul(s, d.after_blocks(blocks).mT)


def _samples(d: Direction, x: Tensor, s: Tensor, y: Tensor) -> Tensor:
    """The samples of a block cut short."""
    m = x.shape[1]
    row = x.unsqueeze(1)
    observe = d.O[..., -m:, :] if d.reverse else d.O[..., :m, :]
    reach = d.R[..., :m] if d.reverse else d.R[..., -m:]
    out = torch.matmul(row, d.H[..., :m, :m].mT) + torch.matmul(d.down(s), observe.mT)
    y.copy_(out.squeeze(1))
    return d.up(torch.matmul(row, reach.mT)) + torch.matmul(s, d.after_samples(m).mT)


def _product(rows: Tensor, matrix: Tensor, out: Tensor) -> Tensor:
    """`rows matrix^T` for `(batch, m, k)`, with one matrix or a matrix for each of the batch, into `out`."""
    return torch.bmm(rows, matrix.mT.expand(rows.shape[0], -1, -1), out=out)


def _add_product(out: Tensor, rows: Tensor, matrix: Tensor) -> None:
    out.baddbmm_(rows, matrix.mT.expand(rows.shape[0], -1, -1))
