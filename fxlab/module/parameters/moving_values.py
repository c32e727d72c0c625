"""`MovingValues`: the values of the parameters of a module with controls while it processes a block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

import torch
from torch import Tensor

from fxlab.module.parameters.active_values import active_values
from fxlab.module.parameters.broadcasting import align_to_input, broadcast_together, pad_dims
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.parameters.owner import ParameterOwner


class Evaluation(NamedTuple):
    """The values of one control that a module has read."""

    owner: ParameterOwner
    """The module that has read the values."""
    name: str
    """The name of the parameter whose value is the control."""
    samples: Tensor
    """The positions in samples since the start of the sound, `(n,)`."""
    values: Tensor
    """The values at these positions, `(batch…, n)`."""


_RECORD: ContextVar[list[Evaluation] | None] = ContextVar("fxlab_evaluations", default=None)


@contextmanager
def record_evaluations() -> Iterator[list[Evaluation]]:
    """Yield a list to which an `Evaluation` is added whenever a module reads a control's values in the `with` block."""
    record: list[Evaluation] = []
    token = _RECORD.set(record)
    try:
        yield record
    finally:
        _RECORD.reset(token)


class MovingValues(dict[str, Tensor]):
    """The active values of a module for one block; the values of its controls are computed when they are read.

    The value of a moving parameter is a tensor `(..., time)` that broadcasts against the block, with one value for
    every sample. `design_values`, for filters of sections, returns one value for every step of `hop` samples, the
    smallest `hop` of the controls.

    Args:
        module: The module, whose parameters in `controls` move.
        controls: The controls by name of the parameter.
        x: The block, `(..., channels, time)`.
        start: The position of the first sample of the block, in samples since the start of the sound.
        sample_rate: The sample rate in Hz.
        states: The states of the controls after the previous block, by name of the parameter; empty at the first block.
    """

    def __init__(  # noqa: PLR0917
        self,
        module: ParameterOwner,
        controls: dict[str, MovingValue],
        x: Tensor,
        start: int,
        sample_rate: float,
        states: Mapping[str, Any],
    ) -> None:
        constant = {name: d.stored(module) for name, d in module.continuous.items() if name not in controls}
        super().__init__(align_to_input(constant, x, module.ranks))
        self.controls, self.start, self.sample_rate = controls, start, sample_rate
        self._module, self._constant, self._x, self._before = module, constant, x, states
        self.stored = constant
        self.states: dict[str, Any] = {}
        self.hop: int = min(control.hop for control in controls.values())

    def __missing__(self, name: str) -> Tensor:
        """Return the values of the moving parameter `name` at every sample of the block, and store them as `name`."""
        values = self._evaluate(name, torch.arange(self._x.shape[-1], device=self._x.device))
        self[name] = values.to(self._x)
        return self[name]

    def exact(self, name: str) -> Tensor:
        """Return the values of the parameter `name` at every sample, `(..., time)`, in float64, as delays need them."""
        return self._evaluate(name, torch.arange(self._x.shape[-1], device=self._x.device)).double()

    @property
    def end(self) -> int:
        """The position after the last sample of the block, in samples since the start of the sound."""
        return self.start + int(self._x.shape[-1])

    @property
    def first_step(self) -> int:
        """The number of samples at the start of the block that belong to a step that began before the block."""
        return min(-self.start % self.hop, int(self._x.shape[-1]))

    def design_values(self) -> dict[str, Tensor]:
        """Return the parameters for `design` in float64, with a dimension for the steps after the batch dimensions.

        A constant parameter has size 1 in this dimension, and a constant scalar does not have it. The steps are those
        that begin in the block, preceded by the step in which the block begins, if this step began before the block.
        Steps begin at multiples of `hop` samples since the start of the sound.
        """
        x = self._x
        return self.values_at(torch.arange(-(self.start % self.hop), max(x.shape[-1], 1), self.hop, device=x.device))

    def values_at(self, offsets: Tensor) -> dict[str, Tensor]:
        """Return the parameters for `design` at the samples `offsets` of the block; see `design_values`."""
        ndim = self._x.ndim
        moving = {name: self._evaluate(name, offsets) for name in self.controls}
        constant = broadcast_together(self._constant, self._module.ranks)
        return {**pad_dims(constant, ndim, self._module.ranks), **moving}

    @property
    def follows_input(self) -> bool:
        """Whether a control depends on the input, so that its values after the block are not known."""
        return any(control.has_state for control in self.controls.values())

    def finish(self) -> dict[str, Any]:
        """Return the states of the controls at the end of the block, by name of the parameter."""
        for name, control in self.controls.items():
            if control.has_state and name not in self.states:
                self._evaluate(name, torch.zeros(0, dtype=torch.long, device=self._x.device))
        return self.states

    def _evaluate(self, name: str, offsets: Tensor) -> Tensor:
        """Return the values of a control at the samples `offsets` of the block, and store its state after the block.

        The values are `(..., n)`, with as many dimensions as the block. They are added to the list of
        `record_evaluations`, if there is one.
        """
        control, scale = self.controls[name], self._module.declarations[name].scale  # type: ignore[attr-defined]
        values, self.states[name] = control.evaluate_block(
            self._x, self.start, offsets, self.sample_rate, scale, self._before.get(name)
        )
        record = _RECORD.get()
        if record is not None:
            record.append(Evaluation(self._module, name, offsets + self.start, values))
        batch = values.shape[:-1]
        return values.reshape(batch + (1,) * (self._x.ndim - 1 - len(batch)) + values.shape[-1:])


def moving_values(module: ParameterOwner) -> MovingValues | None:
    """Return the active values of `module` if it is running and some of its parameters move, else None."""
    active = active_values(module)
    return active if isinstance(active, MovingValues) else None


def exact_value(module: ParameterOwner, name: str, x: Tensor) -> Tensor:
    """Return the value of the parameter `name` of a running module, in float64, so that it broadcasts against `x`.

    A parameter that moves has one value for every sample, `(..., time)`.
    """
    moving = moving_values(module)
    if moving is not None and name in moving.controls:
        return moving.exact(name)
    return pad_dims({name: stored_values(module)[name]}, x.ndim)[name].double().to(x.device)


def stored_values(module: ParameterOwner) -> dict[str, Tensor]:
    """Return the stored values of the parameters by name; inside `forward`, without those of parameters that move."""
    stored: dict[str, Tensor] | None = getattr(active_values(module), "stored", None)
    return module.values() if stored is None else stored
