"""The states between blocks or groups, in float64 with NumPy, whose small operations are faster than PyTorch's."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from fxlab.engine.recursion.matrices.group_matrices import group_matrices, level_powers, with_total
from fxlab.engine.torch_support.single_thread import SingleThread

# Multiplications in one matrix product. Above this, NumPy's BLAS uses threads of its own, which then wait 20 ms for
# more work on the cores that other threads need.
MAX_NUMPY_PRODUCT = 1 << 18
LEVELS_AT_ONCE = 3


class ScanLevel(NamedTuple):
    """The matrices of `stride` steps of a level, transposed for products with rows.

    `to_states` is the result of `with_total`, and `carry` is that of `GroupMatrices`.
    """

    to_states: np.ndarray
    carry: np.ndarray


class BlockLevels:
    """The matrices of a scan over the states between blocks, or between groups of blocks, by level.

    A step of level 1 is a block or a group, and a step of a later level is `stride` steps of the level before.

    Args:
        step: The transition of the state over a step of level 1, `(n, n)`.
        size: The intended limit of the number of rows of a level's matrix, `stride * n`. The attribute `stride` is the
            largest power of two from 4 to 32 within this limit, or 4 if there is none. Larger matrices need fewer
            levels, but more multiplications.
    """

    def __init__(self, step: np.ndarray, size: int = 160) -> None:
        self.step = step
        self.states: int = step.shape[-1]
        self.stride = 1 << (max(4, min(32, size // max(self.states, 1))).bit_length() - 1)
        self._levels: list[ScanLevel] = []

    def level(self, number: int) -> ScanLevel:
        """Return the matrices of a level, counted from 1."""
        levels = self._levels
        if len(levels) < number:
            # The first level alone suffices for a block of a stream.
            count = 1 if number == 1 else max(number, LEVELS_AT_ONCE)
            matrices = group_matrices(level_powers(self.step, self.stride, count), self.stride)
            both = with_total(matrices, False).swapaxes(-1, -2), matrices.carry.swapaxes(-1, -2)
            self._levels = levels = list(map(ScanLevel, *map(np.ascontiguousarray, both)))
        return levels[number - 1]


def scan_arrays(levels: BlockLevels, level: int, forcing: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Return the state before each step of the level with the number `level`, `(rows, steps, n)`, float64.

    Shape:
        forcing: `(rows, steps, n)`, the contribution of each step to the state after it; that of the last step has no
        effect. s: `(rows, 1, n)`, the state before the first step.
    """
    rows, steps, n = forcing.shape
    if steps == 1:
        return s
    to_states, carry = levels.level(level)
    stride = levels.stride
    if steps <= stride:
        size = steps * n
        states = product(forcing.reshape(rows, 1, size), to_states[:size, :size])
        states[..., :n] = 0.0
        states += s @ carry[:, :size]
        return states.reshape(rows, steps, n)
    states = product(_pad_to_groups(forcing, stride), to_states)
    totals = states[..., :n].copy()
    states[..., :n] = 0.0
    states += product(scan_arrays(levels, level + 1, totals, s), carry)
    return states.reshape(rows, -1, n)[:, :steps]


def product(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return `rows @ matrix`, for `(batch, m, k)` and `(k, n)`, computed on one thread."""
    if rows.shape[-2] * matrix.shape[-2] * matrix.shape[-1] <= MAX_NUMPY_PRODUCT:
        return np.asarray(rows @ matrix)
    batch = torch.from_numpy(rows)
    with SingleThread():
        return torch.bmm(batch, torch.from_numpy(matrix).expand(len(batch), -1, -1)).numpy()


def _pad_to_groups(forcing: np.ndarray, stride: int) -> np.ndarray:
    """Return `forcing` `(rows, steps, n)` as `(rows, groups, stride * n)`, with zeros after the last step."""
    rows, steps, n = forcing.shape
    groups = -(-steps // stride)
    if groups * stride == steps:
        return forcing.reshape(rows, groups, stride * n)
    padded = np.empty((rows, groups * stride, n))
    padded[:, :steps] = forcing
    padded[:, steps:] = 0.0
    return padded.reshape(rows, groups, stride * n)
