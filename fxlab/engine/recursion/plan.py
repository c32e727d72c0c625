"""The matrices that carry one filter over a signal, made once and kept.

A block is `length` samples; a group is `group` blocks. Between groups the state runs through levels of the same
recurrence: a level takes some steps of the one below in one, so that a signal of any length is a few products.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.differentiable import power_of
from fxlab.engine.recursion.output_normal import output_normal
from fxlab.engine.recursion.scan_levels import gathered, ladder, level_of, powers_of
from fxlab.engine.recursion.section_arguments import home
from fxlab.engine.recursion.statespace import Array, StateSpace, block_matrices

NARROW = 8  # states up to which one product finds the states of a group's blocks straight from the samples
LEVELS = 3  # made at once, for a few minutes of sound
WIDTH = 16  # of that product, the least at which matrix units run at speed


class Plan:
    """The matrices of one filter, or of one filter for each row, for signals of one dtype on one device.

    `index` names for each row its filter among those of `space` (NumPy arrays); None is one filter for every row.
    """

    def __init__(
        self, space: StateSpace, index: Tensor | None, time: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        self.space, self.index, self.time, self.dtype, self.device = space, index, time, dtype, device
        self.home = home(device)
        self.states: int = space.A.shape[-1]
        self.length, self.group = sizes(self.states, time)
        self.stride = 16 if self.states <= 4 else 8  # groups that a level takes at once
        self.block = block_matrices(space, self.length)
        self.powers = powers_of(self.block.squares[-1], self.group)  # of a block's step, up to a group's
        self._directions: dict[bool, Direction] = {}
        self._lock = threading.RLock()

    def direction(self, reverse: bool) -> Direction:
        """The matrices to run forwards, or backwards for gradients."""
        with self._lock:
            if reverse not in self._directions:
                self._directions[reverse] = Direction(self, reverse)
            return self._directions[reverse]

    def of_row(self, row: int) -> Plan:
        """The plan of one row's filter alone."""
        if self.index is None:
            return self
        number = int(self.index[row])
        space = StateSpace(*(part[number] for part in self.space))
        return Plan(space, None, self.time, self.dtype, self.device)


class Exact(NamedTuple):
    """The matrices of a direction in NumPy, float64."""

    H: np.ndarray
    R: np.ndarray
    O: np.ndarray  # noqa: E741
    within: np.ndarray
    carry: np.ndarray


class Direction:
    """A plan's matrices for one direction in time, for products with rows: `y = x H^T + s O^T`, `r = x R^T`.

    Backwards they are those of the transposed filter, which carries gradients from the output to the input.
    """

    def __init__(self, plan: Plan, reverse: bool) -> None:
        self.plan, self.reverse, self.rows = plan, reverse, slice(None)
        block = plan.block
        reach, observe = (block.O, block.R) if reverse else (block.R, block.O)
        reach, observe = self._turn(reach), self._turn(observe)
        self.coordinates = None
        if plan.dtype == torch.float32 and plan.states > 2:
            self.coordinates = output_normal(observe, self._turn(block.squares[-1]))
        if self.coordinates is not None:
            into, back = self.coordinates
            reach, observe = into @ reach, observe @ back
        impulse, powers = self._turn(block.H), self._placed(plan.powers)
        within, carry = level_of(powers, plan.group, reverse)
        self.exact = Exact(impulse, reach, observe, within, carry)
        self.H, self.R, self.O = self._work(impulse), self._work(reach), self._work(observe)
        self.within, self.carry, self.step = (self._work(part) for part in (within, carry, powers[..., 1, :, :]))
        self.gather = None
        if plan.states <= NARROW:
            self.gather = self._work(gathered(within, reach, powers[..., 1, :, :], reverse))
        self.way = None
        if self.coordinates is not None:
            self.way = self._exact(self.coordinates[0]), self._exact(self.coordinates[1])
        self._ladder: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._levels: dict[tuple[int, torch.dtype], tuple[Tensor, Tensor, Tensor]] = {}
        self._after: dict[tuple[bool, int], Tensor] = {}

    def of_rows(self, rows: slice) -> Direction:
        """The same for some of the rows."""
        if self.plan.index is None:
            return self
        part = object.__new__(Direction)
        part.__dict__.update(self.__dict__)
        part.rows, part._levels, part._after = rows, {}, {}
        part.way = None if self.way is None else (self.way[0][rows], self.way[1][rows])
        for name in ("H", "R", "O", "within", "carry", "step", "gather"):
            whole = getattr(self, name)
            setattr(part, name, None if whole is None else whole[rows])
        return part

    def level(self, height: int, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
        """`within`, `carry` and the single step of a level; 1 is the recurrence between groups."""
        if (height, dtype) not in self._levels:
            within, carry, step = (self._exact(part) for part in self.numbers(height))
            if dtype != torch.float64:
                within, carry, step = self.down(within), self.down(carry), self.down(step)
            self._levels[height, dtype] = within, carry, step
        return self._levels[height, dtype]

    def numbers(self, height: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The same of each filter in NumPy, float64; levels are made several at once."""
        if len(self._ladder) < height:
            step = self._placed(self.plan.powers[..., self.plan.group, :, :])
            powers = ladder(step, self.plan.stride, max(height, LEVELS))
            within, carry = level_of(powers, self.plan.stride, self.reverse)
            self._ladder[:] = zip(within, carry, powers[..., 1, :, :], strict=True)
        return self._ladder[height - 1]

    def after_blocks(self, count: int) -> Tensor:
        """The state's transition over some blocks of a group."""
        if (True, count) not in self._after:
            self._after[True, count] = self._exact(self._placed(self.plan.powers[..., count, :, :]))
        return self._after[True, count]

    def after_samples(self, count: int) -> Tensor:
        """The state's transition over some samples of a block."""
        if (False, count) not in self._after:
            self._after[False, count] = self._exact(self.over(count))
        return self._after[False, count]

    def over(self, count: int) -> np.ndarray:
        """The same of each filter in NumPy."""
        return np.asarray(self._placed(power_of(self.plan.block, count)))

    def enter(self, s: Tensor) -> Tensor:
        """States `(rows, 1, n)` of the plan's state space in the coordinates of the products."""
        return s if self.way is None else torch.matmul(s, self.way[0].mT)

    def leave(self, s: Tensor) -> Tensor:
        """The way back."""
        return s if self.way is None else torch.matmul(s, self.way[1].mT)

    def up(self, values: Tensor) -> Tensor:
        """To the float64 in which the state is carried."""
        return values.to(self.plan.home, torch.float64)

    def down(self, values: Tensor) -> Tensor:
        """To the dtype and device of the signal."""
        return values.to(self.plan.device, self.plan.dtype)

    def _turn(self, matrix: np.ndarray) -> np.ndarray:
        return matrix.swapaxes(-1, -2) if self.reverse else matrix

    def _placed(self, powers: Array) -> Array:
        """Transitions of the state space in this direction's coordinates."""
        powers = self._turn(powers)
        if self.coordinates is None:
            return powers
        into, back = self.coordinates
        if into.ndim > 2 and powers.ndim > into.ndim:
            into, back = into[..., None, :, :], back[..., None, :, :]
        return into @ powers @ back

    def _exact(self, matrix: np.ndarray) -> Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(matrix)).to(self.plan.home)
        return tensor if self.plan.index is None else tensor[self.plan.index[self.rows]]

    def _work(self, matrix: np.ndarray) -> Tensor:
        kind = np.float64 if self.plan.dtype == torch.float64 else np.float32
        return self._exact(matrix.astype(kind)).to(self.plan.device)


def sizes(states: int, time: int) -> tuple[int, int]:
    """Samples a block and blocks a group: what was measured fastest for so many states; fewer for a short signal."""
    if states <= NARROW:
        length, group = 16 if states <= 4 else 32, WIDTH // max(states, 1)
    elif states <= 24:
        length, group = 64, 4
    else:
        length, group = 128, 4
    return min(length, 1 << max(time - 1, 0).bit_length()), group
