"""The states between groups of blocks with NumPy, whose small operations cost a third of PyTorch's, in float64."""

from __future__ import annotations

import numpy as np
import torch

from fxlab.engine.recursion.matrices.group_matrices import LevelArrays, group_matrices, matrix_powers
from fxlab.engine.recursion.rows.scan_states import group_totals
from fxlab.engine.torch_support.single_thread import SingleThread

# Multiplications in one matrix product. Above this, NumPy's BLAS uses threads of its own, which then wait 20 ms for
# more work on the cores that other threads need.
MAX_NUMPY_PRODUCT = 1 << 18


class BlockLevels:
    """The matrices of a scan; a step of level 1 is a block, of a later level `stride` steps of the level before.

    Args:
        step: The transition of the state over a block, `(n, n)`.
        size: The largest number of rows of a level's matrix, as long as `stride` is from 4 to 32. Larger matrices need
            fewer levels, but more multiplications.
    """

    def __init__(self, step: np.ndarray, size: int = 160) -> None:
        self.states: int = step.shape[-1]
        self.stride = max(4, min(32, size // max(self.states, 1)))
        self._levels: list[LevelArrays] = []
        self._next_step = step  # of the level after the last one in the list

    def level(self, number: int) -> LevelArrays:
        """Return the matrices of a level, counted from 1."""
        while len(self._levels) < number:
            powers = matrix_powers(self._next_step, self.stride)
            self._levels.append(LevelArrays(*group_matrices(powers, self.stride), self._next_step))
            self._next_step = powers[self.stride]
        return self._levels[number - 1]


def scan_arrays(levels: BlockLevels, level: int, forcing: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the state before each step of a level, and the state after the last one.

    Shape:
        forcing: `(rows, steps, n)`, the contribution of each step to the state; s: `(rows, 1, n)`, the state before the
        first step. Returns `(rows, steps, n)` and `(rows, 1, n)`.
    """
    rows, steps, n = forcing.shape
    within, carry, step = levels.level(level)
    if steps == 1:
        return s, s @ step.T + forcing
    size = min(steps, levels.stride) * n
    grouped = _pad_to_groups(forcing, size)
    states = product(grouped, within[:size, :size].T)
    if grouped.shape[1] > 1:
        s, _ = scan_arrays(levels, level + 1, group_totals(grouped, states, step, reverse=False), s)
    states += s @ carry[:size].T
    states = states.reshape(rows, -1, n)[:, :steps]
    return states, states[:, -1:] @ step.T + forcing[:, -1:]


def product(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return `rows @ matrix`, computed on one thread."""
    if rows.shape[-2] * matrix.shape[-2] * matrix.shape[-1] <= MAX_NUMPY_PRODUCT:
        return np.asarray(rows @ matrix)
    batch = torch.from_numpy(rows)
    with SingleThread():
        return torch.bmm(batch, torch.from_numpy(matrix).expand(len(batch), -1, -1)).numpy()


def _pad_to_groups(forcing: np.ndarray, size: int) -> np.ndarray:
    """Reshape `forcing` to groups of `size` numbers, with zeros after the last step of the scan."""
    rows, steps, n = forcing.shape
    groups = -(-steps * n // size)
    padding = groups * size - steps * n
    if not padding:
        return forcing.reshape(rows, groups, size)
    padded = np.zeros((rows, groups * size))
    padded[:, :-padding] = forcing.reshape(rows, -1)
    return padded.reshape(rows, groups, size)
