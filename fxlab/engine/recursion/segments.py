"""Linear filtering of rows of samples on the CPU, in segments, on one thread or several.

A segment is filtered in three steps. `begin` computes what each step of a few groups of blocks contributes to the state
after it; `scan` finds from this the states before the steps, in float64; and `finish` computes the output. If there are
enough rows, each thread filters some of them on its own. Otherwise all threads begin segments, one thread scans them,
and all threads finish them. The result has the same bits in every case, and equal rows have equal outputs, because
each row's products have the same shapes for any number of threads and rows.

Segments are long. Every PyTorch function releases and takes Python's lock, so two threads that call many short ones
spend most of their time waking each other.
"""

from __future__ import annotations

from itertools import product

import torch
from torch import Tensor

from fxlab.engine.recursion.array_library import ignore_overflow
from fxlab.engine.recursion.filter_plan import FilterPlan
from fxlab.engine.recursion.row_segments import RowSegments, Segment
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

PART = 1 << 21  # samples that one thread filters at once, if rows are short
WINDOW = 1 << 23  # samples that are begun before they are finished, which limits the memory for their states
MIN_SAMPLES_PER_WORKER = 1 << 18  # with fewer, waking another thread costs more than it saves


def filter_segments(
    plan: FilterPlan, x: Tensor, s: Tensor, y: Tensor, *, reverse: bool = False, states: Tensor | None = None
) -> Tensor:
    """Filter the rows of `x` into `y` from the state `s`; the arguments are those of `filter_tiles`."""
    direction = plan.direction(reverse)
    rows, time = x.shape
    workers = min(max_workers(), max(1, x.numel() // MIN_SAMPLES_PER_WORKER))
    at_once = max(1, min(PART // max(time, 1), -(-rows // workers)))
    parts = [
        RowSegments(direction, slice(first, first + at_once), x, s, y, states) for first in range(0, rows, at_once)
    ]
    if len(parts) >= workers:
        ends = run_parts(_filter, parts, workers)
    else:
        ends = _filter_together(parts, workers)
    return ends[0] if len(ends) == 1 else torch.cat(ends)


def _filter(rows: RowSegments) -> Tensor:
    """Filter rows on one thread, and return their final states."""
    with ignore_overflow():
        state = rows.first_state()
        for span in rows.spans:
            segment = rows.begin(span)
            state = rows.scan(segment, state)
            rows.finish(segment)
        return rows.final_state(state)


def _filter_together(parts: list[RowSegments], workers: int) -> list[Tensor]:
    """Filter each row on several threads, a window of its segments at a time, and return the final states."""
    after = [rows.first_state() for rows in parts]
    spans = parts[0].spans
    window = max(1, WINDOW // (len(parts) * parts[0].segment))
    for first in range(0, len(spans), window):
        todo = list(product(range(len(parts)), spans[first : first + window]))
        begun = run_parts(lambda part: parts[part[0]].begin(part[1]), todo, workers)
        scanned: list[tuple[RowSegments, Segment]] = []
        for (number, _), segment in zip(todo, begun, strict=True):
            after[number] = parts[number].scan(segment, after[number])
            scanned.append((parts[number], segment))
        run_parts(lambda part: part[0].finish(part[1]), scanned, workers)
    return [rows.final_state(state) for rows, state in zip(parts, after, strict=True)]
