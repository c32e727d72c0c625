"""Linear filtering of rows of samples on the CPU, in tiles, on one thread or several.

Tiles are short enough for the cache of a processor. Each thread filters some of the rows, tile by tile. If there are at
least `MIN_WORKERS_PER_ROW` threads for each row, the threads first compute the contribution of each tile to the state,
then one thread computes the states before the tiles from these contributions, and then the threads filter the tiles.
Both ways give the same results bit for bit, and equal rows have equal outputs, because the products of a row have the
same shapes for any number of threads and rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.array_library import ignore_overflow
from fxlab.engine.recursion.matrices.direction_matrices import DirectionMatrices
from fxlab.engine.recursion.matrices.filter_plan import FilterPlan
from fxlab.engine.recursion.matrices.tile_matrices import tile_matrices
from fxlab.engine.recursion.rows import tile_script
from fxlab.engine.recursion.rows.tail_block import filter_long_tail, filter_tail
from fxlab.engine.torch_support.row_alignment import allocate_rows, is_aligned
from fxlab.engine.torch_support.script import script_function
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

TILE = 1 << 17  # samples that are filtered at once
PART = 1 << 20  # samples of the rows or the tiles that a thread filters before it takes others
MIN_SAMPLES_PER_WORKER = 1 << 17  # with fewer, waking another thread costs more than it saves
# With fewer samples a filter whose gradients are computed runs on one thread. After each operation of a training step
# PyTorch's own threads spin on their cores for some milliseconds, and other threads would wait for a core.
MIN_TRAINING_SAMPLES = 1 << 21
MIN_WORKERS_PER_ROW = 4  # with fewer, sharing a row takes as long as one thread, which reads each tile only once

filter_tiles: Callable[..., Tensor] = script_function(tile_script, "filter_tiles")
tile_totals: Callable[..., Tensor] = script_function(tile_script, "tile_totals")
tile_starts: Callable[..., list[Tensor]] = script_function(tile_script, "tile_starts")


class Span(NamedTuple):
    """Consecutive tiles of equal length."""

    start: int  # the first sample
    stop: int
    groups: int  # of each tile


class Job(NamedTuple):
    """A signal to filter, with the matrices, the first states, the output and the states before the blocks.

    `x` and `y` are `(rows, time)`, `s` is `(rows, n)`, and `states` is `(rows, blocks, n)`, or empty if not needed.
    """

    direction: DirectionMatrices
    x: Tensor
    s: Tensor
    y: Tensor
    states: Tensor

    @property
    def layout(self) -> list[int]:
        """The `layout` argument of the functions in `tile_script`: two lengths, the stride, and `reverse` as 0 or 1.

        The lengths are the numbers of samples in a block and in a group.
        """
        plan = self.direction.plan
        return [plan.length, plan.length * plan.group, plan.stride, int(self.direction.reverse)]


def filter_segments(
    plan: FilterPlan, x: Tensor, s: Tensor, y: Tensor, *, reverse: bool = False, states: Tensor | None = None
) -> Tensor:
    """Filter the rows of `x` into `y` from the states `s`, and return the last states; see `tiles.filter_tiles`."""
    rows, time = x.shape
    job = Job(plan.direction(reverse), x, s, y, x.new_empty(0) if states is None else states)
    workers = min(max_workers(), max(1, x.numel() // MIN_SAMPLES_PER_WORKER))
    if (reverse or states is not None) and x.numel() < MIN_TRAINING_SAMPLES:
        workers = 1
    if rows * MIN_WORKERS_PER_ROW <= workers:
        return _filter_rows(job, slice(0, rows), workers)
    at_once = max(1, min(PART // max(time, 1), -(-rows // workers)))
    parts = [slice(first, min(first + at_once, rows)) for first in range(0, rows, at_once)]
    if plan.index is not None and workers > 1:
        for part in parts:
            _prepare_rows(job, part)
    ends = run_parts(lambda part: _filter_rows(job, part, 1), parts, workers)
    return ends[0] if len(ends) == 1 else torch.cat(ends)


def _prepare_rows(job: Job, rows: slice) -> None:
    """Compute and cache the matrices of the tiles of some rows."""
    # If the threads computed them, they would wait for the interpreter lock after each of the small operations.
    d = job.direction.for_rows(rows)
    for span in _spans(job)[0]:
        tile_matrices(d, span.groups, rows.stop - rows.start)


def _filter_rows(job: Job, rows: slice, workers: int) -> Tensor:
    """Filter some rows of a job on `workers` threads, and return their last states, `(rows, n)`."""
    with ignore_overflow():
        d = job.direction.for_rows(rows)
        part = Job(d, job.x[rows], job.s[rows], job.y[rows], job.states[rows])
        # A part may be a single row, which is copied if it is aligned otherwise than the other rows.
        is_copied = not (is_aligned(job.x) and is_aligned(job.y))
        if is_copied:
            x, y = (allocate_rows(part.x.shape, part.x) for _ in range(2))
            part = part._replace(x=x.copy_(part.x), y=y)
        spans, end = _spans(part)
        state = d.to_coordinates(part.s.unsqueeze(1))
        tail = slice(end, part.x.shape[1])
        if d.reverse:
            state = _filter_tail(part, tail, state)
        for span in reversed(spans) if d.reverse else spans:
            if workers > 1 and span.stop - span.start >= 2 * MIN_SAMPLES_PER_WORKER:
                state = _filter_together(part, span, state, workers)
            else:
                state = _filter_span(part, span, state)
        if not d.reverse:
            state = _filter_tail(part, tail, state)
        if is_copied:
            job.y[rows].copy_(part.y)
        return d.from_coordinates(state).squeeze(1).contiguous()


def _spans(job: Job) -> tuple[list[Span], int]:
    """Return the spans of tiles of a signal, and the sample where they end and `_filter_tail` continues.

    The spans are: tiles of about `TILE` samples, one tile of fewer steps and, without a long tail, one tile of fewer
    groups than a step. A span without samples is left out.
    """
    plan, time = job.direction.plan, job.x.shape[1]
    group = plan.length * plan.group
    steps = max(1, TILE // (group * plan.stride))
    count, rest = divmod(time // group, steps * plan.stride)
    spans, end = [], 0
    sizes = [(steps * plan.stride, count), (rest - rest % plan.stride, 1)]
    if not _has_long_tail(job):
        sizes.append((rest % plan.stride, 1))
    for groups, tiles in sizes:
        if groups and tiles:
            spans.append(Span(end, end + tiles * groups * group, groups))
            end = spans[-1].stop
    return spans, end


def _filter_span(job: Job, span: Span, state: Tensor) -> Tensor:
    """Filter the tiles of a span one after the other from `state` `(rows, 1, n)`, and return the state after them."""
    rows_at_once = max(1, TILE // (span.groups * job.layout[1]))
    matrices = tile_matrices(job.direction, span.groups, len(job.x))
    x, y, states = _cut(job, slice(0, len(job.x)), span)
    return filter_tiles(x, y, states, state, span.groups, rows_at_once, matrices, job.layout)


def _filter_together(job: Job, span: Span, state: Tensor, workers: int) -> Tensor:
    """Return the result of `_filter_span`, computed on several threads.

    The threads compute the totals of the tiles, the contributions to the states after them. Then one thread computes
    the states before the tiles, and then the threads compute the outputs.
    """
    layout, tile = job.layout, span.groups * job.layout[1]
    rows = range(len(job.x))
    matrices = tile_matrices(job.direction, span.groups, len(job.x))
    of_row = [tile_script.of_rows(matrices, row, row + 1) for row in rows]
    length = max(1, min(PART, (span.stop - span.start) // (2 * workers)) // tile) * tile
    cuts = [Span(start, min(start + length, span.stop), span.groups) for start in range(span.start, span.stop, length)]
    parts = [(row, cut) for row in rows for cut in cuts]

    def totals_of(part: tuple[int, Span]) -> Tensor:
        row, cut = part
        return tile_totals(job.x[row : row + 1, cut.start : cut.stop], span.groups, of_row[row], layout)

    found = run_parts(totals_of, parts, workers)
    totals = torch.cat([torch.cat(found[row * len(cuts) : (row + 1) * len(cuts)], 1) for row in rows])
    starts, after = tile_starts(totals, state, matrices, layout)

    def filter_part(part: tuple[int, Span]) -> None:
        row, cut = part
        x, y, states = _cut(job, slice(row, row + 1), cut)
        first = ((cut.stop - tile if job.direction.reverse else cut.start) - span.start) // tile
        filter_tiles(x, y, states, starts[row : row + 1, first : first + 1], span.groups, 1, of_row[row], layout)

    run_parts(filter_part, parts, workers)
    return after


def _cut(job: Job, rows: slice, span: Span) -> tuple[Tensor, Tensor, Tensor]:
    """Return the parts of the signal, of the output and of the states of blocks for a span and some rows."""
    part, length = slice(span.start, span.stop), job.direction.plan.length
    states = job.states
    if states.numel():
        states = states[rows, span.start // length : span.stop // length]
    return job.x[rows, part], job.y[rows, part], states


def _has_long_tail(job: Job) -> bool:
    """Return whether `filter_long_tail` filters all samples after the last complete step."""
    return job.direction.plan.index is None and not job.direction.reverse and not job.states.numel()


def _filter_tail(job: Job, part: slice, state: Tensor) -> Tensor:
    if part.start == part.stop:
        return state
    d, x, y = job.direction, job.x[:, part], job.y[:, part]
    if _has_long_tail(job):
        return filter_long_tail(d, x, state, y)
    states = job.states[:, part.start // d.plan.length :] if job.states.numel() else None
    return filter_tail(d, x, state, y, states)
