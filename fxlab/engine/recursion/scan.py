"""The state between the groups of blocks, found level by level: up through coarser steps, and down again."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.plan import Direction
from fxlab.engine.recursion.statespace import Array

SMALL = 1 << 15  # numbers: up to here NumPy, whose small operations cost a third of PyTorch's, is faster
# Products of two numbers in a matrix product: beyond, threads of NumPy's come to help, which then wait for more work on
# a core that PyTorch's need, and for 20 ms that costs more than was gained.
ALONE = 1 << 18


def climb(d: Direction, drive: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """The state before each group, and the one after the last in float64, from what each leaves behind.

    Shape:
        drive: `(rows, groups, n)`; s: `(rows, 1, n)`, float64. Returns `(rows, groups, n)` and `(rows, 1, n)`.
    """
    n = d.plan.states
    small = drive.numel() <= SMALL and (drive.shape[1] + d.plan.stride) * n * n * d.plan.stride <= ALONE
    if drive.device.type == "cpu" and small and d.plan.index is None:
        return _in_numpy(d, drive, s)
    return _many(d, 1, drive, s)


def _in_numpy(d: Direction, drive: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    states, after = _few(d, 1, drive.numpy().astype(np.float64, copy=False), s.numpy())
    return torch.from_numpy(states), torch.from_numpy(after)


def _few(d: Direction, height: int, drive: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A level in float64, and those above it."""
    rows, steps, n = drive.shape
    within, carry, step = d.numbers(height)
    if steps == 1:
        return s, s @ step.T + drive
    size = min(steps, d.plan.stride) * n
    grouped = _filled(drive, size, d.reverse)
    states = grouped @ within[:size, :size].T
    if grouped.shape[1] > 1:
        s, _ = _few(d, height + 1, left_behind(d, grouped, states, step), s)
    states += s @ head(d, carry, size).T
    states = states.reshape(rows, -1, n)
    states = states[:, states.shape[1] - steps :] if d.reverse else states[:, :steps]
    last = slice(0, 1) if d.reverse else slice(-1, None)
    return states, states[:, last] @ step.T + drive[:, last]


def _filled(drive: np.ndarray, size: int, reverse: bool) -> np.ndarray:
    """The drives in whole groups of `size` numbers: behind the last step in time stands silence."""
    rows, steps, n = drive.shape
    groups = -(-steps * n // size)
    spare = groups * size - steps * n
    if not spare:
        return drive.reshape(rows, groups, size)
    filled = np.zeros((rows, groups * size))
    filled[:, slice(spare, None) if reverse else slice(0, -spare)] = drive.reshape(rows, -1)
    return filled.reshape(rows, groups, size)


def _many(d: Direction, height: int, drive: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """The same in PyTorch.

    The lowest of several levels runs in the signal's type, as its drives are: in float64 so many states would cost as
    much as the filtering. What is above it, and a level that is alone, runs in float64.
    """
    rows, steps, n = drive.shape
    if steps <= d.plan.stride:
        drive = d.up(drive)
        within, carry, step = d.level(height, torch.float64)
        if steps == 1:
            return s, torch.matmul(s, step.mT) + drive
        size = steps * n
        states = torch.matmul(drive.view(rows, 1, size), within[..., :size, :size].mT)
        states += torch.matmul(s, head(d, carry, size).mT)
        states = states.view(rows, steps, n)
    else:
        within, carry, step = d.level(height, drive.dtype)
        spare = -steps % d.plan.stride
        # Silence after the last step, so that whole groups come out; backwards the last step is the first in time.
        padded = torch.nn.functional.pad(drive, (0, 0, spare, 0) if d.reverse else (0, 0, 0, spare))
        grouped = padded.view(rows, -1, d.plan.stride * n)
        states = torch.matmul(grouped, within.mT)
        starts, after = _many(d, height + 1, d.up(left_behind(d, grouped, states, step)), s)
        states.baddbmm_(starts.to(states), carry.mT.expand(rows, -1, -1))
        states = states.view(rows, steps + spare, n)
        states = states[:, spare:] if d.reverse else states[:, :steps]
        if not spare:
            return states, after
    last = slice(0, 1) if d.reverse else slice(-1, None)
    step = d.level(height, torch.float64)[2]
    return states, torch.matmul(d.up(states[:, last]), step.mT) + d.up(drive[:, last])


def left_behind(d: Direction, drive: Array, states: Array, step: Array) -> Array:
    """What groups of steps leave behind, `(rows, groups, n)`, from the states before each step and the drives."""
    n = d.plan.states
    last = slice(0, n) if d.reverse else slice(-n, None)
    return states[..., last] @ step.swapaxes(-1, -2) + drive[..., last]


def head(d: Direction, carry: Array, size: int) -> Array:
    """The carrying of the state into the first of a group's steps."""
    return carry[..., -size:, :] if d.reverse else carry[..., :size, :]
