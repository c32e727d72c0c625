"""`Branches`: masks of the samples of an envelope at which the attack was chosen, in the order of the computation."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.delay.lane_layout import LaneLayout


class Branches:
    """A mask for each segment of time of each part of the rows that are followed together."""

    def __init__(self) -> None:
        self._masks: dict[tuple[int, int], tuple[LaneLayout, Tensor]] = {}

    def add(self, row: int, start: int, layout: LaneLayout, is_attack: Tensor) -> None:
        """Store the mask `(steps, rows, chunks, 1)` of the rows from `row` on, and of the samples from `start` on."""
        self._masks[row, start] = layout, is_attack

    def lanes(self, row: int, start: int) -> Tensor:
        """Return the mask that was stored for the rows from `row` on and the samples from `start` on."""
        return self._masks[row, start][1]

    def rows(self, count: int, time: int, device: torch.device) -> Tensor:
        """Return the mask as `(count, time)`."""
        out = torch.empty((count, time), dtype=torch.bool, device=device)
        for (row, start), (layout, is_attack) in self._masks.items():
            layout.from_lanes(is_attack, out[row : row + layout.rows, start : start + layout.time])
        return out
