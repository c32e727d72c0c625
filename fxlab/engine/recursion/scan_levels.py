"""Several steps of a linear recurrence taken at once."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from fxlab.engine.recursion.statespace import Array, constant, namespace, stacked


class Level(NamedTuple):
    """`group` steps of `s' = M s + r` at once, for rows `[r_0 ... r_(group-1)]`.

    The states before each step are `within r + carry s`.
    """

    within: Array  # (..., group * n, group * n)
    carry: Array  # (..., group * n, n)


def powers_of(step: Array, group: int) -> Array:
    """`M^0 ... M^group` of the matrix `step`, and perhaps some more: `(..., group + 1, n, n)`."""
    xp = namespace(step)
    identity = xp.broadcast_to(constant(np.eye(step.shape[-1]), step), step.shape)
    powers = stacked([identity, step], -3)
    while powers.shape[-3] <= group:
        powers = xp.concatenate([powers, powers[..., -1:, :, :] @ powers[..., 1:, :, :]], -3)
    return powers


def ladder(step: np.ndarray, stride: int, levels: int) -> np.ndarray:
    """`M^0 ... M^(stride-1)` for M = step, step^stride, step^(stride^2) …: `(levels, ..., stride, n, n)`.

    All levels are made together, out of one chain of squares; `stride` is a power of two.
    """
    rungs = stride.bit_length() - 1
    squares = np.empty((levels * rungs, *step.shape))
    squares[0] = step
    for below, square in pairwise(squares):
        np.matmul(below, below, out=square)
    squared = squares.reshape(levels, rungs, *step.shape)
    powers = np.empty((levels, *step.shape[:-2], stride, *step.shape[-2:]))
    powers[..., 0, :, :] = np.eye(step.shape[-1])
    for rung in range(rungs):
        half = 1 << rung
        np.matmul(powers[..., :half, :, :], squared[:, rung, ..., None, :, :], out=powers[..., half : 2 * half, :, :])
    return powers


def level_of(powers: Array, group: int, reverse: bool = False) -> Level:
    """The matrices of a level; in reverse its rows still lie in order of time, but the last step comes first."""
    xp = namespace(powers)
    n, lead = powers.shape[-1], powers.shape[:-3]
    each = powers[..., :group, :, :]
    padded = xp.concatenate([each, xp.zeros_like(each[..., :1, :, :])], -3)
    between, falling = (constant(part, powers) for part in _places(group, reverse))
    within = xp.swapaxes(padded[..., between, :, :], -3, -2).reshape(*lead, group * n, group * n)
    carry = each[..., falling, :, :] if reverse else each
    return Level(within, carry.reshape(*lead, group * n, n))


def gathered(within: Array, reach: Array, step: Array, reverse: bool) -> Array:
    """The matrix from a group's samples to the states before its blocks, the group having begun with none.

    The first block has nothing before it: in its place stands what the group leaves behind.
    """
    n, length = reach.shape[-2:]
    lead, size = within.shape[:-2], within.shape[-1]
    states = within.reshape(*lead, size, size // n, n) @ reach[..., None, :, :]
    first, last = (slice(-n, None), slice(0, n)) if reverse else (slice(0, n), slice(-n, None))
    left = (step @ states[..., last, :, :].reshape(*lead, n, -1)).reshape(*lead, n, size // n, length)
    left[..., 0 if reverse else -1, :] += reach
    states[..., first, :, :] = left
    return states.reshape(*lead, size, size // n * length)


@lru_cache(maxsize=64)
def _places(group: int, reverse: bool) -> tuple[np.ndarray, np.ndarray]:
    """How many steps the drive `j` has been carried on before step `i` (none yet: the place of a zero); a fall."""
    i, j = np.arange(group)[:, None], np.arange(group)
    between = np.where(i > j, i - j - 1, group)
    return between.T if reverse else between, np.arange(group - 1, -1, -1)
