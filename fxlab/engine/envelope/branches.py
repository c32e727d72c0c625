"""`Branches`: masks of the samples of an envelope that have the attack pole, in the order of the lanes."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.delay.lane_layout import LaneLayout


class Branches:
    """The masks of the samples with the attack pole: one for each time segment of each group of rows."""

    def __init__(self) -> None:
        self._masks: dict[tuple[int, int], tuple[LaneLayout, Tensor]] = {}

    def add(self, row: int, start: int, layout: LaneLayout, is_attack: Tensor) -> None:
        """Store a mask, `(steps, rows, chunks, 1)` as in `layout`, that begins at row `row` and sample `start`."""
        self._masks[row, start] = layout, is_attack

    def lanes(self, row: int, start: int) -> Tensor:
        """Return the mask, `(steps, rows, chunks, 1)`, that begins at row `row` and sample `start`."""
        return self._masks[row, start][1]

    def rows(self, count: int, time: int, device: torch.device) -> Tensor:
        """Return the masks of all `count` rows and `time` samples as one, `(count, time)`, on `device`."""
        out = torch.empty((count, time), dtype=torch.bool, device=device)
        for (row, start), (layout, is_attack) in self._masks.items():
            layout.from_lanes(is_attack, out[row : row + layout.rows, start : start + layout.time])
        return out
