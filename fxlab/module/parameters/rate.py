"""`Rate`: declares the sample rate that a module's numbers were taken at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fxlab.errors import ParameterError, SignalError
from fxlab.module.checks import positive_rate
from fxlab.module.parameters.parameter import ParameterDeclaration

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner


class Rate(ParameterDeclaration):
    """Declare a sample rate in Hz that belongs to what a module holds; None where its numbers fit any.

    It is part of the structure, as a `Count` is, and no slider moves it.

    >>> Rate(doc="Where it was recorded.").validate(48_000, "Convolve")
    48000.0
    """

    kind = "rate"

    def __init__(self, *, doc: str = "") -> None:
        super().__init__(None, unit="Hz", doc=doc)

    def __get__(self, module: ParameterOwner | None, owner: type | None = None) -> Any:
        return self if module is None else module.__dict__["_discrete"][self.name]

    def store(self, module: ParameterOwner, value: Any) -> None:
        """Check `value` and keep it."""
        module.__dict__["_discrete"][self.name] = self.validate(value, type(module).__name__)

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> float | None:
        """Return the rate, or say what one is."""
        if value is None:
            return None
        try:
            return positive_rate(value, owner)
        except SignalError:
            raise ParameterError(f"{self._whose(owner)} is {value!r}; allowed is {self.allowed()}.") from None

    def allowed(self, sample_rate: float | None = None) -> str:
        """What is valid, in words."""
        return "a number of Hz above 0, or None where any rate fits"
