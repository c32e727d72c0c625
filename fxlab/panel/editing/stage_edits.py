"""Changes of a module's stages: inserting a stage, and adopting the stages and values of another module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import nn

from fxlab.errors import ParameterError
from fxlab.module import Chain, Module
from fxlab.module.parameters.continuous import Continuous
from fxlab.module.parameters.control import Control
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.parameters.owner import ParameterOwner
from fxlab.panel.controls.control_binding import ControlBinding


def insert_stage(module: Module, stage: Any, index: int | None = None) -> Module:
    """Add `stage` to `module`, at the end or before stage `index`; return the chain: `module` itself or a new one.

    A module that is not a chain, or a subclass of `Chain` that rejects the stage, such as an equalizer of bands only,
    becomes one stage of a new chain. The new stage is then the second, or the first if `index` is 0.

    Raises:
        ParameterError: `stage` cannot be a stage of a chain.
        IndexError: `module` is a chain, and `index` is neither that of a stage nor the number of stages.
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


def require_chain(module: Module) -> Chain:
    """Return `module` if it is a chain.

    Raises:
        ParameterError: `module` is not a chain, so it has no stages to edit.
    """
    if not isinstance(module, Chain):
        raise ParameterError(
            f"Panel: {type(module).__name__} is not a Chain, so it has no stages to edit; add one first."
        )
    return module


def merge_into(present: Module, wanted: Module) -> Module:
    """Return a module with the stages and values of `wanted` that keeps objects of `present`, by the following rules.

    - If both are chains of the same class, the result is `present` with the stages of `wanted`, in their order. For
      each of them, a stage of `present` with the same structure is kept and merged with it; without such a stage, the
      stage of `wanted` is moved to `present`. The other stages of `present` are removed.
    - If `present` is a plain `Chain` and `wanted` is not, `wanted` is put in a chain, and the two are merged.
    - If the modules have the same structure, the result is `present` with the values of `wanted`.
    - Otherwise, the result is `wanted`. If it is a chain, its first stage with the structure of `present` is replaced
      by `present`, which gets the values of that stage.

    `_has_same_structure` compares the structures. Both modules may be modified.
    """
    if type(present) is type(wanted) and isinstance(present, Chain) and isinstance(wanted, Chain):
        available = list(present)
        entries = []
        for entry in wanted._entries():
            match = next((i for i, stage in enumerate(available) if _has_same_structure(stage, entry.stage)), None)
            stage = entry.stage if match is None else merge_into(available.pop(match), entry.stage)
            entries.append(entry._replace(stage=stage))
        present._set_entries(entries)
        present.sample_rate = wanted.sample_rate
        return present
    if isinstance(present, Chain) and type(present) is Chain:
        chain = Chain(sample_rate=present.sample_rate)
        chain._set_entries(chain._entries_of([wanted]))
        return merge_into(present, chain)
    if not _has_same_structure(present, wanted):
        if isinstance(wanted, Chain):
            entries = wanted._entries()
            for index, entry in enumerate(entries):
                if _has_same_structure(present, entry.stage):
                    entries[index] = entry._replace(stage=merge_into(present, entry.stage))
                    wanted._set_entries(entries)
                    break
        return wanted
    for (_, part), (_, source) in zip(list(_parts(present)), list(_parts(wanted)), strict=True):
        if isinstance(part, Module) and isinstance(source, Module):
            _copy_values(part, source)
    return present


def _parts(module: Module) -> Iterator[tuple[str, nn.Module]]:
    """Yield the path and the object of the module and of each part, except the controls of moving parameters."""
    controls = tuple(f"{path}." for path, part in module.named_modules() if isinstance(part, MovingValue))
    for path, part in module.named_modules():
        if not f"{path}.".startswith(controls):
            yield path, part


def _copy_values(part: ParameterOwner, source: ParameterOwner) -> None:
    """Give `part` the values, controls and sample rate of `source`, which has the same class.

    An `nn.Parameter` of the same shape and a control of the same class stay the same objects; any other control of
    `source` is shared with `part`. A chain also has the bypassed and soloed stages of `source` afterwards.
    """
    for name, declaration in part.declarations.items():
        control, present = source.controls().get(name), part.controls().get(name)
        if isinstance(control, Control):
            if isinstance(present, Control) and type(present) is type(control):
                _copy_values(present, control)
            else:
                declaration.store(part, control)
            continue
        if not isinstance(declaration, Continuous):
            declaration.store(part, getattr(source, name))
            continue
        value = declaration.stored(source).detach()
        if declaration.stored(part).shape == value.shape:
            ControlBinding(part, declaration).set(value)
        else:
            declaration.store(part, value)
    if isinstance(part, Chain) and isinstance(source, Chain):
        part.bypassed, part.soloed = source.bypassed, source.soloed
    part.sample_rate = source.sample_rate


def _has_same_structure(a: Module, b: Module) -> bool:
    """Return whether `a` and `b` are modules whose parts have equal paths and classes, or chains of the same class.

    Chains of the same class count as the same structure whatever their stages are.
    """
    if isinstance(a, Chain) and isinstance(b, Chain) and type(a) is type(b):
        return True
    parts = [(path, type(part)) for path, part in _parts(a)]
    return parts == [(path, type(part)) for path, part in _parts(b)]
