"""A cache of filter designs and of passed checks, for a block of code in which no parameter changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner

_DESIGNS: ContextVar[dict[tuple[ParameterOwner, float], Tensor] | None] = ContextVar("fxlab_designs", default=None)
_CHECKED: ContextVar[set[tuple[ParameterOwner, float]] | None] = ContextVar("fxlab_checked", default=None)


@contextmanager
def cache_designs() -> Iterator[None]:
    """Check and design each filter only once until the block ends; its parameters must not change in the block."""
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


def cached_design(module: ParameterOwner, rate: float, design: Callable[[], Tensor]) -> Tensor:
    """Return the result of `design`, which is called only once for a module and rate inside `cache_designs`."""
    designs = _DESIGNS.get()
    if designs is None:
        return design()
    if (module, rate) not in designs:
        designs[module, rate] = design()
    return designs[module, rate]


def check_once(module: ParameterOwner, rate: float, check: Callable[[], None]) -> None:
    """Call `check`, which raises if a value is invalid; inside `cache_designs` only until it has passed at `rate`."""
    checked = _CHECKED.get()
    if checked is None:
        check()
    elif (module, rate) not in checked:
        check()
        checked.add((module, rate))
