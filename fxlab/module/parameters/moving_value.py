"""`MovingValue`: the interface of a control, a value of a `Param` that changes over time.

`Param` imports only this interface, because the base class of controls, `Control`, has parameters itself.
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
    """The interface of a control: a value of a parameter that changes over time."""

    hop: Any
    """The number of samples for which a filter keeps its coefficients before it is designed again."""
    value_parameters: ClassVar[tuple[str, ...]] = ()
    """The control's own parameters, such as `low`, that are values of the moved parameter and have its unit."""
    jumping_choices: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    """The name of a `Choice` of the control, and its options for which the value jumps."""
    secondary_parameters: ClassVar[tuple[str, ...]] = ("hop",)
    """The control's own parameters that a panel shows only on request."""

    @property
    def has_state(self) -> bool:
        """Whether the value depends on the input, so that a stream keeps a state for it; False by default."""
        return False

    @property
    @abstractmethod
    def jumps(self) -> bool:
        """Whether the value jumps from one sample to the next, as for a square wave."""

    @abstractmethod
    def evaluate(self, samples: Tensor, sample_rate: float, scale: str = "linear") -> Tensor:
        """Return the values `(batch…, n)` at the positions `samples`, `(n,)`, in samples since the start of the sound.

        `sample_rate` is in Hz, and `scale` is the scale on which the value moves, `"linear"` or `"log"`.
        """

    def first_value(self, scale: str) -> Tensor:
        """Return the value at time 0, `(batch…)`; for `scale` see `evaluate`."""
        return self.evaluate(torch.zeros(1), 1.0, scale)[..., 0]

    def evaluate_block(  # noqa: PLR0917
        self, x: Tensor, start: int, offsets: Tensor, sample_rate: float, scale: str, state: Any
    ) -> tuple[Tensor, Any]:
        """Return the values at given samples of a block, and the state after the block.

        Args:
            x: The block, `(..., channels, time)`.
            start: The position of the first sample of the block, in samples since the start of the sound.
            offsets: The positions of the values, in samples from the start of the block, `(n,)`.
            sample_rate: The sample rate in Hz.
            scale: `"linear"` or `"log"`; see `evaluate`.
            state: The state after the previous block; None at the first block.

        Returns:
            The values `(batch…, n)`, and the state after the block.
        """
        return self.evaluate(offsets.double() + start, sample_rate, scale), state

    def memory(self, sample_rate: float, tolerance: float) -> int:
        """Return the number of samples after which the effect of an input on the value has decayed to `tolerance`.

        `tolerance` is a fraction of the initial effect. The result is 0 for a control that does not follow the input.
        """
        return 0

    @abstractmethod
    def batch_shape(self) -> tuple[int, ...]:
        """Return the batch dimensions of the values; raise a `ParameterError` if the parameters do not broadcast."""

    @abstractmethod
    def limits(self) -> tuple[Tensor, Tensor]:
        """Return the lowest and the highest possible value, `(batch…)` each."""

    @abstractmethod
    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` or a `SignalError` if the control cannot run at this sample rate in Hz."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Return a JSON-compatible dictionary that describes the control: `{"type": …, "params": {…}}`."""

    @classmethod
    @abstractmethod
    def rebuild(cls, description: dict[str, Any]) -> MovingValue:
        """Build a control of this class from the result of `describe`."""


def note_parameter(control: MovingValue, declaration: Param) -> None:
    """Record that `control` is the value of the parameter `declaration`, for `parameter_of`."""
    _PARAMETERS[control] = declaration


def parameter_of(control: MovingValue) -> Param | None:
    """Return the parameter whose value `control` is, or None; if there are several, the last one set or read."""
    return _PARAMETERS.get(control)


def rebuild_control(description: Any) -> MovingValue:
    """Build the control that `MovingValue.describe` described, or raise a `ParameterError`."""
    if not isinstance(description, dict) or not isinstance(description.get("type"), str):
        raise ParameterError(f"from_dict: a control is described by a dict with a 'type', not {description!r}.")
    return find_type(description["type"], MovingValue, "control").rebuild(description)
