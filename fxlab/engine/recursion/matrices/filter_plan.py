"""The matrices that filter a signal in blocks, computed once per filter and stored."""

from __future__ import annotations

import threading

import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.block_matrices import block_matrices
from fxlab.engine.recursion.matrices.direction_matrices import DirectionMatrices
from fxlab.engine.recursion.matrices.group_matrices import matrix_powers
from fxlab.engine.recursion.matrices.state_space import StateSpace
from fxlab.engine.torch_support.precision import float64_device

# Up to this number of states, one product computes the states before the blocks of a group from the samples.
MAX_FUSED_STATES = 8
MIN_COLUMNS = 16  # the minimum for that product; with fewer, matrix units do not reach full speed


class FilterPlan:
    """The matrices of one filter, or of the filters of all rows, for signals of one dtype on one device.

    A block is `length` samples, and a group is `group` blocks. From group to group the state follows a linear
    recurrence, which is solved level by level: a step of level 1 is a group, and a step of each further level is
    `stride` steps of the level before. If `fused` is true (up to `MAX_FUSED_STATES` states), one product computes the
    states before the blocks of a group from the samples of the group.

    Args:
        space: The filters as NumPy arrays, one or several.
        index: The index of each row's filter in `space`, `(rows,)`; None means one filter for all rows.
        time: The length of the signal in samples, which limits the length of a block.
        dtype: The dtype of the signal, float32 or float64.
        device: The device of the signal.
    """

    def __init__(
        self, space: StateSpace, index: Tensor | None, time: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        self.space, self.index, self.time, self.dtype, self.device = space, index, time, dtype, device
        self.state_device = float64_device(device)
        self.states: int = space.A.shape[-1]
        self.length, self.group = block_sizes(self.states, time)
        self.fused = self.states <= MAX_FUSED_STATES
        # Groups that a level combines. The matrices of many filters would take longer than the products that they save.
        self.stride = 16 if self.states <= 4 and index is None else 8
        self.is_one_to_one = index is not None and len(index) == len(space.A)  # each row has the filter of its number
        self.block = block_matrices(space, self.length)
        self.powers = matrix_powers(self.block.squares[-1], self.group)  # of the transition over a block
        self._directions: dict[bool, DirectionMatrices] = {}
        self._lock = threading.RLock()

    def direction(self, reverse: bool) -> DirectionMatrices:
        """Return the matrices for filtering forwards in time, or backwards if `reverse` is true, for gradients."""
        with self._lock:
            if reverse not in self._directions:
                self._directions[reverse] = DirectionMatrices(self, reverse)
            return self._directions[reverse]

    def for_row(self, row: int) -> FilterPlan:
        """Return the plan of the filter of one row: this object itself if all rows share one filter."""
        if self.index is None:
            return self
        number = int(self.index[row])
        space = StateSpace(*(part[number] for part in self.space))
        return FilterPlan(space, None, self.time, self.dtype, self.device)


def block_sizes(states: int, time: int) -> tuple[int, int]:
    """Return the samples per block and the blocks per group, chosen by measured speed for `states` states.

    A block is at most as long as `time` samples, rounded up to a power of two.
    """
    if states <= MAX_FUSED_STATES:
        length, group = 16 if states <= 4 else 32, MIN_COLUMNS // max(states, 1)
    elif states <= 24:
        length, group = 64, 4
    else:
        length, group = 128, 4
    return min(length, 1 << max(time - 1, 0).bit_length()), group
