"""A linear filter run over rows of samples, tile by tile, forwards or backwards in time.

In a tile: the blocks' drives `r = x R^T`, from them the state before each block, then `y = x H^T + s O^T`. The
products are of the signal's dtype; from group to group the state is carried in float64.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.plan import Direction, Plan

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
    if cut > whole:
        steps.append((_blocks, whole, cut))
    state = d.enter(s.unsqueeze(1))
    if d.reverse and time > cut:
        state = _samples(d, x[:, cut:], state, y[:, cut:])
    for step, start, end in reversed(steps) if d.reverse else steps:
        kept = None if states is None else states[:, start // length : end // length]
        state = step(d, x[:, start:end], state, y[:, start:end], kept)
    if not d.reverse and time > cut:
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
        totals = _after(d, drive, _product(drive, d.within, inner), d.step)
    starts, s = _climb(d, 1, totals, s)
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
    total = d.up(_after(d, drive, inner, d.step))
    inner += torch.matmul(d.down(s), _head(d, d.carry, size).mT)
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


def _climb(d: Direction, height: int, drive: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """The state before each step of a level, and the one after the last in float64, from the drives `(rows, steps, n)`.

    The lowest of several levels runs in the signal's type, as its drives are: in float64 so many states would cost as
    much as the filtering. What is above it, and a level that is alone, runs in float64.
    """
    rows, steps, n = drive.shape
    if steps <= d.plan.stride:
        drive = d.up(drive)
        within, carry, step = d.level(height, torch.float64)
        if steps == 1:
            return s, torch.matmul(s, step.mT) + drive
        size = steps * n
        states = torch.matmul(drive.view(rows, 1, size), within[..., :size, :size].mT)
        states += torch.matmul(s, _head(d, carry, size).mT)
        states = states.view(rows, steps, n)
    else:
        within, carry, step = d.level(height, drive.dtype)
        spare = -steps % d.plan.stride
        # Silence after the last step, so that whole groups come out; backwards the last step is the first in time.
        padded = torch.nn.functional.pad(drive, (0, 0, spare, 0) if d.reverse else (0, 0, 0, spare))
        grouped = padded.view(rows, -1, d.plan.stride * n)
        states = torch.matmul(grouped, within.mT)
        starts, after = _climb(d, height + 1, d.up(_after(d, grouped, states, step)), s)
        _add_product(states, starts.to(states), carry)
        states = states.view(rows, steps + spare, n)
        states = states[:, spare:] if d.reverse else states[:, :steps]
        if not spare:
            return states, after
    last = slice(0, 1) if d.reverse else slice(-1, None)
    step = d.level(height, torch.float64)[2]
    return states, torch.matmul(d.up(states[:, last]), step.mT) + d.up(drive[:, last])


def _after(d: Direction, drive: Tensor, states: Tensor, step: Tensor) -> Tensor:
    """The states after groups of steps, `(rows, groups, n)`, from the states before each step and the drives."""
    n = d.plan.states
    last = slice(0, n) if d.reverse else slice(-n, None)
    return torch.matmul(states[..., last], step.mT) + drive[..., last]


def _head(d: Direction, carry: Tensor, size: int) -> Tensor:
    """The carrying of the state into the first of a group's steps."""
    return carry[..., -size:, :] if d.reverse else carry[..., :size, :]


def _product(rows: Tensor, matrix: Tensor, out: Tensor) -> Tensor:
    """`rows matrix^T` for `(batch, m, k)`, with one matrix or a matrix for each of the batch, into `out`."""
    return torch.bmm(rows, matrix.mT.expand(rows.shape[0], -1, -1), out=out)


def _add_product(out: Tensor, rows: Tensor, matrix: Tensor) -> None:
    out.baddbmm_(rows, matrix.mT.expand(rows.shape[0], -1, -1))
