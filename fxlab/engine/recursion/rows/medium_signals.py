"""Filtering of float32 signals of medium length on the CPU, in groups of blocks, with few calls.

The products with the samples are computed in float32, as for long signals, and the states between groups in float64
with NumPy, as for short signals. A signal of about a second is too long for products in float64, and too short for
tiles.
"""

from __future__ import annotations

import numpy as np
import torch

from fxlab.engine.recursion.matrices.block_matrices import block_matrices, transition_matrix
from fxlab.engine.recursion.matrices.group_matrices import (
    group_matrices,
    matrix_powers,
    samples_to_states_matrix,
    with_total,
)
from fxlab.engine.recursion.matrices.output_normal import output_normal_transform
from fxlab.engine.recursion.matrices.state_space import StateSpace
from fxlab.engine.recursion.rows.scan_arrays import BlockLevels, scan_arrays

MAX_TIME = 1 << 19  # samples of a row, independent of the number of rows, so that equal rows have equal outputs
GROUP = 128  # samples of a group of blocks
MAX_ENDINGS = 8  # different lengths of an incomplete group whose matrices are kept
SUBNORMAL = np.finfo(np.float32).tiny / np.finfo(np.float32).eps


class MediumFilter(BlockLevels):
    """The matrices of one filter for signals of medium length.

    With more than two states, they are in the coordinates of `output_normal`, if these exist. One product computes the
    states before the blocks of a group as if the group began from zero state, and the contribution of the group to the
    state after it. The steps of the scan are the groups.

    Args:
        space: The filter's state space.
        to_internal: The matrix from the caller's states to those of the state space, `(n, n)`.
        to_external: The inverse of `to_internal`.
    """

    def __init__(self, space: StateSpace, to_internal: np.ndarray, to_external: np.ndarray) -> None:
        self.block = block = block_matrices(space, GROUP)
        n = block.O.shape[-1]
        self.length = length = _block_length(n)
        found = output_normal_transform(block.O, block.squares[-1]) if n > 2 else None
        self.transform: np.ndarray = np.eye(n) if found is None else found[0]
        self.inverse: np.ndarray = np.eye(n) if found is None else found[1]
        self.reach = self.transform @ block.R
        self.observe = block.O @ self.inverse
        blocks = GROUP // length
        powers = matrix_powers(self.transform @ transition_matrix(block, length) @ self.inverse, blocks)
        group = group_matrices(powers, blocks)
        to_states = samples_to_states_matrix(with_total(group, reverse=False), self.reach[:, GROUP - length :])
        super().__init__(self.transform @ block.squares[-1] @ self.inverse, size=min(64, 16 * n))
        self.to_internal, self.to_external = (self.transform @ to_internal).T, (to_external @ self.inverse).T
        self._to_states, self._carry = _float32_rows(to_states), _float32_rows(group.carry)
        self._output = _float32_rows(block.H[:length, :length])
        self._observe = _float32_rows(self.observe[:length])
        self._endings: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def filter(self, x: np.ndarray, s: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Filter `x` `(rows, time)`, float32, into `y` from the state `s` `(rows, 1, n)`, and return the last state.

        The states are the caller's, in float64. PyTorch must use a single thread during the call.
        """
        time = x.shape[1]
        end = time - time % GROUP
        s = self._filter_groups(x[:, :end], s @ self.to_internal, y[:, :end])
        if end < time:
            to_output, to_state = self._ending(time - end)
            rest = np.concatenate([x[:, None, end:], s], 2)
            y[:, end:] = (rest @ to_output)[:, 0]
            s = rest @ to_state
        return np.asarray(s @ self.to_external)

    def _filter_groups(self, x: np.ndarray, s: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Filter complete groups into `y`, and return the state after them; states are in the internal coordinates."""
        rows, time = x.shape
        n, groups = self.states, time // GROUP
        inputs, outputs = torch.from_numpy(x), torch.from_numpy(y).view(rows, -1, self.length)
        to_states, carry, output, observe = self._of_rows(rows)
        states = torch.bmm(inputs.view(rows, groups, GROUP), to_states)
        first = states.numpy()[..., :n]
        totals = first.astype(np.float64)
        first[...] = 0.0
        starts = scan_arrays(self, 1, totals, s)
        s = starts[:, -1:] @ self.step.T + totals[:, -1:]
        states.baddbmm_(torch.from_numpy(starts.astype(np.float32)), carry)
        torch.bmm(inputs.view(rows, -1, self.length), output, out=outputs)
        outputs.baddbmm_(states.view(rows, -1, n), observe)
        return s

    def _of_rows(self, rows: int) -> list[torch.Tensor]:
        matrices = [self._to_states, self._carry, self._output, self._observe]
        return matrices if rows == 1 else [each.expand(rows, -1, -1) for each in matrices]

    def _ending(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the matrices to the output of an incomplete group of `count` samples and to the state after it.

        The matrices are applied to row vectors: the samples, followed by the state before the group.
        """
        found = self._endings.get(count)
        if found is None:
            if len(self._endings) >= MAX_ENDINGS:
                self._endings.clear()
            to_output = np.concatenate([self.block.H[:count, :count].T, self.observe[:count].T])
            transition = self.transform @ transition_matrix(self.block, count) @ self.inverse
            found = to_output, np.concatenate([self.reach[:, GROUP - count :].T, transition.T])
            self._endings[count] = found
        return found


def _block_length(states: int) -> int:
    """Return the number of samples per block, chosen by measured speed for `states` states."""
    if states <= 4:
        return 16
    if states <= 16:
        return 32
    return 64 if states <= 24 else GROUP


def _float32_rows(matrix: np.ndarray) -> torch.Tensor:
    """Return the transposed matrix as a float32 tensor `(1, k, n)`, with numbers below `SUBNORMAL` set to 0."""
    return torch.from_numpy(np.where(abs(matrix) < SUBNORMAL, 0.0, matrix).T.astype(np.float32)[None].copy())
