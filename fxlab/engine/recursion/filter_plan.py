"""The matrices that filter a signal in blocks, computed once for a filter and kept."""

from __future__ import annotations

import threading

import torch
from torch import Tensor

from fxlab.engine.recursion.block_matrices import block_matrices
from fxlab.engine.recursion.direction_matrices import DirectionMatrices
from fxlab.engine.recursion.group_matrices import matrix_powers
from fxlab.engine.recursion.state_space import StateSpace
from fxlab.engine.torch_support.precision import float64_device

MAX_FUSED_STATES = 8  # up to here one product computes the states before a group's blocks from the samples
MIN_COLUMNS = 16  # of that product: with fewer, matrix units do not reach full speed


class FilterPlan:
    """The matrices of one filter, or of one filter for each row, for signals of one dtype on one device.

    A block is `length` samples, a group is `group` blocks. Between groups the state follows the same kind of
    recurrence with a longer step. It is solved level by level: each level takes `stride` steps of the level below at
    once, so that a signal of any length needs only a few products.

    Args:
        space: the filters as NumPy arrays, one or several.
        index: for each row the number of its filter in `space`; None is one filter for all rows.
        time: the length of the signal in samples, as far as it influences the length of a block.
    """

    def __init__(
        self, space: StateSpace, index: Tensor | None, time: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        self.space, self.index, self.time, self.dtype, self.device = space, index, time, dtype, device
        self.state_device = float64_device(device)
        self.states: int = space.A.shape[-1]
        self.length, self.group = block_sizes(self.states, time)
        self.fused = self.states <= MAX_FUSED_STATES
        self.stride = 16 if self.states <= 4 else 8  # groups that a level takes at once
        self.block = block_matrices(space, self.length)
        self.powers = matrix_powers(self.block.squares[-1], self.group)  # of a block's transition, up to a group's
        self._directions: dict[bool, DirectionMatrices] = {}
        self._lock = threading.RLock()

    def direction(self, reverse: bool) -> DirectionMatrices:
        """Return the matrices to run forwards in time, or backwards for gradients."""
        with self._lock:
            if reverse not in self._directions:
                self._directions[reverse] = DirectionMatrices(self, reverse)
            return self._directions[reverse]

    def for_row(self, row: int) -> FilterPlan:
        """Return the plan of the filter of one row."""
        if self.index is None:
            return self
        number = int(self.index[row])
        space = StateSpace(*(part[number] for part in self.space))
        return FilterPlan(space, None, self.time, self.dtype, self.device)


def block_sizes(states: int, time: int) -> tuple[int, int]:
    """Return the samples in a block and the blocks in a group that were measured fastest for `states` states.

    A block is no longer than a signal of `time` samples needs.
    """
    if states <= MAX_FUSED_STATES:
        length, group = 16 if states <= 4 else 32, MIN_COLUMNS // max(states, 1)
    elif states <= 24:
        length, group = 64, 4
    else:
        length, group = 128, 4
    return min(length, 1 << max(time - 1, 0).bit_length()), group
