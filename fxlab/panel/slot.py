"""`Slot`: one value that a control of the panel holds: a parameter, or a number of an array."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fxlab.module import Declaration, Module, Numbers, Param
from fxlab.module.continuous import Continuous


@dataclass(frozen=True)
class Slot:
    """A parameter of `owner`; with `index` a number of an array."""

    owner: Module
    declaration: Declaration
    index: int | None = None

    @property
    def value(self) -> Any:
        """As JSON takes it; None of what differs by example, or is an array."""
        if self.index is not None and isinstance(self.declaration, Numbers):
            return self.declaration.stored(self.owner)[self.index].item()
        held = getattr(self.owner, self.declaration.name)
        if isinstance(self.declaration, Numbers):
            return None
        if isinstance(held, Tensor):
            return held.item() if held.numel() == 1 else None
        return held

    def set(self, value: Any) -> None:
        """Set it; one that is being learned stays the same object, so that its optimizer goes on with it."""
        declaration, owner = self.declaration, self.owner
        if not isinstance(declaration, (Param, Numbers)):
            setattr(owner, declaration.name, value)
            return
        stored = declaration.stored(owner)
        learned = isinstance(stored, torch.nn.Parameter)
        if self.index is not None:
            whole = stored.detach().clone()  # another thread may be reading the one that is held
            whole[self.index] = value
            declaration.validate(whole, type(owner).__name__)
            value = whole
        elif learned:
            declaration.validate(value, type(owner).__name__)
        if not learned:
            setattr(owner, declaration.name, value)
        else:
            with torch.no_grad():
                stored.copy_(torch.as_tensor(value))

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where the value is not valid at this sample rate."""
        owner, declaration = self.owner, self.declaration
        if isinstance(declaration, Continuous):
            held = declaration.stored(owner)
            declaration.check(held if self.index is None else held[self.index], type(owner).__name__, sample_rate)
        else:
            declaration.validate(getattr(owner, declaration.name), type(owner).__name__, sample_rate)


def slots(module: Module) -> Iterator[tuple[str, Slot]]:
    """Everything that a control may hold, by path; the numbers of an array as `"gains_db.3"`."""
    for path, owner, declaration in module.walk():
        if has_sliders(owner, declaration):
            for number in range(owner.values()[declaration.name].numel()):
                yield f"{path}.{number}", Slot(owner, declaration, number)
        else:
            yield path, Slot(owner, declaration)


def has_sliders(owner: Module, declaration: Declaration) -> bool:
    """Whether it is an array with one control for each number: one that does not differ by example."""
    return isinstance(declaration, Numbers) and declaration.has_sliders and declaration.stored(owner).ndim == 1
