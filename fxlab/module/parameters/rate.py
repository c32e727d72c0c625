"""`Rate`: the declaration of the sample rate of the numbers that a module contains."""

from __future__ import annotations

from typing import Any

from fxlab.errors import ParameterError, SignalError
from fxlab.module.checks import validate_rate
from fxlab.module.parameters.structure_declaration import StructureDeclaration


class Rate(StructureDeclaration):
    """The declaration of the sample rate in Hz of the numbers that a module contains; None if they apply to any rate.

    It is part of the structure, like a `Count`, and has no slider.

    >>> Rate(doc="Sample rate of the recording.").validate(48_000, "Convolve")
    48000.0
    """

    kind = "rate"

    def __init__(self, *, doc: str = "") -> None:
        super().__init__(None, unit="Hz", doc=doc)

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> float | None:
        """Return None for None, and a finite number above 0 as a float; raise a `ParameterError` for anything else."""
        if value is None:
            return None
        try:
            return validate_rate(value, owner)
        except SignalError:
            raise ParameterError(f"{self._full_name(owner)} is {value!r}; it must be {self.allowed()}.") from None

    def allowed(self, sample_rate: float | None = None) -> str:
        """Return the valid values as text for messages."""
        return "a number of Hz above 0, or None for any rate"
