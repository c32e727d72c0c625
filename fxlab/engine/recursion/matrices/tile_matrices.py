"""The matrices that filter a tile of a signal on the CPU (see `tile_script.py`)."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from fxlab.engine.recursion.matrices.direction_matrices import DirectionMatrices
from fxlab.engine.recursion.matrices.group_matrices import GroupMatrices, LevelArrays, matrix_powers, with_total


def tile_matrices(d: DirectionMatrices, groups: int, rows: int) -> list[Tensor]:
    """Return the matrices that filter a tile of `groups` groups.

    `groups` is less than the number of groups in a step, or a multiple of that number. The matrices are those of
    `_tile_matrices`, transposed for products with row vectors and expanded to `rows` rows.
    """
    key = groups, rows
    if key not in d.tiles:
        d.tiles[key] = [_transposed(matrix).expand(rows, -1, -1) for matrix in _tile_matrices(d, groups)]
    return d.tiles[key]


def _tile_matrices(d: DirectionMatrices, groups: int) -> list[Tensor]:
    """Return the matrices in the order of the indices in `tile_script.py`; the first seven in the signal's dtype."""
    stride, reverse = d.plan.stride, d.reverse
    level = d.level_arrays(1)
    carry = _leading_carry(level, min(groups, stride), reverse)
    size = carry.shape[-2]
    to_states = with_total(GroupMatrices(level.within[..., :size, :size], carry), reverse)
    matrices = [
        d.to_states,  # from the samples of a group, or the contributions of its blocks, to the states before its blocks
        d.H.new_empty(0, 0) if d.plan.fused else d.R,  # from a block's samples to its contribution, unless `to_states`
        d.signal_tensor(to_states),  # from the totals of a step's groups to the states before them
        d.signal_tensor(carry),  # from the state before a step to those before its groups
        d.carry,  # from the state before a group to those before its blocks
        d.H,  # from the samples of a block to its output
        d.O,  # from the state before a block to its output
    ]
    if groups < stride:  # one step, shorter than the others
        transition = level.step @ _power(level, groups - 1, reverse)
        identity = np.broadcast_to(np.eye(d.plan.states), transition.shape).copy()
        return [*matrices, *map(d.row_tensor, (identity, transition))]
    steps = groups // stride
    levels, number = [], 2
    while stride ** (number - 2) < steps:
        level = d.level_arrays(number)
        levels += [with_total(GroupMatrices(level.within, level.carry), reverse), level.carry]
        number += 1
    step = d.level_arrays(2).step
    tile_carry = _powers(d, steps)  # from the state before the tile to those before its steps
    n = d.plan.states
    transition = step @ (tile_carry[..., :n, :] if reverse else tile_carry[..., -n:, :])
    return [*matrices, *map(d.row_tensor, (tile_carry, transition, *levels, step))]


def _transposed(tensor: Tensor) -> Tensor:
    return tensor.mT.contiguous()


def _leading_carry(level: LevelArrays, count: int, reverse: bool) -> np.ndarray:
    """Return the rows of a level's `carry` for the first `count` steps; backwards, for the last ones."""
    size = count * level.step.shape[-1]
    return level.carry[..., -size:, :] if reverse else level.carry[..., :size, :]


def _power(level: LevelArrays, exponent: int, reverse: bool) -> np.ndarray:
    """Return a power of a level's transition, with an exponent less than its stride."""
    n = level.step.shape[-1]
    powers = level.carry.reshape(*level.carry.shape[:-2], -1, n, n)
    return powers[..., -1 - exponent if reverse else exponent, :, :]


def _powers(d: DirectionMatrices, steps: int) -> np.ndarray:
    """Return the powers of a step's transition, the state before each of `steps` steps: `(…, steps * n, n)`."""
    n = d.plan.states
    powers = matrix_powers(d.level_arrays(2).step, steps)[..., :steps, :, :]
    if d.reverse:
        powers = powers[..., ::-1, :, :]
    return np.asarray(powers.reshape(*powers.shape[:-3], steps * n, n))
