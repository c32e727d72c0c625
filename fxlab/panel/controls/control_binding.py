"""`ControlBinding`: the value behind one control: a parameter, one entry of an array, or one coordinate of a root."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from fxlab.engine import conjugates
from fxlab.errors import EngineError
from fxlab.module import ArrayParam, Module, Param, ParameterDeclaration
from fxlab.module.parameters.continuous import Continuous


@dataclass(frozen=True)
class ControlBinding:
    """A parameter of `owner`; with `index` a number of an array."""

    owner: Module
    declaration: ParameterDeclaration
    index: int | None = None

    @property
    def value(self) -> Any:
        """As JSON takes it; None of what differs by example, or is an array."""
        if self.index is not None and isinstance(self.declaration, ArrayParam):
            return self.declaration.stored(self.owner)[self.index].item()
        held = getattr(self.owner, self.declaration.name)
        if isinstance(self.declaration, ArrayParam):
            return None
        if isinstance(held, Tensor):
            return held.item() if held.numel() == 1 else None
        return held

    def set(self, value: Any) -> None:
        """Set it; one that is being learned stays the same object, so that its optimizer goes on with it."""
        declaration, owner = self.declaration, self.owner
        if not isinstance(declaration, (Param, ArrayParam)):
            setattr(owner, declaration.name, value)
            return
        stored = declaration.stored(owner)
        learned = isinstance(stored, torch.nn.Parameter)
        if self.index is not None:
            whole = stored.detach().clone()  # another thread may be reading the one that is held
            self.put(whole, value)
            declaration.validate(whole, type(owner).__name__)
            value = whole
        elif learned:
            declaration.validate(value, type(owner).__name__)
        if not learned:
            setattr(owner, declaration.name, value)
        else:
            with torch.no_grad():
                stored.copy_(torch.as_tensor(value))

    def put(self, whole: Tensor, value: Any) -> None:
        """Write it into the array that it is a number of."""
        whole[self.index] = value

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where the value is not valid at this sample rate."""
        owner, declaration = self.owner, self.declaration
        if isinstance(declaration, Continuous):
            held = declaration.stored(owner)
            declaration.check(held if self.index is None else held[self.index], type(owner).__name__, sample_rate)
        else:
            declaration.validate(getattr(owner, declaration.name), type(owner).__name__, sample_rate)


@dataclass(frozen=True)
class Coordinate(ControlBinding):
    """Where a root stands in the z plane, along one axis; with `partner` its conjugate goes with it."""

    name: str = ""
    part: Literal["re", "im"] = "re"
    partner: int | None = None

    @property
    def value(self) -> float:
        """The coordinate."""
        root = complex(self.owner.values()[self.name][self.index].item())
        return root.real if self.part == "re" else root.imag

    def put(self, whole: Tensor, value: Any) -> None:
        """See `ControlBinding`."""
        root = complex(whole[self.index].item())
        root = complex(value, root.imag) if self.part == "re" else complex(root.real, value)
        whole[self.index] = torch.tensor(root, dtype=torch.complex128)
        if self.partner is not None:
            whole[self.partner] = torch.tensor(root.conjugate(), dtype=torch.complex128)


def control_bindings(module: Module) -> Iterator[tuple[str, ControlBinding]]:
    """Everything that a control may hold, by path; the numbers of an array as `"gains_db.3"`."""
    for path, owner, declaration in module.walk():
        if has_sliders(owner, declaration):
            for number in range(owner.values()[declaration.name].numel()):
                yield f"{path}.{number}", ControlBinding(owner, declaration, number)
        else:
            yield path, ControlBinding(owner, declaration)
            yield from coordinates(path, owner, declaration)


def has_sliders(owner: Module, declaration: ParameterDeclaration) -> bool:
    """Whether it is an array with one control for each number: one that does not differ by example."""
    return isinstance(declaration, ArrayParam) and declaration.has_sliders and declaration.stored(owner).ndim == 1


def coordinates(path: str, owner: Module, declaration: ParameterDeclaration) -> Iterator[tuple[str, Coordinate]]:
    """Where the roots of an array stand, by path: `"p.0.re"` and, of a pair of conjugates, `"p.0.im"`."""
    for first, partner in root_groups(owner, declaration):
        yield f"{path}.{first}.re", Coordinate(owner, declaration, first, declaration.name, "re", partner)
        if partner is not None:
            yield f"{path}.{first}.im", Coordinate(owner, declaration, first, declaration.name, "im", partner)


def root_groups(owner: Module, declaration: ParameterDeclaration) -> list[tuple[int, int | None]]:
    """The roots that an array holds: pairs of conjugates and single real ones, by their indices, the lower first.

    Two equal real roots are a pair on the axis: so a pair that was dragged there can be dragged off again.
    """
    if not isinstance(declaration, ArrayParam) or declaration.role not in ("pole", "zero"):
        return []
    held = declaration.stored(owner).detach()
    if held.ndim != 1:
        return []
    roots = held.to("cpu", torch.complex128).numpy()
    try:
        pairs, real = conjugates(roots)
    except EngineError:  # what runs it will say so
        return []
    groups: list[tuple[int, int | None]] = [(min(pair), max(pair)) for pair in pairs]
    single: dict[complex, int] = {}
    for place in sorted(real):
        other = single.pop(complex(roots[place].real), None)
        if other is None:
            single[complex(roots[place].real)] = place
        else:
            groups.append((other, place))
    return sorted([*groups, *((place, None) for place in single.values())], key=lambda group: group[0])
