"""The times at which a gate opens and closes, computed from the positions of the samples that reach its thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import broadcast_shapes

NEVER = -(1 << 40)
"""The position of an event that has not occurred."""

Positions = tuple[Any, Any, Any]
"""The positions of the last samples that reached the lower threshold, exceeded the upper one, and closed the gate.

A sample closes the gate if the last one that reached the lower threshold is earlier by at least the hold time.
Positions are counted from the start of a block, so positions in earlier blocks are negative.
"""


def gate_rows(  # noqa: PLR0917
    is_loud: Tensor, is_above: Tensor, hold: Tensor, limit: Tensor, state: Positions | None, dtype: torch.dtype
) -> tuple[Tensor, Positions]:
    """Return the gain reduction of a gate, `limit` where it is closed and 0 where it is open, and the state after it.

    Shape:
        is_loud, is_above: `(..., time)`, whether a sample is at least at the lower threshold, and above the upper one.
        hold, limit: the time in samples for which the level must stay low before the gate closes, and the reduction in
        dB; each without dimensions or `(..., 1)`. state: tensors `(..., 1)`, or None at the first block. All are on the
        CPU. Returns the gain reduction `(..., time)` in `dtype`, and the state.
    """
    time = is_loud.shape[-1]
    values = [is_loud[..., :1], hold, limit, *(state or ())]
    lead = broadcast_shapes(*(tuple(value.shape[:-1]) for value in values if value.ndim))
    masks = [mask.expand(*lead, time).reshape(-1, time).numpy() for mask in (is_loud, is_above)]
    holds, limits = (value.expand(*lead, 1).flatten().tolist() for value in (hold, limit))
    before = [(NEVER, NEVER - 1, NEVER)] * len(holds)
    if state is not None:
        before = list(zip(*(last.expand(*lead, 1).flatten().tolist() for last in state), strict=True))
    out = torch.empty(*lead, time, dtype=dtype)
    rows = out.view(-1, time).numpy()
    after = [_gate_row(masks[0][n], masks[1][n], holds[n], limits[n], before[n], rows[n]) for n in range(len(holds))]
    positions = torch.tensor(after, dtype=torch.int64).reshape(*lead, 1, 3)
    return out, (positions[..., 0], positions[..., 1], positions[..., 2])


def _gate_row(  # noqa: PLR0917
    is_loud: np.ndarray, is_above: np.ndarray, hold: int, limit: float, before: tuple[int, int, int], out: np.ndarray
) -> tuple[int, int, int]:
    """Write the gain reduction of one row to `out`, and return its positions after the block; see `Positions`.

    `before` are the positions before the block. The other arguments are those of `gate_rows` for one row.
    """
    time = len(is_loud)
    loud, opened, closed = before
    loud_at, above_at = np.flatnonzero(is_loud), np.flatnonzero(is_above)
    # The gate closes `hold` samples after a loud sample if no other follows in that time. It opens at the first sample
    # above the upper threshold from the next loud one on.
    last, following = np.concatenate(([loud], loud_at)), np.concatenate((loud_at, [time]))
    quiet = np.flatnonzero(following - last > hold)
    starts, stops = np.maximum(last[quiet] + hold, 0), following[quiet]
    inside = stops > starts
    starts, stops = starts[inside], stops[inside]
    begins, ends = np.concatenate(([0], stops)), np.concatenate((starts, [time]))
    opens = np.concatenate((above_at, [time]))[np.searchsorted(above_at, begins)]
    if opened > closed:
        opens[0] = 0
    opens = np.minimum(opens, ends)
    lengths = np.empty(2 * len(ends), np.int64)
    lengths[0::2], lengths[1::2] = opens - np.concatenate(([0], ends[:-1])), ends - opens
    out[:] = np.repeat(np.tile(np.array([limit, 0], out.dtype), len(ends)), lengths)
    return _last(loud_at, loud) - time, _last(above_at, opened) - time, _last(stops - 1, closed) - time


def _last(positions: np.ndarray, before: int) -> int:
    """Return the last of `positions`, or `before` if there are none."""
    return int(positions[-1]) if len(positions) else before
