"""The states between groups of blocks with NumPy, whose small operations cost a third of PyTorch's, in float64."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch

from fxlab.engine.recursion.group_matrices import LevelArrays
from fxlab.engine.recursion.scan_states import group_totals, leading_rows
from fxlab.engine.torch_support.single_thread import SingleThread

# Multiplications in one matrix product. Above this, NumPy's BLAS uses threads of its own, which then wait 20 ms for
# more work on the cores that other threads need.
MAX_NUMPY_PRODUCT = 1 << 18


class ScanLevels(Protocol):
    """The input of a scan: the matrices of each level, the steps that one level combines, and the direction of time."""

    @property
    def stride(self) -> int:
        """The number of steps of a level that one step of the next level combines."""

    @property
    def reverse(self) -> bool:
        """Whether the recurrence runs backwards in time."""

    def row_levels(self, level: int) -> LevelArrays:
        """Return the matrices of a level, counted from 1."""


def scan_arrays(d: ScanLevels, level: int, forcing: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the state before each step of a level, and the state after the last one.

    Shape:
        forcing: `(rows, steps, n)`, the contribution of each step to the state, in order of time; s: `(rows, 1, n)`,
        the state before the first step (the last one in time if `d.reverse` is true). Returns `(rows, steps, n)` and
        `(rows, 1, n)`.
    """
    rows, steps, n = forcing.shape
    within, carry, step = d.row_levels(level)
    if steps == 1:
        return s, s @ step.swapaxes(-1, -2) + forcing
    size = min(steps, d.stride) * n
    grouped = _pad_to_groups(forcing, size, d.reverse)
    states = product(grouped, within[..., :size, :size].swapaxes(-1, -2))
    if grouped.shape[1] > 1:
        s, _ = scan_arrays(d, level + 1, group_totals(grouped, states, step, d.reverse), s)
    states += s @ leading_rows(carry, size, d.reverse).swapaxes(-1, -2)
    states = states.reshape(rows, -1, n)
    states = states[:, states.shape[1] - steps :] if d.reverse else states[:, :steps]
    last = slice(0, 1) if d.reverse else slice(-1, None)
    return states, states[:, last] @ step.swapaxes(-1, -2) + forcing[:, last]


def product(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return `rows @ matrix`, computed on one thread."""
    if rows.shape[-2] * matrix.shape[-2] * matrix.shape[-1] <= MAX_NUMPY_PRODUCT:
        return np.asarray(rows @ matrix)
    batch = torch.from_numpy(rows)
    with SingleThread():
        return torch.bmm(batch, torch.from_numpy(matrix).expand(len(batch), -1, -1)).numpy()


def _pad_to_groups(forcing: np.ndarray, size: int, reverse: bool) -> np.ndarray:
    """Reshape `forcing` to groups of `size` numbers, with zeros after the last step of the scan."""
    rows, steps, n = forcing.shape
    groups = -(-steps * n // size)
    padding = groups * size - steps * n
    if not padding:
        return forcing.reshape(rows, groups, size)
    padded = np.zeros((rows, groups * size))
    padded[:, slice(padding, None) if reverse else slice(0, -padding)] = forcing.reshape(rows, -1)
    return padded.reshape(rows, groups, size)
