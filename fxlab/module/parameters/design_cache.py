"""A cache of filter designs and of passed checks.

A design is cached until something that it depends on changes; see `DesignInputs`. A design that carries a gradient is
cached only inside `cache_designs`, a block of code in which no parameter changes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary, WeakValueDictionary

import torch
from torch import Tensor

from fxlab.engine.torch_support.tracing import is_recorded
from fxlab.module.parameters.design_inputs import (
    MAX_RESULTS,
    DesignInputs,
    Environment,
    inputs_of,
    torch_environment,
)
from fxlab.module.parameters.observers import latest_change

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner

_DESIGNS: ContextVar[dict[tuple[ParameterOwner, Hashable], Tensor] | None] = ContextVar("fxlab_designs", default=None)
_CHECKED: ContextVar[set[tuple[ParameterOwner, float]] | None] = ContextVar("fxlab_checked", default=None)
_KEPT: WeakValueDictionary[int, Tensor] = WeakValueDictionary()
"""All cached designs, and the results derived from them, by `id` of the tensor."""


class Derived(NamedTuple):
    """A result that was computed from designs alone, such as the joined sections of a chain."""

    designs: tuple[Tensor, ...]
    result: Tensor
    version: int  # of the result when it was made: a later change in place increases it


_DERIVED: WeakKeyDictionary[ParameterOwner, dict[Hashable, Derived]] = WeakKeyDictionary()


@contextmanager
def cache_designs() -> Iterator[None]:
    """Cache all designs and passed checks inside the `with` block, in which no parameter may change.

    While `torch.compile` traces the block, this has no effect.
    """
    if torch.compiler.is_dynamo_compiling():  # which cannot trace a context variable that is set
        yield
        return
    designs, checked = _DESIGNS.set({}), _CHECKED.set(set())
    try:
        yield
    finally:
        _DESIGNS.reset(designs)
        _CHECKED.reset(checked)


def are_designs_cached() -> bool:
    """Return whether the code runs inside `cache_designs`."""
    return _DESIGNS.get() is not None


def cached_design(module: ParameterOwner, key: Hashable, design: Callable[[], Tensor]) -> Tensor:
    """Return the result of `design`, from the cache if nothing that it depends on has changed since it was computed.

    A result that carries a gradient, or of a module for which `inputs_of` returns None, is cached only inside
    `cache_designs`. The result is shared and must not be changed in place; code that returns it to a user
    returns a copy.

    Args:
        module: The module whose values `design` reads.
        key: The sample rate, or a tuple with the sample rate that distinguishes several designs of one module.
        design: A function that computes the result from the values of the module alone.
    """
    designs = _DESIGNS.get()
    if designs is None:
        return _kept_design(module, key, design)
    found = designs.get((module, key))
    if found is None:
        found = designs[module, key] = _kept_design(module, key, design)
    return found


def check_once(
    module: ParameterOwner, rate: float, check: Callable[[float], None], *, record: bool = True
) -> DesignInputs | None:
    """Call `check(rate)`, which raises an error if a value is invalid, unless the same values are known to pass.

    Args:
        module: The module whose values `check` reads.
        rate: The sample rate in Hz.
        check: A function that raises an error if a value is invalid at the sample rate.
        record: Whether to keep a record of the values, so that the same values are not checked again. It includes the
            values of the parts, so a check of few values is faster without it.

    Returns:
        The record of the values, or None if there is none or the check was passed earlier inside `cache_designs`.
    """
    checked = _CHECKED.get()
    if checked is not None and (module, rate) in checked:
        return None
    inputs = inputs_of(module, torch_environment()) if record else None
    if inputs is None or rate not in inputs.checked:
        change, versions = latest_change(), [] if inputs is None else inputs.versions()
        check(rate)
        if inputs is not None and _is_unchanged(module, inputs, change, versions):
            inputs.keep_checked(rate)
    if checked is not None:
        checked.add((module, rate))
    return inputs


def checked_design(
    module: ParameterOwner, rate: float, environment: Environment | None
) -> tuple[Tensor, DesignInputs] | None:
    """Return the cached design for `rate` in Hz and the record of its checked values, or None.

    The result is None if the values must be checked or the design computed, as for a design with a gradient. For
    `environment` see `inputs_of`.
    """
    inputs = inputs_of(module, environment)
    if inputs is None or rate not in inputs.checked or (torch.is_grad_enabled() and inputs.require_gradient()):
        return None
    kept = inputs.results.get(rate)
    return (kept[0], inputs) if kept is not None and kept[0]._version == kept[1] else None


def derive(owner: ParameterOwner, key: Hashable, designs: tuple[Tensor, ...], make: Callable[[], Tensor]) -> Tensor:
    """Return the result of `make`, or that of an earlier call with the same `owner`, `key` and tensors `designs`.

    The result must depend only on `designs` and `key`. It is cached only if all `designs` are in the cache of designs
    and it requires no gradient, and not while PyTorch records a graph.
    """
    if is_recorded():
        return make()
    derived = _DERIVED.get(owner, {})
    found = derived.get(key)
    if found is not None and _are_same_objects(found.designs, designs) and found.result._version == found.version:
        return found.result
    with _outside_inference_mode():
        result = make()
    if any(result is design for design in designs):
        return result
    if all(_KEPT.get(id(design)) is design for design in designs) and _is_plain(result):
        latest = list(derived.items())[1 - MAX_RESULTS :]
        _DERIVED[owner] = {**dict(latest), key: Derived(designs, result, result._version)}
        _KEPT[id(result)] = result
    return result


def _kept_design(module: ParameterOwner, key: Hashable, design: Callable[[], Tensor]) -> Tensor:
    inputs = inputs_of(module, torch_environment())
    if inputs is None or (torch.is_grad_enabled() and inputs.require_gradient()):
        return design()
    kept = inputs.results.get(key)
    if kept is not None and kept[0]._version == kept[1]:
        return kept[0]
    change, versions = latest_change(), inputs.versions()
    with _outside_inference_mode():
        result = design()
    if _is_plain(result) and _is_unchanged(module, inputs, change, versions):
        if inputs.share_memory_with(result):
            result = result.clone()
        inputs.keep(key, result)
        _KEPT[id(result)] = result
    return result


def _is_unchanged(module: ParameterOwner, inputs: DesignInputs, change: object, versions: list[int]) -> bool:
    """Return whether `module` still has the values recorded in `inputs`, and no change since then was recorded.

    `change` and `versions` are earlier results of `latest_change()` and `inputs.versions()`.
    """
    return (
        latest_change() is change and inputs.versions() == versions and inputs_of(module, inputs.environment) is inputs
    )


@contextmanager
def _outside_inference_mode() -> Iterator[None]:
    """Replace inference mode by `torch.no_grad` inside the `with` block, if it is enabled."""
    # A tensor made in inference mode could not be used in a later call that computes gradients.
    if not torch.is_inference_mode_enabled():
        yield
        return
    with torch.inference_mode(False), torch.no_grad():
        yield


def _is_plain(result: Tensor) -> bool:
    return type(result) is Tensor and not result.requires_grad and not result.is_inference()


def _are_same_objects(a: tuple[Tensor, ...], b: tuple[Tensor, ...]) -> bool:
    return len(a) == len(b) and all(x is y for x, y in zip(a, b, strict=True))
