"""How a panel's module is changed as a whole: a stage more, or everything as another module has it."""

from __future__ import annotations

from typing import Any

from fxlab.errors import ParameterError
from fxlab.module import Chain, Module
from fxlab.module.parameters.continuous import Continuous
from fxlab.panel.controls.control_binding import ControlBinding


def added(module: Module, stage: Any, index: int | None = None) -> Module:
    """`module` with a stage more, at the end or as stage `index`: a chain itself, or a chain of the two.

    What admits no such stage, an equaliser of bands only, becomes one stage of a chain.
    """
    if isinstance(module, Chain):
        try:
            module.insert(len(module) if index is None else index, stage)
        except ParameterError:
            if type(module) is Chain:
                raise
        else:
            return module
    return Chain(stage, module) if index == 0 else Chain(module, stage)


def chain_of(module: Module) -> Chain:
    """The chain whose stages the panel edits."""
    if not isinstance(module, Chain):
        raise ParameterError(f"Panel: {type(module).__name__} is no Chain, so it has no stages to edit; add one first.")
    return module


def fitted(present: Module, wanted: Module) -> Module:
    """Something that holds what `wanted` does, and keeps the parts of `present` where they are of the same kind."""
    if type(present) is type(wanted) and isinstance(present, Chain) and isinstance(wanted, Chain):
        left = list(present)
        entries = []
        for entry in wanted._entries():
            same = next((number for number, stage in enumerate(left) if _alike(stage, entry.stage)), None)
            entries.append(entry if same is None else entry._replace(stage=fitted(left.pop(same), entry.stage)))
        present._arrange(entries)
        present.sample_rate = wanted.sample_rate
        return present
    if isinstance(present, Chain) and type(present) is Chain:
        whole = Chain(sample_rate=present.sample_rate)
        whole._arrange(whole._flat([wanted]))
        return fitted(present, whole)
    if not _alike(present, wanted):
        if isinstance(wanted, Chain):
            entries = wanted._entries()
            for number, entry in enumerate(entries):
                if _alike(present, entry.stage):
                    entries[number] = entry._replace(stage=fitted(present, entry.stage))
                    wanted._arrange(entries)
                    break
        return wanted
    for part, other in zip(present.modules(), wanted.modules(), strict=True):
        if isinstance(part, Module) and isinstance(other, Module):
            _take(part, other)
    return present


def _take(part: Module, other: Module) -> None:
    """Give a part the values of another of its kind; one that is being learned stays the same `nn.Parameter`."""
    for name, declaration in part.declarations.items():
        if not isinstance(declaration, Continuous):
            declaration.store(part, getattr(other, name))
            continue
        value = declaration.stored(other).detach()
        if declaration.stored(part).shape == value.shape:
            ControlBinding(part, declaration).set(value)
        else:
            declaration.store(part, value)
    if isinstance(part, Chain) and isinstance(other, Chain):
        part.bypassed, part.soloed = other.bypassed, other.soloed
    part.sample_rate = other.sample_rate


def _alike(one: Module, other: Module) -> bool:
    """Whether they are made of the same parts, so that one can take the other's values."""
    if isinstance(one, Chain) and isinstance(other, Chain) and type(one) is type(other):
        return True
    parts = [(path, type(part)) for path, part in one.named_modules()]
    return parts == [(path, type(part)) for path, part in other.named_modules()]
