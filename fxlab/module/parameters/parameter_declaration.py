"""`ParameterDeclaration`: the base class of declared parameters, with a name, a default, a unit and a description."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import torch
from torch import Tensor, nn

from fxlab.errors import ParameterError
from fxlab.module.parameters.labels import LABELS
from fxlab.module.parameters.moving_value import MovingValue

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner


Only = tuple[str, tuple[str, ...]]
"""The name of a `Choice`, and its options for which another parameter has an effect."""


STRUCTURE_IS_FIXED = "it is not a continuous parameter, and is chosen once for the whole sound. Give it a constant."


class ParameterDeclaration(ABC):
    """The base class of the declarations of parameters: `Param`, `ArrayParam`, `Choice`, `Count` and others.

    A declaration is a class attribute of a module; its `name` is the name of this attribute.
    """

    kind: ClassVar[str]
    why_fixed: ClassVar[str] = ""
    """The reason, in a sentence, why the value cannot be a control; empty if it can."""
    zero_is_automatic: ClassVar[bool] = False
    """Whether 0 means that the value is derived from other values; it is then displayed as "auto"."""
    name: str = "(not assigned to a class yet)"

    def __init__(
        self, default: Any, *, unit: str = "", doc: str = "", role: str | None = None, only: Only | None = None
    ) -> None:
        self.default, self.unit, self.doc, self.role, self.only = default, unit, doc, role, only
        self.keyword = self.name

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.keyword = self.keyword_or(name)

    def keyword_or(self, name: str) -> str:
        """Return the constructor's keyword for the parameter `name`; a subclass may use another keyword."""
        return name

    @abstractmethod
    def __get__(self, module: ParameterOwner | None, owner: type | None = None) -> Any:
        """Return the value of the parameter in `module`, or the declaration itself when read from the class."""

    def applies(self, module: ParameterOwner) -> bool:
        """Return whether the parameter has an effect with the module's current values; see `only` of `Param`."""
        return self.only is None or getattr(module, self.only[0]) in self.only[1]

    def __set__(self, module: ParameterOwner, value: Any) -> None:
        self.store(module, value)

    @abstractmethod
    def store(self, module: ParameterOwner, value: Any) -> None:
        """Check `value` and store it in `module`."""

    @abstractmethod
    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> Any:
        """Return `value` in its stored form, or raise a `ParameterError` that names the class `owner`."""

    @abstractmethod
    def allowed(self, sample_rate: float | None = None) -> str:
        """Return the valid values as text for messages; `sample_rate` is in Hz."""

    def source(self, value: Any) -> str:
        """Return `value` as Python source, as in the `repr` of a module."""
        return python_literal(value)

    def encode(self, value: Any) -> Any:
        """Return `value` in a JSON-compatible form."""
        return value

    def decode(self, value: Any, owner: str) -> Any:
        """Return the value that `encode` encoded, for the parameter of the class named `owner`."""
        return value

    @property
    def label(self) -> str:
        """The name for display, from `LABELS` or the attribute: "Gain" for `gain_db`, "Attack" for `attack_ms`."""
        if self.name in LABELS:
            return LABELS[self.name]
        words = self.name.split("_")
        if len(words) > 1 and words[-1].lower() == self.unit.lower():
            words = words[:-1]
        text = " ".join(words)
        return text.upper() if len(text) == 1 else text[:1].upper() + text[1:]

    def format(self, value: float | str | bool) -> str:
        """Return `value` as text with its unit, for messages and cards: `"1000 Hz"`."""
        text = f"{value:.6g}" if isinstance(value, float) else str(value)
        return f"{text} {self.unit}" if self.unit else text

    def _full_name(self, owner: str) -> str:
        return f"{owner}: {self.keyword}"

    def refuse_if_fixed(self, value: Any, owner: str) -> None:
        """Raise a `ParameterError` if `value` is a control and parameters of this kind cannot move."""
        if self.why_fixed and isinstance(value, MovingValue):
            self.refuse_control(owner, value, self.why_fixed)

    def refuse_control(self, owner: str, control: MovingValue, reason: str) -> NoReturn:
        """Raise a `ParameterError`, since this parameter cannot move; `reason` is a sentence that explains why."""
        raise ParameterError(f"{self._full_name(owner)} cannot be {control!r}, since it cannot move: {reason}")

    def _unit_phrase(self) -> str:
        return f" in {self.unit}" if self.unit else ""

    def __repr__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"<{type(self).__name__} {self.name} = {self.default!r}{unit}>"


def python_literal(value: Any) -> str:
    """Return `value` as Python source; a tensor on the meta device, which has no value, gives `"<on meta>"`."""
    if isinstance(value, Tensor):
        if value.is_meta:
            return "<on meta>"  # where it has no value
        values = value.detach().tolist()
        dtype = "" if value.dtype == torch.get_default_dtype() else f", dtype={value.dtype}"
        text = f"torch.tensor({values!r}{dtype})"
        return f"torch.nn.Parameter({text})" if isinstance(value, nn.Parameter) else text
    return repr(value)
