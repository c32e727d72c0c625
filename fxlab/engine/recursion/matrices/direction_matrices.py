"""The matrices of a filter plan for one direction in time."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.array_library import Array
from fxlab.engine.recursion.matrices.block_matrices import transition_matrix
from fxlab.engine.recursion.matrices.group_matrices import (
    GroupMatrices,
    LevelArrays,
    group_matrices,
    level_powers,
    samples_to_states_matrix,
    with_total,
)
from fxlab.engine.recursion.matrices.output_normal import output_normal_transform
from fxlab.engine.recursion.rows.row_products import matmul_rows

if TYPE_CHECKING:
    from fxlab.engine.recursion.matrices.filter_plan import FilterPlan
    from fxlab.engine.recursion.matrices.tile_matrices import TileMatrices

MIN_LEVELS = 3  # levels that are computed together; they suffice for a few minutes of audio

# Numbers below these are set to 0, since their products with rounding errors are subnormal.
SUBNORMAL: dict[type, float] = {
    dtype: float(np.finfo(dtype).tiny / np.finfo(dtype).eps) for dtype in (np.float32, np.float64)
}


class NumpyMatrices(NamedTuple):
    """The matrices of a direction, for each filter, as NumPy arrays in float64; see `DirectionMatrices`."""

    H: np.ndarray
    R: np.ndarray
    O: np.ndarray  # noqa: E741
    within: np.ndarray
    carry: np.ndarray


class LevelTensors(NamedTuple):
    """The matrices of one level, for each row, as tensors; see `LevelArrays`."""

    within: Tensor
    carry: Tensor
    step: Tensor


class DirectionMatrices:
    """A plan's matrices for one direction in time, for products with rows: `y = x H^T + s O^T`, `r = x R^T`.

    x and y are the input and the output of a block, s is the state before the block, and r is the contribution of x to
    the state after it. For the backward direction the matrices are those of the transposed filter, which maps output
    gradients to input gradients. The NumPy arrays have one matrix for each filter, the tensors one for each row, unless
    all rows share one filter. The tensors are created on first use.

    All states are in the coordinates of the products. For float32 plans with more than two states these are
    output-normal coordinates, if they exist (`output_normal_transform`), and otherwise those of the plan's state space.
    `to_coordinates` and `from_coordinates` convert states.

    Args:
        plan: The plan that has the filters and the lengths of blocks and groups.
        reverse: Whether time runs backwards.
    """

    def __init__(self, plan: FilterPlan, reverse: bool) -> None:
        self.plan, self.reverse = plan, reverse
        self.filters = slice(None)  # the filters of the plan whose matrices these are
        self.index = plan.index  # the index of each row's filter in them; None for one filter, or one per row in order
        if plan.index is not None and plan.is_one_to_one:
            self.index = None
        self.stride = plan.stride
        block = plan.block
        reach, observe = (block.O, block.R) if reverse else (block.R, block.O)
        reach, observe = self._transpose(reach), self._transpose(observe)
        # The matrix to the coordinates of the products and its inverse; None means those of the plan's state space.
        self.coordinates: tuple[np.ndarray, np.ndarray] | None = None
        if plan.dtype == torch.float32 and plan.states > 2:
            self.coordinates = output_normal_transform(observe, self._transpose(block.squares[-1]))
        if self.coordinates is not None:
            transform, inverse = self.coordinates
            reach, observe = transform @ reach, observe @ inverse
        self.powers = self._transition(plan.powers)
        groups = group_matrices(self.powers, plan.group, reverse)
        self.arrays = NumpyMatrices(self._transpose(block.H), reach, observe, *groups)
        self._levels: list[LevelArrays] = []
        self._parts: dict[tuple[int, int], DirectionMatrices] = {}
        self._clear_tensors()

    def _clear_tensors(self) -> None:
        self.tiles: TileMatrices | None = None  # see `tile_matrices`
        self._tensors: dict[str, Tensor] = {}
        self._level_tensors: dict[tuple[int, torch.dtype], LevelTensors] = {}
        self._block_transitions: dict[int, Tensor] = {}
        self._sample_transitions: dict[int, Tensor] = {}

    def for_rows(self, rows: slice) -> DirectionMatrices:
        """Return the matrices for a slice of the rows: this object itself if all rows share one filter."""
        if self.plan.index is None:
            return self
        key = (rows.start, rows.stop)
        if key not in self._parts:
            self._parts[key] = self._part(self.plan.index[rows].numpy())
        return self._parts[key]

    def _part(self, index: np.ndarray) -> DirectionMatrices:
        """Return the matrices for rows whose filters have the indices `index`, `(rows,)`."""
        # Only the filters from the first to the last index are kept, so the work for all parts together stays the same.
        part, first, stop = copy(self), int(index.min()), int(index.max()) + 1
        part.filters = used = slice(first, stop)
        in_order = len(index) == stop - first and bool((index == np.arange(first, stop)).all())
        part.index = None if in_order else torch.from_numpy(index - first)
        if self.coordinates is not None:
            part.coordinates = self.coordinates[0][used], self.coordinates[1][used]
        part.powers = self.powers[used]
        part.arrays = NumpyMatrices(*(matrix[used] for matrix in self.arrays))
        part._levels, part._parts = [], {}
        for computed in ("total_array", "to_states_array"):
            part.__dict__.pop(computed, None)
        part._clear_tensors()
        return part

    @property
    def H(self) -> Tensor:  # noqa: N802
        """The matrix from the input of a block to its output."""
        return self._signal_tensor("H", lambda: self.arrays.H)

    @property
    def R(self) -> Tensor:  # noqa: N802
        """The matrix from the input of a block to the contribution of the input to the state after the block."""
        return self._signal_tensor("R", lambda: self.arrays.R)

    @property
    def O(self) -> Tensor:  # noqa: E743, N802
        """The matrix from the state before a block to the contribution of the state to the output of the block."""
        return self._signal_tensor("O", lambda: self.arrays.O)

    @property
    def within(self) -> Tensor:
        """The matrix from the contributions of a group's blocks to the states before them."""
        return self._signal_tensor("within", lambda: self.arrays.within)

    @property
    def carry(self) -> Tensor:
        """The matrix from the state before a group to the states before its blocks."""
        return self._signal_tensor("carry", lambda: self.arrays.carry)

    @property
    def step(self) -> Tensor:
        """The transition of the state over a block."""
        return self._signal_tensor("step", lambda: self.powers[..., 1, :, :])

    @property
    def group_step(self) -> Tensor:
        """The transition of the state over a group, in float64."""
        return self.level_tensors(1, torch.float64).step

    @cached_property
    def total_array(self) -> np.ndarray:
        """The matrix from the contributions of a group's blocks to the contribution of the group, for each filter."""
        n = self.plan.states
        total = with_total(GroupMatrices(self.arrays.within, self.arrays.carry), self.reverse)
        return np.asarray(total[..., -n:, :] if self.reverse else total[..., :n, :])

    @property
    def to_states(self) -> Tensor:
        """The matrix that computes the states before the blocks of a group that starts from zero state.

        It is applied to the samples of the group if `plan.fused` is true, and otherwise to the contributions of the
        blocks. In place of the first of these states, which is 0, it computes the total: the contribution of the group
        to the state after the group (see `with_total`).
        """
        return self._signal_tensor("to_states", lambda: self.to_states_array)

    @cached_property
    def to_states_array(self) -> np.ndarray:
        """The matrix of `to_states` for each filter, as a NumPy array."""
        within = with_total(GroupMatrices(self.arrays.within, self.arrays.carry), self.reverse)
        return np.asarray(samples_to_states_matrix(within, self.arrays.R) if self.plan.fused else within)

    def level_tensors(self, level: int, dtype: torch.dtype) -> LevelTensors:
        """Return the matrices of a level (see `FilterPlan`) for each row, in `dtype`: float64 or the signal's dtype.

        Level 1 is the recurrence between groups.
        """
        if (level, dtype) not in self._level_tensors:
            matrices = [self.row_tensor(matrix) for matrix in self.level_arrays(level)]
            if dtype != torch.float64:
                matrices = [self.to_signal_dtype(matrix) for matrix in matrices]
            self._level_tensors[level, dtype] = LevelTensors(*matrices)
        return self._level_tensors[level, dtype]

    def level_arrays(self, level: int) -> LevelArrays:
        """Return the matrices of `level`, 1 or more, for each filter, as NumPy arrays in float64."""
        if len(self._levels) < level:
            step = self._transition(self._of_filters(self.plan.powers)[..., self.plan.group, :, :])
            powers = level_powers(step, self.plan.stride, max(level, MIN_LEVELS))
            within, carry = group_matrices(powers, self.plan.stride, self.reverse)
            steps = powers[..., 1, :, :]
            self._levels[:] = [LevelArrays(*each) for each in zip(within, carry, steps, strict=True)]
        return self._levels[level - 1]

    def block_transition(self, count: int) -> Tensor:
        """Return the transition of the state over `count` blocks, at most a group, for each row."""
        if count not in self._block_transitions:
            matrix = self._transition(self._of_filters(self.plan.powers)[..., count, :, :])
            self._block_transitions[count] = self.row_tensor(matrix)
        return self._block_transitions[count]

    def sample_transition(self, count: int) -> Tensor:
        """Return the transition of the state over `count` samples, at most a block, for each row."""
        if count not in self._sample_transitions:
            self._sample_transitions[count] = self.row_tensor(self.sample_transition_array(count))
        return self._sample_transitions[count]

    def sample_transition_array(self, count: int) -> np.ndarray:
        """Return the transition of the state over `count` samples, at most a block, for each filter, in NumPy."""
        return np.asarray(self._transition(self._of_filters(transition_matrix(self.plan.block, count))))

    def to_coordinates(self, s: Tensor) -> Tensor:
        """Return states `(rows, 1, n)` of the plan's state space in the coordinates of the products."""
        return s if self.coordinates is None else matmul_rows(s, self._transform("transform", 0))

    def from_coordinates(self, s: Tensor) -> Tensor:
        """Return states `(rows, 1, n)` in the coordinates of the products as states of the plan's state space."""
        return s if self.coordinates is None else matmul_rows(s, self._transform("inverse", 1))

    def _transform(self, name: str, number: int) -> Tensor:
        if name not in self._tensors:
            assert self.coordinates is not None
            self._tensors[name] = self.row_tensor(self.coordinates[number])
        return self._tensors[name]

    def to_float64(self, values: Tensor) -> Tensor:
        """Return `values` in float64, the dtype of states, on the device of the states."""
        return values.to(self.plan.state_device, torch.float64)

    def to_signal_dtype(self, values: Tensor) -> Tensor:
        """Return `values` in the dtype and on the device of the signal."""
        return values.to(self.plan.device, self.plan.dtype)

    def _transpose(self, matrix: np.ndarray) -> np.ndarray:
        """Return matrices of the filter, transposed if the direction is backward."""
        return matrix.swapaxes(-1, -2) if self.reverse else matrix

    def _of_filters(self, matrices: np.ndarray) -> np.ndarray:
        """Return the matrices of the filters `self.filters`, from those of all filters of the plan."""
        return matrices if self.plan.index is None else matrices[self.filters]

    def _transition(self, powers: Array) -> Array:
        """Return powers of the state matrix of the plan for this direction, in the coordinates of the products."""
        powers = self._transpose(powers)
        if self.coordinates is None:
            return powers
        transform, inverse = self.coordinates
        if transform.ndim > 2 and powers.ndim > transform.ndim:
            transform, inverse = transform[..., None, :, :], inverse[..., None, :, :]
        return transform @ powers @ inverse

    def row_tensor(self, matrix: np.ndarray) -> Tensor:
        """Return the matrix of each row's filter as a tensor on the device of the states, in the dtype of `matrix`."""
        tensor = torch.from_numpy(np.ascontiguousarray(matrix)).to(self.plan.state_device)
        return tensor if self.index is None else tensor[self.index]

    def signal_tensor(self, matrix: np.ndarray) -> Tensor:
        """Return the matrix of each row's filter in the signal's dtype and on its device.

        Entries whose products with rounding errors would be subnormal are replaced by 0.
        """
        dtype = np.float64 if self.plan.dtype == torch.float64 else np.float32
        # Powers of a matrix end in subnormal numbers, with which a processor multiplies a hundred times slower.
        matrix = np.where(abs(matrix) < SUBNORMAL[dtype], 0.0, matrix).astype(dtype)
        return self.row_tensor(matrix).to(self.plan.device)

    def _signal_tensor(self, name: str, compute: Callable[[], np.ndarray]) -> Tensor:
        if name not in self._tensors:
            self._tensors[name] = self.signal_tensor(compute())
        return self._tensors[name]
