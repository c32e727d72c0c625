"""Filtering of float32 signals of medium length on the CPU, in blocks, with few calls.

The products with the samples are computed in float32, as for long signals, and the states between blocks in float64
with NumPy, as for short ones: a signal of a second is too long for products in float64 and too short for tiles.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.block_matrices import BlockMatrices, transition_matrix
from fxlab.engine.recursion.matrices.output_normal import output_normal_transform
from fxlab.engine.recursion.rows.scan_arrays import BlockLevels, scan_arrays

MAX_TIME = 1 << 16  # samples of a row, independent of the number of rows, so that equal rows have equal outputs
MAX_ENDINGS = 8  # different lengths of a last block whose matrices are kept
SUBNORMAL = np.finfo(np.float32).tiny / np.finfo(np.float32).eps


class MediumFilter(BlockLevels):
    """The matrices of one filter, in coordinates in which float32 states contribute equally to the output.

    Args:
        block: The matrices of a block.
        to_internal: The matrix from the caller's states to those of the state space; to_external: its inverse.
    """

    def __init__(self, block: BlockMatrices, to_internal: np.ndarray, to_external: np.ndarray) -> None:
        self.block = block
        self.length, n = block.H.shape[-1], block.O.shape[-1]
        step = block.squares[-1]
        found = output_normal_transform(block.O, step) if n > 2 else None
        self.transform: np.ndarray = np.eye(n) if found is None else found[0]
        self.inverse: np.ndarray = np.eye(n) if found is None else found[1]
        super().__init__(self.transform @ step @ self.inverse, size=64)
        self.reach = self.transform @ block.R
        self.observe = block.O @ self.inverse
        self.to_internal, self.to_external = (self.transform @ to_internal).T, (to_external @ self.inverse).T
        self._output, self._observe, self._reach = map(_float32_rows, (block.H, self.observe, self.reach))
        self._endings: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def filter(self, x: Tensor, s: np.ndarray, y: Tensor) -> np.ndarray:
        """Filter `x` `(rows, time)` into `y` from the state `s` `(rows, 1, n)`, and return the last state.

        It is called where PyTorch uses a single thread.
        """
        rows, time = x.shape
        blocks = time // self.length
        end = blocks * self.length
        samples, output = (each[:, :end].view(rows, blocks, self.length) for each in (x, y))
        forcing = torch.bmm(samples, self._reach.expand(rows, -1, -1)).numpy().astype(np.float64)
        states, s = scan_arrays(self, 1, forcing, s @ self.to_internal)
        torch.bmm(samples, self._output.expand(rows, -1, -1), out=output)
        output.baddbmm_(torch.from_numpy(states.astype(np.float32)), self._observe.expand(rows, -1, -1))
        if end < time:
            to_output, to_state = self._ending(time - end)
            inputs = np.concatenate([x[:, None, end:].numpy(), s], 2)
            y[:, end:] = torch.from_numpy((inputs @ to_output)[:, 0])
            s = inputs @ to_state
        return np.asarray(s @ self.to_external)

    def _ending(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the matrices from `count` samples of an incomplete block and the state to the output and the state."""
        if count not in self._endings:
            if len(self._endings) >= MAX_ENDINGS:
                self._endings.clear()
            to_output = np.concatenate([self.block.H[:count, :count].T, self.observe[:count].T])
            transition = self.transform @ transition_matrix(self.block, count) @ self.inverse
            self._endings[count] = to_output, np.concatenate([self.reach[:, self.length - count :].T, transition.T])
        return self._endings[count]


def _float32_rows(matrix: np.ndarray) -> Tensor:
    """Return a matrix for products with rows; subnormal numbers, which are slow to multiply with, become 0."""
    return torch.from_numpy(np.where(abs(matrix) < SUBNORMAL, 0.0, matrix).T.astype(np.float32).copy())
