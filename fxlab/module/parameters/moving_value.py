"""`MovingValue`: the interface of a control, a value of a `Param` that changes over time.

`Param` uses only this interface. The base class of controls, `Control`, owns parameters itself and imports `Param`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.module.parameters.class_names import find_type

if TYPE_CHECKING:
    from fxlab.module.parameters.param import Param


_PARAMETERS: WeakKeyDictionary[MovingValue, Param] = WeakKeyDictionary()


class MovingValue(ABC):
    """The value of a parameter as a function of time."""

    hop: Any
    """The number of samples for which a filter keeps its coefficients before it is designed again."""
    value_parameters: ClassVar[tuple[str, ...]] = ()
    """Those of its own parameters that are values of the parameter that it moves, in its unit, such as `low`."""
    jumping_choices: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    """The name of its choice with which its value jumps, and the names of that choice."""
    secondary_parameters: ClassVar[tuple[str, ...]] = ("hop",)
    """Those of its own parameters that a panel shows only on request."""

    @property
    def has_state(self) -> bool:
        """Whether it depends on the input, so that a stream keeps a state for it."""
        return False

    @property
    @abstractmethod
    def jumps(self) -> bool:
        """Whether its value jumps from one sample to the next, like that of a square wave."""

    @abstractmethod
    def evaluate(self, samples: Tensor, sample_rate: float, scale: str = "linear") -> Tensor:
        """Return its values at the positions `samples` `(n,)`, in samples since the start, as `(batch…, n)`."""

    def first_value(self, scale: str) -> Tensor:
        """Return the value at the start, `(batch…)`."""
        return self.evaluate(torch.zeros(1), 1.0, scale)[..., 0]

    def evaluate_block(  # noqa: PLR0917
        self, x: Tensor, start: int, offsets: Tensor, sample_rate: float, scale: str, state: Any
    ) -> tuple[Tensor, Any]:
        """Return its values at the samples `offsets` of the block `x`, which begins at `start`, and the new state."""
        return self.evaluate(offsets.double() + start, sample_rate, scale), state

    def memory(self, sample_rate: float, tolerance: float) -> int:
        """Return the number of samples after which an input has a weight of at most `tolerance` in the value."""
        return 0

    @abstractmethod
    def batch_shape(self) -> tuple[int, ...]:
        """Return the batch dimensions of its values, or raise a `ParameterError` if its parameters do not fit."""

    @abstractmethod
    def limits(self) -> tuple[Tensor, Tensor]:
        """Return the lowest and the highest value that it can take, `(batch…)` each."""

    @abstractmethod
    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` or a `SignalError` if it cannot run at this sample rate."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Return a JSON-compatible dictionary that describes the control: `{"type": …, "params": {…}}`."""

    @classmethod
    @abstractmethod
    def rebuild(cls, description: dict[str, Any]) -> MovingValue:
        """Build a control of this class from the result of `describe`."""


def note_parameter(control: MovingValue, declaration: Param) -> None:
    """Note that a module holds `control` as the value of this parameter, for `parameter_of`."""
    _PARAMETERS[control] = declaration


def parameter_of(control: MovingValue) -> Param | None:
    """Return the parameter as which a module last held or returned `control`, whose unit and scale its card shows."""
    return _PARAMETERS.get(control)


def rebuild_control(description: Any) -> MovingValue:
    """Build the control that `MovingValue.describe` described, or raise a `ParameterError`."""
    if not isinstance(description, dict) or not isinstance(description.get("type"), str):
        raise ParameterError(f"from_dict: a control is described by a dict with a 'type', not {description!r}.")
    return find_type(description["type"], MovingValue, "control").rebuild(description)
