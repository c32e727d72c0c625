"""The segments of some rows of a signal, and the steps in which each of them is filtered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.direction_matrices import DirectionMatrices
from fxlab.engine.recursion.group_states import (
    outputs_from_states,
    states_from_zero,
    take_totals,
)
from fxlab.engine.recursion.row_products import add_matmul, matmul_into
from fxlab.engine.recursion.scan_arrays import scan_arrays
from fxlab.engine.recursion.tail_block import filter_tail

MIN_SEGMENT, MAX_SEGMENT = 1 << 18, 1 << 20  # samples of a row
SEGMENTS = 8  # of a row of medium length
MAX_NUMPY_STEPS = 128  # groups of a row; with more, the first level of their scan runs in the signal's dtype


@dataclass
class Segment:
    """The states of a segment, first as if it began from zero state."""

    span: slice  # of the samples
    states: Tensor  # (rows, groups, group * n), before each block, as if each group began from zero state
    totals: Tensor  # (rows, steps * stride, n) or (rows, groups, n), the contribution of each group, then 0
    level: Tensor | None  # (rows, steps, stride * n), before each group, as if each step began from zero state
    steps: np.ndarray  # (rows, steps, n), the contribution of each step; once scanned, the states before the steps


class RowSegments:
    """Some rows of a signal, to be filtered segment by segment.

    The steps of a scan are groups of blocks, or `stride` groups if there are many. The scan within such a step then
    runs in the dtype of the signal: in float64, so many states would cost as much as the filtering.
    """

    def __init__(  # noqa: PLR0917
        self, direction: DirectionMatrices, rows: slice, x: Tensor, s: Tensor, y: Tensor, states: Tensor | None
    ) -> None:
        self.d = direction.for_rows(rows)
        self.x, self.s, self.y = x[rows], s[rows], y[rows]
        self.states = None if states is None else states[rows]
        plan, time = self.d.plan, x.shape[1]
        group_length = plan.length * plan.group
        self.end = time // group_length * group_length  # of the complete groups
        self.has_level = self.end // group_length > MAX_NUMPY_STEPS
        samples = min(max(1 << (time // SEGMENTS).bit_length(), MIN_SEGMENT), MAX_SEGMENT)
        self.segment = max(1, samples // (group_length * plan.stride)) * group_length * plan.stride
        # In the order of the recurrence, so that only the last one can be shorter.
        if self.d.reverse:
            self.spans = [slice(max(0, stop - self.segment), stop) for stop in range(self.end, 0, -self.segment)]
        else:
            starts = range(0, self.end, self.segment)
            self.spans = [slice(start, min(start + self.segment, self.end)) for start in starts]

    def first_state(self) -> Tensor:
        """Return the state before the first segment, `(rows, 1, n)`; backwards, filter the tail to find it."""
        state = self.d.to_coordinates(self.s.unsqueeze(1))
        return self._filter_tail(state) if self.d.reverse else state

    def final_state(self, state: Tensor) -> Tensor:
        """Return the final state `(rows, n)` from that after the last segment; forwards, filter the tail to find it."""
        after = state if self.d.reverse else self._filter_tail(state)
        return self.d.from_coordinates(after).squeeze(1)

    def _filter_tail(self, state: Tensor) -> Tensor:
        if self.end == self.x.shape[1]:
            return state
        states = None if self.states is None else self.states[:, self.end // self.d.plan.length :]
        return filter_tail(self.d, self.x[:, self.end :], state, self.y[:, self.end :], states)

    def begin(self, span: slice) -> Segment:
        """Compute the terms that do not depend on earlier segments."""
        d, x = self.d, self.x[:, span]
        n, length, group, stride = d.plan.states, d.plan.length, d.plan.group, d.plan.stride
        rows, groups = len(x), x.shape[1] // (length * group)
        if self.states is None:
            states = torch.empty(rows, groups, group * n, dtype=x.dtype)
        else:
            states = self.states[:, span.start // length : span.stop // length].view(rows, groups, -1)
        states_from_zero(d, x, states)
        # Zeros after the last group complete the last step. Running backwards, the last group is the first in time.
        padding = -groups % stride if self.has_level else 0
        totals = torch.empty(rows, padding + groups, n, dtype=x.dtype)
        if padding:
            (totals[:, :padding] if d.reverse else totals[:, groups:]).zero_()
        take_totals(d, states, totals[:, padding:] if d.reverse else totals[:, :groups])
        if not self.has_level:
            return Segment(span, states, totals, None, _to_array(totals))
        by_step = totals.view(rows, -1, stride * n)
        level = matmul_into(by_step, d.level_to_states, torch.empty_like(by_step))
        steps = torch.empty(rows, level.shape[1], n, dtype=torch.float64)
        take_totals(d, level, steps)
        return Segment(span, states, totals, level, steps.numpy())

    def scan(self, segment: Segment, state: Tensor) -> Tensor:
        """Find the states before the steps of a segment from that before the segment; return the state after it."""
        segment.steps, after = scan_arrays(self.d, 2 if self.has_level else 1, segment.steps, state.numpy())
        padding = segment.totals.shape[1] - segment.states.shape[1]
        return torch.from_numpy(self._state_before_padding(segment, padding) if padding else after)

    def _state_before_padding(self, segment: Segment, padding: int) -> np.ndarray:
        """Return the state after the last group of a segment whose last step has `padding` further groups."""
        d, n = self.d, self.d.plan.states
        assert segment.level is not None
        _, carry, transition = d.row_levels(1)
        group = padding if d.reverse else d.plan.stride - 1 - padding  # the number of the last group in its step
        position = slice(group * n, group * n + n)
        last = slice(0, 1) if d.reverse else slice(-1, None)
        last_group = padding if d.reverse else segment.states.shape[1] - 1
        state = segment.steps[:, last] @ carry[..., position, :].swapaxes(-1, -2)
        state += segment.level[:, last, position].numpy()
        after = state @ transition.swapaxes(-1, -2) + segment.totals[:, last_group, None].numpy()
        return np.asarray(after)

    def finish(self, segment: Segment) -> None:
        """Add the contributions of the states before the steps, and compute the output."""
        d, states, level = self.d, segment.states, segment.level
        rows, groups = states.shape[:2]
        starts = torch.from_numpy(segment.steps).to(states.dtype)
        if level is not None:
            add_matmul(level, starts, d.level_carry)
            all_starts = level.view(rows, -1, d.plan.states)
            starts = all_starts[:, -groups:] if d.reverse else all_starts[:, :groups]
        add_matmul(states, starts, d.carry)
        x, y = self.x[:, segment.span], self.y[:, segment.span]
        outputs_from_states(d, x, states.view(rows, -1, d.plan.states), y)


def _to_array(values: Tensor) -> np.ndarray:
    """Return the values as a NumPy array in float64."""
    return values.to(torch.float64).numpy()
