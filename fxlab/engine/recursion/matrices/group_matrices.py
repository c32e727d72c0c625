"""Matrices that compute several steps of a linear recurrence at once."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy.lib.stride_tricks import as_strided
from torch import Tensor

from fxlab.engine.recursion.matrices.array_library import Array, constant_like


class GroupMatrices(NamedTuple):
    """The matrices of `group` steps of `s' = M s + r`, for the contributions `r = [r_0 ... r_(group-1)]`.

    The states before the steps, of n values each, are `within r + carry s`, where `s` is the state before the step that
    is computed first: step 0, or the last one if the recurrence runs backwards.
    """

    within: Array  # (..., group * n, group * n)
    carry: Array  # (..., group * n, n)


class LevelArrays(NamedTuple):
    """The matrices of one level of a `FilterPlan`, in float64: its `GroupMatrices`, and the transition of one step."""

    within: np.ndarray
    carry: np.ndarray
    step: np.ndarray


def matrix_powers(step: Array, count: int) -> Array:
    """Return the powers of the matrix `step` with the exponents 0 to at least `count`, `(..., powers, n, n)`."""
    if isinstance(step, Tensor):
        identity = constant_like(np.eye(step.shape[-1]), step).expand_as(step)
        tensors = torch.stack([identity, step], -3)
        while tensors.shape[-3] <= count:
            tensors = torch.cat([tensors, tensors[..., -1:, :, :] @ tensors[..., 1:, :, :]], -3)
        return tensors
    known, most = 2, 2
    while most <= count:
        most = 2 * most - 1
    powers = np.empty((*step.shape[:-2], most, *step.shape[-2:]))
    powers[..., 0, :, :], powers[..., 1, :, :] = np.eye(step.shape[-1]), step
    while known < most:
        last = powers[..., known - 1 : known, :, :]
        np.matmul(last, powers[..., 1:known, :, :], out=powers[..., known : 2 * known - 1, :, :])
        known = 2 * known - 1
    return powers


def level_powers(step: np.ndarray, stride: int, levels: int) -> np.ndarray:
    """Return `M^0 ... M^(stride-1)` for M = step, step^stride, step^(stride^2) …: `(levels, ..., stride, n, n)`.

    `stride` is a power of two.
    """
    squares_per_level = stride.bit_length() - 1
    squares = np.empty((levels * squares_per_level, *step.shape))
    squares[0] = step
    for previous, square in pairwise(squares):
        np.matmul(previous, previous, out=square)
    squares_of_level = squares.reshape(levels, squares_per_level, *step.shape)
    powers = np.empty((levels, *step.shape[:-2], stride, *step.shape[-2:]))
    powers[..., 0, :, :] = np.eye(step.shape[-1])
    for index in range(squares_per_level):
        half = 1 << index
        square = squares_of_level[:, index, ..., None, :, :]
        np.matmul(powers[..., :half, :, :], square, out=powers[..., half : 2 * half, :, :])
    return powers


def group_matrices(powers: Array, group: int, reverse: bool = False) -> GroupMatrices:
    """Return the matrices of `group` steps from `powers`, the powers 0 to `group - 1` of the matrix of one step.

    `powers` is `(..., powers, n, n)`, and may contain higher powers too. If `reverse` is true, the contributions are
    still in order of time, but the recurrence runs from the last step to the first.
    """
    n, batch_shape = powers.shape[-1], powers.shape[:-3]
    used = powers[..., :group, :, :]
    within: Array = _gathered_powers(used, reverse) if isinstance(used, Tensor) else _shifted_powers(used, reverse)
    carry = (used.flip(-3) if isinstance(used, Tensor) else used[..., ::-1, :, :]) if reverse else used
    return GroupMatrices(within, carry.reshape(*batch_shape, group * n, n))


def _gathered_powers(powers: Tensor, reverse: bool) -> Tensor:
    """Return `within` of `group_matrices` from the powers `M^0 ... M^(group-1)`, `(..., group, n, n)`."""
    group, n = powers.shape[-3], powers.shape[-1]
    padded = torch.cat([powers, torch.zeros_like(powers[..., :1, :, :])], -3)
    exponents = constant_like(_power_exponents(group, reverse).reshape(-1), powers)
    batch_shape = powers.shape[:-3]
    blocks = padded.index_select(-3, exponents).reshape(*batch_shape, group, group, n, n)
    return blocks.transpose(-3, -2).reshape(*batch_shape, group * n, group * n)


def _shifted_powers(powers: np.ndarray, reverse: bool) -> np.ndarray:
    """Return `_gathered_powers` of NumPy arrays."""
    # Each row of blocks of `within` is a part of one row of powers and zeros.
    group, n = powers.shape[-3], powers.shape[-1]
    batch_shape = powers.shape[:-3]
    # The rows of the powers side by side, `(..., n, 2 group, n)`: forwards M^(group-1) ... M^0 and then zeros.
    row = np.zeros((*batch_shape, n, 2 * group, n), powers.dtype)
    beside = powers.swapaxes(-3, -2)
    if reverse:
        row[..., group + 1 :, :] = beside[..., : group - 1, :]
    else:
        row[..., :group, :] = beside[..., ::-1, :]
    # Step i reads from the place group - i on.
    *batch, of_row, of_step, of_column = row.strides
    shape = (*batch_shape, group, n, group, n)
    blocks = as_strided(row[..., group:, :], shape, (*batch, -of_step, of_row, of_step, of_column), writeable=False)
    return blocks.reshape(*batch_shape, group * n, group * n)


def leading_rows(carry: Array, size: int, reverse: bool) -> Array:
    """Return `size` rows of `carry` (see `GroupMatrices`): those for the first steps in the direction of the scan."""
    return carry[..., -size:, :] if reverse else carry[..., :size, :]


def with_total(matrices: GroupMatrices, reverse: bool) -> Array:
    """Return a copy of `within` with the matrix of the group's contribution to the state after its last step.

    This matrix replaces the rows for the state before the first step, which is 0 if the group starts from zero state.
    """
    n = matrices.carry.shape[-1]
    batch_shape, size = matrices.within.shape[:-2], matrices.within.shape[-1]
    powers = matrices.carry.reshape(*batch_shape, size // n, n, n)
    total = powers[..., ::-1, :, :].swapaxes(-3, -2).reshape(*batch_shape, n, size)
    combined = matrices.within.copy()
    combined[..., slice(-n, None) if reverse else slice(0, n), :] = total
    return combined


def samples_to_states_matrix(within: Array, reach: Array) -> Array:
    """Return the matrix from the samples of a group to the states before its blocks: `within`, applied after `reach`.

    `reach` maps the samples of a block to the contribution of the block to the state after the block. `within` maps the
    contributions of the blocks to the states before the blocks; see `GroupMatrices` and `with_total`.

    Shape:
        within: `(..., blocks * n, blocks * n)`; reach: `(..., n, length)`. Returns
        `(..., blocks * n, blocks * length)`.
    """
    n, length = reach.shape[-2:]
    batch_shape, size = within.shape[:-2], within.shape[-1]
    states = within.reshape(*batch_shape, size * size // n, n) @ reach
    return states.reshape(*batch_shape, size, size // n * length)


@lru_cache(maxsize=64)
def _power_exponents(group: int, reverse: bool) -> np.ndarray:
    """Return the exponents of the blocks of `within`, `(group, group)`.

    The block `(i, j)` of `within` is `M^(i - j - 1)`, which maps `r_j` to the state before step `i`. Where `r_j`
    does not contribute to that state yet, the exponent is `group`, the index of a zero matrix. If `reverse` is true,
    i and j are exchanged.
    """
    i, j = np.arange(group)[:, None], np.arange(group)
    exponents = np.where(i > j, i - j - 1, group)
    return exponents.T if reverse else exponents
