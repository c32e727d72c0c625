"""`Snapshot`: what a module holds at one moment, to be taken up again."""

from __future__ import annotations

import copy
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from fxlab.module import Chain, Module, ParameterDeclaration
from fxlab.module.compose.stages import Entry
from fxlab.module.parameters.continuous import Continuous

LONGEST = 4096  # numbers: a longer array is kept as it is, not copied; setting one puts another in its place


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A module's stages, and the values of each part, as they were.

    It keeps the parts themselves, so that to restore it gives the same objects their values back; one that is being
    learned stays the same `nn.Parameter`.
    """

    module: Module
    chains: tuple[tuple[Chain, tuple[Entry, ...]], ...]
    values: dict[tuple[Module, str], Any]

    @classmethod
    def of(cls, module: Module) -> Snapshot:
        """What `module` holds now."""
        parts = [part for part in module.modules() if isinstance(part, Module)]
        values = {(part, name): _kept(part, d) for part in parts for name, d in part.declarations.items()}
        return cls(module, tuple((part, tuple(part._entries())) for part in parts if isinstance(part, Chain)), values)

    def changed(self, other: Snapshot) -> frozenset[Hashable]:
        """What the two differ in: parts with the names of their values, and `"stages"`."""
        found: set[Hashable] = set()
        if self.module is not other.module or self.chains != other.chains:
            found.add("stages")
        for key in self.values.keys() | other.values.keys():
            if key not in self.values or key not in other.values:
                found.add("stages")
            elif not _equal(self.values[key], other.values[key]):
                found.add((id(key[0]), key[1]))
        return frozenset(found)

    def restore(self) -> Module:
        """Give everything its stages and values back; returns the module."""
        for chain, entries in self.chains:
            if chain._entries() != list(entries):
                chain._arrange(list(entries))
        for (part, name), kept in self.values.items():
            declaration = part.declarations[name]
            if not _equal(_kept(part, declaration), kept):
                _put(part, declaration, kept)
        return self.module

    def made(self) -> Module:
        """A module of its own that holds the same."""
        memo: dict[int, Any] = {}
        for part, _ in self.values:
            copy.deepcopy(part, memo)
        for chain, entries in self.chains:
            copy.deepcopy(chain, memo)._arrange(
                [entry._replace(stage=copy.deepcopy(entry.stage, memo)) for entry in entries]
            )
        module: Module = copy.deepcopy(self.module, memo)
        for (part, name), kept in self.values.items():
            own = memo[id(part)]
            held = nn.Parameter(kept[1].clone()) if isinstance(kept, tuple) else kept
            own.declarations[name].store(own, held)
        return module


def _kept(part: Module, declaration: ParameterDeclaration) -> Any:
    """A value that nobody changes any more; of a learned one also the parameter that holds it."""
    if not isinstance(declaration, Continuous):
        return getattr(part, declaration.name)
    held = declaration.stored(part)
    if isinstance(held, nn.Parameter):
        return held, held.detach().clone()
    return held if held.requires_grad or held.numel() > LONGEST else held.clone()


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return one[0] is other[0] and _equal(one[1], other[1])
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        alike = one.shape == other.shape and one.dtype == other.dtype
        return one is other or (alike and torch.equal(one.to(other.device), other))
    return type(one) is type(other) and bool(one == other)


def _put(part: Module, declaration: ParameterDeclaration, kept: Any) -> None:
    if not isinstance(declaration, Continuous):
        declaration.store(part, kept)
        return
    device = declaration.stored(part).device
    if not isinstance(kept, tuple):
        declaration.store(part, kept.to(device))
        return
    parameter, values = kept
    if declaration.stored(part) is not parameter:
        declaration.store(part, parameter)
    with torch.no_grad():
        parameter.data = parameter.data.to(device)
        parameter.copy_(values)
