"""The matrices that filter a tile of a signal on the CPU (see `tile_script.py`)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.direction_matrices import SUBNORMAL, DirectionMatrices
from fxlab.engine.recursion.matrices.group_matrices import GroupMatrices, leading_rows, matrix_powers, with_total
from fxlab.engine.torch_support.buffer_pool import NUMPY_DTYPES

MAX_KEPT = 8  # the number of tile lengths whose lists of matrices are kept


class TileMatrices:
    """The matrices of the tiles of one direction, transposed for products with row vectors.

    A step is `stride` groups, with the `stride` of the `FilterPlan`.

    Args:
        d: The matrices of the direction.
    """

    def __init__(self, d: DirectionMatrices) -> None:
        self._d = d
        self._dtype = NUMPY_DTYPES[d.plan.dtype]
        H, R, O, _, carry = d.arrays  # noqa: E741
        self._to_states = self._signal(d.to_states_array)
        self._reach = self._to_states.new_empty(1, 0, 0) if d.plan.fused else self._signal(R)
        self._products = [self._signal(matrix) for matrix in (carry, H, O)]
        self._step = self._of_step(d.plan.stride)
        self._powers = matrix_powers(d.level_arrays(2).step, 1)  # of the transition over a step
        self._last = self._float64(d.level_arrays(2).step)
        self._levels: list[Tensor] = []
        self._kept: dict[int, list[Tensor]] = {}  # by the groups of a tile

    def for_tile(self, groups: int, rows: int) -> list[Tensor]:
        """Return the matrices of a tile of `groups` groups, expanded to `rows` rows.

        `groups` is less than the number of groups in a step, or a multiple of that number. The order is that of the
        indices in `tile_script.py`. The first seven matrices have the dtype of the signal, the others are float64.
        Matrices 0 and 2 and the first of each level give the states for a start from zero state. In place of the first
        of these states, which would be 0, they give the total: the contribution of all inputs of the matrix to the
        state after them (see `with_total`).

        - 0: from the samples of a group, or the contributions of its blocks, to the states before its blocks
        - 1: from the samples of a block to its contribution; empty if matrix 0 is applied to samples
        - 2: from the totals of a step's groups to the states before them
        - 3: from the state before a step to those before its groups
        - 4: from the state before a group to those before its blocks
        - 5: from the samples of a block to its output
        - 6: from the state before a block to its output
        - 7: from the state before the tile to those before its steps
        - 8: the transition of the state over the tile
        - then, for one step or more, two matrices for each level of steps: from the contributions of `stride` steps of
          the level to the states before these steps, and from the state before the first of them to the same states
        - last, for one step or more: the transition of the state over a step
        """
        matrices = self._kept.get(groups)
        if matrices is None:
            if len(self._kept) >= MAX_KEPT:
                self._kept = {}
            matrices = self._kept[groups] = self._for_tile(groups)
        return matrices if rows == 1 else [matrix.expand(rows, -1, -1) for matrix in matrices]

    def _for_tile(self, groups: int) -> list[Tensor]:
        d, stride = self._d, self._d.plan.stride
        if groups < stride:  # one step, shorter than the others
            transition = matrix_powers(d.level_arrays(1).step, groups)[..., groups, :, :]
            of_tile = [np.broadcast_to(np.eye(d.plan.states), transition.shape).copy(), transition]
            of_step, of_levels = self._of_step(groups), []
        else:
            steps = groups // stride
            of_tile, of_step, of_levels = self._of_steps(steps), self._step, self._of_levels(steps)
        return [self._to_states, self._reach, *of_step, *self._products, *map(self._float64, of_tile), *of_levels]

    def _of_step(self, groups: int) -> list[Tensor]:
        """Return the matrices 2 and 3 of `for_tile` for a step of `groups` groups."""
        d, level = self._d, self._d.level_arrays(1)
        size = groups * d.plan.states
        carry = leading_rows(level.carry, size, d.reverse)
        to_states = with_total(GroupMatrices(level.within[..., :size, :size], carry), d.reverse)
        return [self._signal(matrix) for matrix in (to_states, carry)]

    def _of_steps(self, steps: int) -> list[np.ndarray]:
        """Return the matrices 7 and 8 of `for_tile` for a tile of `steps` steps."""
        powers = self._powers
        if powers.shape[-3] <= steps:
            self._powers = powers = matrix_powers(self._d.level_arrays(2).step, steps)
        before = powers[..., :steps, :, :]
        if self._d.reverse:
            before = before[..., ::-1, :, :]
        return [before.reshape(*before.shape[:-3], -1, before.shape[-1]), powers[..., steps, :, :]]

    def _of_levels(self, steps: int) -> list[Tensor]:
        """Return the matrices of `for_tile` after number 8 for a tile of `steps` steps."""
        d, levels = self._d, _levels_of(steps, self._d.plan.stride)
        known = list(self._levels)  # a copy, because two threads may run this at the same time
        for number in range(2 + len(known) // 2, 2 + levels):
            level = d.level_arrays(number)
            to_states = with_total(GroupMatrices(level.within, level.carry), d.reverse)
            known += [self._float64(to_states), self._float64(level.carry)]
        self._levels = known
        return [*known[: 2 * levels], self._last]

    def _float64(self, matrix: np.ndarray) -> Tensor:
        """Return the matrix of each row's filter, transposed for products with row vectors, in float64.

        The first dimension is 1 if all rows share one filter.
        """
        return self._of_rows(np.array(matrix.swapaxes(-1, -2), order="C"))

    def _signal(self, matrix: np.ndarray) -> Tensor:
        """Return `_float64` of a matrix, but in the dtype of the signal, with entries below `SUBNORMAL` set to 0."""
        transposed = np.array(matrix.swapaxes(-1, -2), self._dtype, order="C")
        # Powers of a matrix end in subnormal numbers, with which a processor multiplies a hundred times slower.
        transposed[abs(transposed) < SUBNORMAL[self._dtype]] = 0.0
        return self._of_rows(transposed)

    def _of_rows(self, transposed: np.ndarray) -> Tensor:
        matrices = torch.from_numpy(transposed if transposed.ndim == 3 else transposed[None])
        return matrices if self._d.index is None else matrices[self._d.index]


def tile_matrices(d: DirectionMatrices, groups: int, rows: int) -> list[Tensor]:
    """Return `TileMatrices.for_tile(groups, rows)` of a direction, and keep the matrices in `d.tiles`."""
    if d.tiles is None:
        d.level_arrays(1 + _levels_of(groups // d.plan.stride, d.plan.stride))  # computes all levels at once
        d.tiles = TileMatrices(d)
    return d.tiles.for_tile(groups, rows)


def _levels_of(steps: int, stride: int) -> int:
    """Return how many levels combine `steps` steps, where each level combines `stride` steps of the level below."""
    levels = 0
    while stride**levels < steps:
        levels += 1
    return levels
