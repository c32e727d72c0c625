"""`ControlBinding`: the value that one control sets: a parameter, an array element, or a coordinate of a root."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from fxlab.control import Automation
from fxlab.engine import conjugate_pairs
from fxlab.errors import EngineError, ParameterError
from fxlab.module import ArrayParam, Module, Param, ParameterDeclaration
from fxlab.module.parameters.continuous import Continuous
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.parameters.owner import ParameterOwner
from fxlab.panel.protocol import Values

MAX_POINTS = 256
"""The largest number of points of an automation that a page can edit; every change of one point sends all of them."""


@dataclass(frozen=True)
class ControlBinding:
    """The value that a control sets: a parameter of `owner`, such as a module or an LFO, or an element of an array."""

    owner: ParameterOwner
    declaration: ParameterDeclaration
    index: int | None = None
    """The index of the element; None for the complete value."""

    @property
    def value(self) -> Any:
        """The value as a JSON type.

        It is None for a whole array, for a parameter that has several values (one for each example), and for a
        parameter that moves.
        """
        if self.index is not None and isinstance(self.declaration, ArrayParam):
            return self.declaration.stored(self.owner)[self.index].item()
        value = getattr(self.owner, self.declaration.name)
        if isinstance(self.declaration, ArrayParam) or isinstance(value, MovingValue):
            return None
        if isinstance(value, Tensor):
            return value.item() if value.numel() == 1 else None
        return value

    def set(self, value: Any) -> None:
        """Set the value; a learned parameter stays the same object, so that its optimizer continues with it.

        If the value is an element of an array that is not learned, a changed copy replaces the array.

        Raises:
            ParameterError: The value is invalid.
        """
        declaration, owner = self.declaration, self.owner
        if not isinstance(declaration, (Param, ArrayParam)):
            setattr(owner, declaration.name, value)
            return
        stored = declaration.stored(owner)
        is_learned = isinstance(stored, torch.nn.Parameter)
        if self.index is not None:
            array = stored.detach().clone()  # another thread may be reading the stored one
            self.write_into(array, value)
            declaration.validate(array, type(owner).__name__)
            value = array
        elif is_learned:
            declaration.validate(value, type(owner).__name__)
        if not is_learned:
            setattr(owner, declaration.name, value)
        else:
            with torch.no_grad():
                stored.copy_(torch.as_tensor(value))

    def write_into(self, array: Tensor, value: Any) -> None:
        """Write `value` into `array` at the index of this binding."""
        array[self.index] = value

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if the value is not valid at this sample rate."""
        owner, declaration = self.owner, self.declaration
        control = owner.controls().get(declaration.name)
        if control is not None and isinstance(declaration, Param):
            declaration.check_control(control, type(owner).__name__, sample_rate)
        elif isinstance(declaration, Continuous):
            stored = declaration.stored(owner)
            declaration.check(stored if self.index is None else stored[self.index], type(owner).__name__, sample_rate)
        else:
            declaration.validate(getattr(owner, declaration.name), type(owner).__name__, sample_rate)


@dataclass(frozen=True)
class CoordinateBinding(ControlBinding):
    """One coordinate of a root in the z plane, that is, of element `index` of an array of poles or zeros."""

    name: str = ""
    """The name of the array."""
    part: Literal["re", "im"] = "re"
    """Whether it is the real or the imaginary part."""
    partner: int | None = None
    """The index of the conjugate root, which moves too; None for a single real root."""

    @property
    def value(self) -> float:
        """The real or imaginary part of the root."""
        root = complex(self.owner.values()[self.name][self.index].item())
        return root.real if self.part == "re" else root.imag

    def write_into(self, array: Tensor, value: Any) -> None:
        """Set the coordinate of the root in `array` to `value`; also write the conjugate, if `partner` is not None."""
        root = complex(array[self.index].item())
        root = complex(value, root.imag) if self.part == "re" else complex(root.real, value)
        array[self.index] = torch.tensor(root, dtype=torch.complex128)
        if self.partner is not None:
            array[self.partner] = torch.tensor(root.conjugate(), dtype=torch.complex128)


@dataclass(frozen=True)
class PointsBinding(ControlBinding):
    """The points of an `Automation` as one value, `[[time, value], …]` in seconds and the unit of the parameter."""

    owner: Automation

    @property
    def value(self) -> Any:
        """The points; None if there are more than `MAX_POINTS`, or if they are learned or differ between examples."""
        times, values = (self.owner.values()[name] for name in ("times", "points"))
        if times.ndim != 1 or values.ndim != 1 or len(times) > MAX_POINTS or self.owner._parameters:
            return None
        return [list(pair) for pair in zip(times.tolist(), values.tolist(), strict=True)]

    def set(self, value: Any) -> None:
        """Set the times and values of the points; restore the previous ones if they are invalid.

        Raises:
            ParameterError: The times are negative or not in order, or a value is invalid.
        """
        owner, before = self.owner, self.value
        try:
            self._store(value)
            owner.check_points()
        except ParameterError:
            self._store(before)
            raise

    def _store(self, points: Any) -> None:
        for name, numbers in zip(("times", "points"), zip(*points, strict=True), strict=True):
            self.owner.declarations[name].store(self.owner, torch.tensor(numbers, dtype=torch.float64))


def control_bindings(module: Module) -> Iterator[tuple[str, ControlBinding]]:
    """Yield the path and the binding of every control of a module and its parts.

    An element of an array with sliders has a path such as `"gains_db.3"`, and a coordinate of a root one such as
    `"p.0.re"`. Parameters without a control are included; `ControlBinding.value` is None for most of them.
    """
    for path, owner, declaration in module.walk():
        if has_sliders(owner, declaration):
            for index in range(owner.values()[declaration.name].numel()):
                yield f"{path}.{index}", ControlBinding(owner, declaration, index)
        elif isinstance(owner, Automation) and declaration.name == "points":
            yield path, PointsBinding(owner, declaration)
        else:
            yield path, ControlBinding(owner, declaration)
            yield from coordinates(path, owner, declaration)


def control_values(module: Module) -> Values:
    """Return the values of the controls by path, without those whose `value` is None."""
    values = {path: binding.value for path, binding in control_bindings(module)}
    return {path: value for path, value in values.items() if value is not None}


def first_invalid_path(module: Module, sample_rate: float) -> str | None:
    """Return the path of the first control whose value is not valid at the sample rate; None if there is none."""
    for path, binding in control_bindings(module):
        try:
            binding.check(sample_rate)
        except ParameterError:
            return path
    return None


def has_sliders(owner: ParameterOwner, declaration: ParameterDeclaration) -> bool:
    """Return whether a parameter is an array with a slider per element; False for an array with values per example."""
    return isinstance(declaration, ArrayParam) and declaration.has_sliders and declaration.stored(owner).ndim == 1


def coordinates(
    path: str, owner: ParameterOwner, declaration: ParameterDeclaration
) -> Iterator[tuple[str, CoordinateBinding]]:
    """Yield the path and the binding of each coordinate of an array's roots.

    The paths are such as `"p.0.re"` and, for a pair of conjugates, `"p.0.im"`. Nothing is yielded if the result of
    `root_groups` is empty.
    """
    for first, partner in root_groups(owner, declaration):
        yield f"{path}.{first}.re", CoordinateBinding(owner, declaration, first, declaration.name, "re", partner)
        if partner is not None:
            yield f"{path}.{first}.im", CoordinateBinding(owner, declaration, first, declaration.name, "im", partner)


def root_groups(owner: ParameterOwner, declaration: ParameterDeclaration) -> list[tuple[int, int | None]]:
    """Return the indices of an array's roots in groups: conjugate pairs, the lower index first, and single real roots.

    The second index of a single root is None. Two equal real roots form a pair, so that a pair that was dragged onto
    the real axis can be dragged off it again.

    The list is empty unless `declaration` is an array of poles or zeros, without batch dimensions, whose complex roots
    are in conjugate pairs.
    """
    if not isinstance(declaration, ArrayParam) or declaration.role not in ("pole", "zero"):
        return []
    stored = declaration.stored(owner).detach()
    if stored.ndim != 1:
        return []
    roots = stored.to("cpu", torch.complex128).numpy()
    try:
        pairs, real = conjugate_pairs(roots)
    except EngineError:  # the module raises this error itself when it runs
        return []
    groups: list[tuple[int, int | None]] = [(min(pair), max(pair)) for pair in pairs]
    single: dict[complex, int] = {}
    for index in sorted(real):
        other = single.pop(complex(roots[index].real), None)
        if other is None:
            single[complex(roots[index].real)] = index
        else:
            groups.append((other, index))
    return sorted([*groups, *((index, None) for index in single.values())], key=lambda group: group[0])
