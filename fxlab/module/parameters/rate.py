"""`Rate`: the declaration of the sample rate to which a module's numbers belong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fxlab.errors import ParameterError, SignalError
from fxlab.module.checks import validate_rate
from fxlab.module.parameters.observers import notify_changed
from fxlab.module.parameters.parameter_declaration import STRUCTURE_IS_FIXED, ParameterDeclaration

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner


class Rate(ParameterDeclaration):
    """Declare the sample rate in Hz of the numbers that a module holds; None if they apply to any rate.

    It is part of the structure, like a `Count`, and has no slider.

    >>> Rate(doc="Sample rate of the recording.").validate(48_000, "Convolve")
    48000.0
    """

    kind = "rate"
    why_fixed = STRUCTURE_IS_FIXED

    def __init__(self, *, doc: str = "") -> None:
        super().__init__(None, unit="Hz", doc=doc)

    def __get__(self, module: ParameterOwner | None, owner: type | None = None) -> Any:
        return self if module is None else module.__dict__["_discrete"][self.name]

    def store(self, module: ParameterOwner, value: Any) -> None:
        """Check `value` and store it."""
        self.refuse_if_fixed(value, type(module).__name__)
        module.__dict__["_discrete"][self.name] = self.validate(value, type(module).__name__)
        notify_changed(module)

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> float | None:
        """Return the rate as a float, or raise a `ParameterError`."""
        if value is None:
            return None
        try:
            return validate_rate(value, owner)
        except SignalError:
            raise ParameterError(f"{self._full_name(owner)} is {value!r}; it must be {self.allowed()}.") from None

    def allowed(self, sample_rate: float | None = None) -> str:
        """Return the valid values in words."""
        return "a number of Hz above 0, or None for any rate"
