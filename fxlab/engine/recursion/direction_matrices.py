"""The matrices of a filter plan for one direction in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.array_library import Array
from fxlab.engine.recursion.block_matrices import transition_matrix
from fxlab.engine.recursion.group_matrices import group_matrices, level_powers, samples_to_states_matrix
from fxlab.engine.recursion.output_normal import output_normal_transform

if TYPE_CHECKING:
    from fxlab.engine.recursion.filter_plan import FilterPlan

MIN_LEVELS = 3  # levels that are computed together; they suffice for a few minutes of audio


class NumpyMatrices(NamedTuple):
    """The matrices of a direction as NumPy arrays in float64."""

    H: np.ndarray
    R: np.ndarray
    O: np.ndarray  # noqa: E741
    within: np.ndarray
    carry: np.ndarray


class LevelArrays(NamedTuple):
    """The matrices of one level as NumPy arrays in float64: those of `GroupMatrices`, and the matrix of a step."""

    within: np.ndarray
    carry: np.ndarray
    step: np.ndarray


class LevelTensors(NamedTuple):
    """The matrices of one level as tensors."""

    within: Tensor
    carry: Tensor
    step: Tensor


class DirectionMatrices:
    """A plan's matrices for one direction in time, for products with rows: `y = x H^T + s O^T`, `r = x R^T`.

    For the backward direction they belong to the transposed filter, which maps output gradients to input gradients.
    """

    def __init__(self, plan: FilterPlan, reverse: bool) -> None:
        self.plan, self.reverse, self.rows = plan, reverse, slice(None)
        block = plan.block
        reach, observe = (block.O, block.R) if reverse else (block.R, block.O)
        reach, observe = self._transpose(reach), self._transpose(observe)
        # The matrix to the coordinates of the products and its inverse; None means the coordinates of the plan.
        self.coordinates: tuple[np.ndarray, np.ndarray] | None = None
        if plan.dtype == torch.float32 and plan.states > 2:
            self.coordinates = output_normal_transform(observe, self._transpose(block.squares[-1]))
        if self.coordinates is not None:
            transform, inverse = self.coordinates
            reach, observe = transform @ reach, observe @ inverse
        toeplitz, powers = self._transpose(block.H), self._transition(plan.powers)
        within, carry = group_matrices(powers, plan.group, reverse)
        self.arrays = NumpyMatrices(toeplitz, reach, observe, within, carry)
        self.H, self.R, self.O = (self._signal_tensor(part) for part in (toeplitz, reach, observe))
        self.within, self.carry, self.step = (self._signal_tensor(m) for m in (within, carry, powers[..., 1, :, :]))
        self.samples_to_states: Tensor | None = None
        if plan.fused:
            fused = samples_to_states_matrix(within, reach, powers[..., 1, :, :], reverse)
            self.samples_to_states = self._signal_tensor(fused)
        self._transform: tuple[Tensor, Tensor] | None = None
        if self.coordinates is not None:
            self._transform = self._float64_tensor(self.coordinates[0]), self._float64_tensor(self.coordinates[1])
        self._level_arrays: list[LevelArrays] = []
        self._level_tensors: dict[tuple[int, torch.dtype], LevelTensors] = {}
        self._block_transitions: dict[int, Tensor] = {}
        self._sample_transitions: dict[int, Tensor] = {}

    def for_rows(self, rows: slice) -> DirectionMatrices:
        """Return the matrices for a slice of the rows."""
        if self.plan.index is None:
            return self
        part = object.__new__(DirectionMatrices)
        part.__dict__.update(self.__dict__)
        part.rows, part._level_tensors, part._block_transitions, part._sample_transitions = rows, {}, {}, {}
        if self._transform is not None:
            part._transform = self._transform[0][rows], self._transform[1][rows]
        for name in ("H", "R", "O", "within", "carry", "step", "samples_to_states"):
            matrix = getattr(self, name)
            setattr(part, name, None if matrix is None else matrix[rows])
        return part

    def level_tensors(self, level: int, dtype: torch.dtype) -> LevelTensors:
        """Return the matrices of a level for each row; level 1 is the recurrence between groups."""
        if (level, dtype) not in self._level_tensors:
            matrices = [self._float64_tensor(matrix) for matrix in self.level_arrays(level)]
            if dtype != torch.float64:
                matrices = [self.to_signal_dtype(matrix) for matrix in matrices]
            self._level_tensors[level, dtype] = LevelTensors(*matrices)
        return self._level_tensors[level, dtype]

    def level_arrays(self, level: int) -> LevelArrays:
        """Return the matrices of a level for each filter, as NumPy arrays in float64."""
        if len(self._level_arrays) < level:
            step = self._transition(self.plan.powers[..., self.plan.group, :, :])
            powers = level_powers(step, self.plan.stride, max(level, MIN_LEVELS))
            within, carry = group_matrices(powers, self.plan.stride, self.reverse)
            steps = powers[..., 1, :, :]
            self._level_arrays[:] = [LevelArrays(*each) for each in zip(within, carry, steps, strict=True)]
        return self._level_arrays[level - 1]

    def block_transition(self, count: int) -> Tensor:
        """Return the transition of the state over `count` blocks, at most a group, for each row."""
        if count not in self._block_transitions:
            matrix = self._transition(self.plan.powers[..., count, :, :])
            self._block_transitions[count] = self._float64_tensor(matrix)
        return self._block_transitions[count]

    def sample_transition(self, count: int) -> Tensor:
        """Return the transition of the state over `count` samples, at most a block, for each row."""
        if count not in self._sample_transitions:
            self._sample_transitions[count] = self._float64_tensor(self.sample_transition_array(count))
        return self._sample_transitions[count]

    def sample_transition_array(self, count: int) -> np.ndarray:
        """Return the transition of the state over `count` samples for each filter, as a NumPy array."""
        return np.asarray(self._transition(transition_matrix(self.plan.block, count)))

    def to_coordinates(self, s: Tensor) -> Tensor:
        """Convert states `(rows, 1, n)` of the plan's state space to the coordinates of the products."""
        return s if self._transform is None else torch.matmul(s, self._transform[0].mT)

    def from_coordinates(self, s: Tensor) -> Tensor:
        """Convert states `(rows, 1, n)` in the coordinates of the products to those of the plan's state space."""
        return s if self._transform is None else torch.matmul(s, self._transform[1].mT)

    def to_float64(self, values: Tensor) -> Tensor:
        """Convert to float64, the dtype of states, on the device for float64 values."""
        return values.to(self.plan.state_device, torch.float64)

    def to_signal_dtype(self, values: Tensor) -> Tensor:
        """Convert to the dtype and device of the signal."""
        return values.to(self.plan.device, self.plan.dtype)

    def _transpose(self, matrix: np.ndarray) -> np.ndarray:
        """Transpose a matrix of the filter if the direction is backward."""
        return matrix.swapaxes(-1, -2) if self.reverse else matrix

    def _transition(self, powers: Array) -> Array:
        """Return powers of the state matrix for this direction and in its coordinates."""
        powers = self._transpose(powers)
        if self.coordinates is None:
            return powers
        transform, inverse = self.coordinates
        if transform.ndim > 2 and powers.ndim > transform.ndim:
            transform, inverse = transform[..., None, :, :], inverse[..., None, :, :]
        return transform @ powers @ inverse

    def _float64_tensor(self, matrix: np.ndarray) -> Tensor:
        """Return the matrix of each row's filter as a float64 tensor on the device of the states."""
        tensor = torch.from_numpy(np.ascontiguousarray(matrix)).to(self.plan.state_device)
        return tensor if self.plan.index is None else tensor[self.plan.index[self.rows]]

    def _signal_tensor(self, matrix: np.ndarray) -> Tensor:
        """Return the matrix of each row's filter as a tensor of the signal's dtype and device."""
        dtype = np.float64 if self.plan.dtype == torch.float64 else np.float32
        return self._float64_tensor(matrix.astype(dtype)).to(self.plan.device)
