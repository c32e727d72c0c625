"""The states between groups of blocks, computed level by level: first with longer and longer steps, then back."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.array_library import Array
from fxlab.engine.recursion.direction_matrices import DirectionMatrices

MAX_NUMPY_ELEMENTS = 1 << 15  # up to this size NumPy is faster, because its small operations cost a third of PyTorch's
# Multiplications in one matrix product. Above this, NumPy uses several threads, which then wait 20 ms for more work on
# cores that PyTorch's threads need. That costs more than NumPy's threads save.
MAX_SINGLE_THREAD_PRODUCT = 1 << 18


def scan_states(d: DirectionMatrices, forcing: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """Return the state before each group, and the state after the last one in float64.

    Shape:
        forcing: `(rows, groups, n)`, the contribution of each group to the state; s: `(rows, 1, n)`, float64, the
        state before the first group. Returns `(rows, groups, n)` and `(rows, 1, n)`.
    """
    n, stride = d.plan.states, d.plan.stride
    is_small = (
        forcing.numel() <= MAX_NUMPY_ELEMENTS
        and (forcing.shape[1] + stride) * n * n * stride <= MAX_SINGLE_THREAD_PRODUCT
    )
    if forcing.device.type == "cpu" and is_small and d.plan.index is None:
        states, after = _scan_numpy(d, 1, forcing.numpy().astype(np.float64, copy=False), s.numpy())
        return torch.from_numpy(states), torch.from_numpy(after)
    return _scan_torch(d, 1, forcing, s)


def _scan_numpy(d: DirectionMatrices, level: int, forcing: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scan one level and all levels above it, in float64."""
    rows, steps, n = forcing.shape
    within, carry, step = d.level_arrays(level)
    if steps == 1:
        return s, s @ step.T + forcing
    size = min(steps, d.plan.stride) * n
    grouped = _pad_to_groups(forcing, size, d.reverse)
    states = grouped @ within[:size, :size].T
    if grouped.shape[1] > 1:
        s, _ = _scan_numpy(d, level + 1, group_totals(d, grouped, states, step), s)
    states += s @ leading_rows(d, carry, size).T
    states = states.reshape(rows, -1, n)
    states = states[:, states.shape[1] - steps :] if d.reverse else states[:, :steps]
    last = slice(0, 1) if d.reverse else slice(-1, None)
    return states, states[:, last] @ step.T + forcing[:, last]


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


def _scan_torch(d: DirectionMatrices, level: int, forcing: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """Scan one level and all levels above it, with PyTorch.

    If there are several levels, the lowest runs in the dtype of the signal, like its forcing: in float64, so many
    states would cost as much as the filtering. The levels above it, and a single level, run in float64.
    """
    rows, steps, n = forcing.shape
    if steps <= d.plan.stride:
        forcing = d.to_float64(forcing)
        within, carry, step = d.level_tensors(level, torch.float64)
        if steps == 1:
            return s, torch.matmul(s, step.mT) + forcing
        size = steps * n
        states = torch.matmul(forcing.view(rows, 1, size), within[..., :size, :size].mT)
        states += torch.matmul(s, leading_rows(d, carry, size).mT)
        states = states.view(rows, steps, n)
    else:
        within, carry, step = d.level_tensors(level, forcing.dtype)
        padding = -steps % d.plan.stride
        # Zeros after the last step complete the last group. Running backwards, the last step is the first in time.
        padded = torch.nn.functional.pad(forcing, (0, 0, padding, 0) if d.reverse else (0, 0, 0, padding))
        grouped = padded.view(rows, -1, d.plan.stride * n)
        states = torch.matmul(grouped, within.mT)
        starts, after = _scan_torch(d, level + 1, d.to_float64(group_totals(d, grouped, states, step)), s)
        states.baddbmm_(starts.to(states), carry.mT.expand(rows, -1, -1))
        states = states.view(rows, steps + padding, n)
        states = states[:, padding:] if d.reverse else states[:, :steps]
        if not padding:
            return states, after
    last = slice(0, 1) if d.reverse else slice(-1, None)
    step = d.level_tensors(level, torch.float64).step
    return states, torch.matmul(d.to_float64(states[:, last]), step.mT) + d.to_float64(forcing[:, last])


def group_totals(d: DirectionMatrices, forcing: Array, states: Array, step: Array) -> Array:
    """Return the contribution of each group of steps to the state, `(rows, groups, n)`.

    Shape:
        forcing: `(rows, groups, steps * n)`, the contribution of each step; states: of the same shape, the states
        before each step if the group starts from zero state; step: `(..., n, n)`, the transition over one step.
    """
    n = d.plan.states
    last = slice(0, n) if d.reverse else slice(-n, None)
    return states[..., last] @ step.swapaxes(-1, -2) + forcing[..., last]


def leading_rows(d: DirectionMatrices, carry: Array, size: int) -> Array:
    """Return the rows of a group's `carry` for the first `size` state values in the direction of the scan."""
    return carry[..., -size:, :] if d.reverse else carry[..., :size, :]
