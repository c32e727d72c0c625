"""`Snapshot`: the stages, values and sample rates of a module at one moment, to be restored later."""

from __future__ import annotations

import copy
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from fxlab.module import Chain, Module, ParameterDeclaration
from fxlab.module.compose.stage_entries import Entry
from fxlab.module.parameters.continuous import Continuous
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.parameters.owner import ParameterOwner

MAX_COPIED_SIZE = 4096  # elements; a longer array is not copied, because setting it replaces the tensor


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The stages of a module, and the values and the sample rate of each of its parts, at one moment.

    It refers to the parts themselves, so that restoring it gives the same objects their values back; a learned
    parameter stays the same `nn.Parameter`.
    """

    module: Module
    chains: tuple[tuple[Chain, tuple[Entry, ...]], ...]
    """Each chain and its stages, each stage with whether it is bypassed and whether it is soloed."""
    values: dict[tuple[ParameterOwner, str], Any]
    """The values of all parts and of their controls, as `_copy_value` returns them, by part and parameter name."""
    sample_rates: dict[ParameterOwner, float | None]
    """The attribute `sample_rate` of each part, in Hz; None if it is not set."""

    @classmethod
    def of(cls, module: Module) -> Snapshot:
        """Return a snapshot of `module`."""
        parts = [part for part in module.modules() if isinstance(part, ParameterOwner)]
        values = {(part, name): _copy_value(part, d) for part in parts for name, d in part.declarations.items()}
        chains = tuple((part, tuple(part._entries())) for part in parts if isinstance(part, Chain))
        return cls(module, chains, values, {part: part.sample_rate for part in parts})

    def differences(self, other: Snapshot) -> frozenset[Hashable]:
        """Return the differences from `other` as a set, which is empty if there are none.

        It contains the pair `(id(part), name)` for each value or sample rate that differs, `"stages"` if the stages
        differ or one of the snapshots has parameters that the other does not have, and `"size"` if the `_size` of a
        value differs, as when a point is added to an automation.
        """
        found: set[Hashable] = set()
        if self.module is not other.module or self.chains != other.chains:
            found.add("stages")
        for key in self.values.keys() | other.values.keys():
            if key not in self.values or key not in other.values:
                found.add("stages")
            elif not _equal(self.values[key], other.values[key]):
                found.add((id(key[0]), key[1]))
                if _size(self.values[key]) != _size(other.values[key]):
                    found.add("size")
        for part in self.sample_rates.keys() & other.sample_rates.keys():
            if self.sample_rates[part] != other.sample_rates[part]:
                found.add((id(part), "sample_rate"))
        return frozenset(found)

    def restore(self) -> Module:
        """Restore the stages, values and sample rates of all parts, and return the module."""
        for chain, entries in self.chains:
            if chain._entries() != list(entries):
                chain._set_entries(list(entries))
        for (part, name), value in self.values.items():
            declaration = part.declarations[name]
            if not _equal(_copy_value(part, declaration), value):
                _restore_value(part, declaration, value)
        for part, sample_rate in self.sample_rates.items():
            if part.sample_rate != sample_rate:
                part.sample_rate = sample_rate
        return self.module

    def build_module(self) -> Module:
        """Return a separate module with the stages, values and sample rates of the snapshot; its parts are copies."""
        memo: dict[int, Any] = {}
        for part in self.sample_rates:
            copy.deepcopy(part, memo)
        for chain, entries in self.chains:
            copy.deepcopy(chain, memo)._set_entries(
                [entry._replace(stage=copy.deepcopy(entry.stage, memo)) for entry in entries]
            )
        module: Module = copy.deepcopy(self.module, memo)
        for (part, name), value in self.values.items():
            part_copy = memo[id(part)]
            stored = nn.Parameter(value[1].clone()) if isinstance(value, tuple) else value
            stored = memo[id(value)] if isinstance(value, MovingValue) else stored
            part_copy.declarations[name].store(part_copy, stored)
        for part, sample_rate in self.sample_rates.items():
            memo[id(part)].sample_rate = sample_rate
        return module


def _copy_value(part: ParameterOwner, declaration: ParameterDeclaration) -> Any:
    """Return the value of a parameter of `part`, as a snapshot stores it.

    For an `nn.Parameter`, the result is a tuple of the parameter itself and a copy of its data. Any other tensor is
    copied, unless it has more than `MAX_COPIED_SIZE` elements or requires a gradient. A control is not copied, because
    its values are stored as those of another part.
    """
    if not isinstance(declaration, Continuous) or declaration.name in part.controls():
        return getattr(part, declaration.name)
    stored = declaration.stored(part)
    if isinstance(stored, nn.Parameter):
        return stored, stored.detach().clone()
    return stored if stored.requires_grad or stored.numel() > MAX_COPIED_SIZE else stored.clone()


def _size(value: Any) -> int:
    """Return the number of elements of a tensor, and 0 for any other result of `_copy_value`."""
    return value.numel() if isinstance(value, Tensor) else 0


def _equal(a: Any, b: Any) -> bool:
    """Return whether two results of `_copy_value` are equal; controls and `nn.Parameter`s must be the same objects."""
    if isinstance(a, MovingValue) or isinstance(b, MovingValue):
        return a is b
    if isinstance(a, tuple) and isinstance(b, tuple):
        return a[0] is b[0] and _equal(a[1], b[1])
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        same_kind = a.shape == b.shape and a.dtype == b.dtype
        return a is b or (same_kind and torch.equal(a.to(b.device), b))
    return type(a) is type(b) and bool(a == b)


def _restore_value(part: ParameterOwner, declaration: ParameterDeclaration, value: Any) -> None:
    """Store a result of `_copy_value` in the parameter; a tensor is moved to the device of the present value."""
    if not isinstance(declaration, Continuous) or isinstance(value, MovingValue):
        declaration.store(part, value)
        return
    device = declaration.stored(part).device
    if not isinstance(value, tuple):
        declaration.store(part, value.to(device))
        return
    parameter, numbers = value
    if declaration.stored(part) is not parameter:
        declaration.store(part, parameter)
    with torch.no_grad():
        parameter.data = parameter.data.to(device)
        parameter.copy_(numbers)
