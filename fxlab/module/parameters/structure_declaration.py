"""`StructureDeclaration`: the base class of parameters that are part of a module's structure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fxlab.module.parameters.observers import notify_changed
from fxlab.module.parameters.parameter_declaration import STRUCTURE_IS_FIXED, ParameterDeclaration

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner


class StructureDeclaration(ParameterDeclaration):
    """The base class of parameters whose value is a Python object and not a tensor; they cannot move."""

    why_fixed = STRUCTURE_IS_FIXED

    def __get__(self, module: ParameterOwner | None, owner: type | None = None) -> Any:
        return self if module is None else module.__dict__["_discrete"][self.name]

    def store(self, module: ParameterOwner, value: Any) -> None:
        """Check `value` and store it.

        Raises:
            ParameterError: The value is invalid, or is a control.
        """
        self.refuse_if_fixed(value, type(module).__name__)
        module.__dict__["_discrete"][self.name] = self.validate(value, type(module).__name__)
        notify_changed(module)
