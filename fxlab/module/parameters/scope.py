"""How a parameter reads while its module runs: as a tensor shaped for the input at hand.

Outside a call `lowpass.cutoff` is a `float`. Inside `forward` it is a tensor that broadcasts against the input, and
inside `design` one in float64 that broadcasts against the other parameters. A context variable, not an attribute,
says which: a panel's worker thread may run a module while the notebook reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import broadcast_shapes

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner

NO_ARRAYS: dict[str, int] = {}
_DESIGNS: ContextVar[dict[tuple[ParameterOwner, float], Tensor] | None] = ContextVar("fxlab_designs", default=None)
_CHECKED: ContextVar[set[tuple[ParameterOwner, float]] | None] = ContextVar("fxlab_checked", default=None)
_FRAME: ContextVar[tuple[ParameterOwner, dict[str, Tensor]] | None] = ContextVar("fxlab_frame", default=None)


def current(module: ParameterOwner) -> dict[str, Tensor] | None:
    """The values that `module` reads now, or None when it is not running."""
    frame = _FRAME.get()
    return frame[1] if frame is not None and frame[0] is module else None


@contextmanager
def running(module: ParameterOwner, values: dict[str, Tensor]) -> Iterator[None]:
    """Let `module` read `values` until the block ends."""
    token = _FRAME.set((module, values))
    try:
        yield
    finally:
        _FRAME.reset(token)


@contextmanager
def designed_once() -> Iterator[None]:
    """Until the block ends, check and design each filter once; its parameters must not change within."""
    designs, checked = _DESIGNS.set({}), _CHECKED.set(set())
    try:
        yield
    finally:
        _DESIGNS.reset(designs)
        _CHECKED.reset(checked)


def design_of(module: ParameterOwner, rate: float, design: Callable[[], Tensor]) -> Tensor:
    """What `design` gives, or gave before within `designed_once`."""
    held = _DESIGNS.get()
    if held is None:
        return design()
    if (module, rate) not in held:
        held[module, rate] = design()
    return held[module, rate]


def checked_once(module: ParameterOwner, rate: float, check: Callable[[], None]) -> None:
    """Run `check`, which raises where a value is not valid, unless it found nothing before within `designed_once`."""
    held = _CHECKED.get()
    if held is None:
        check()
    elif (module, rate) not in held:
        check()
        held.add((module, rate))


def align(
    values: dict[str, Tensor], ndim: int, like: Tensor | None = None, ranks: dict[str, int] = NO_ARRAYS
) -> dict[str, Tensor]:
    """Give each value `ndim` dimensions by adding them behind, so that the leading ones line up.

    With `like`, values that have a shape also take its dtype and device; a scalar needs neither, since a 0-d tensor
    does not promote its partner. An array, which has `ranks[name]` dimensions of its own behind, is float64 or
    complex128 wherever it is read.
    """
    aligned = {}
    for name, value in values.items():
        shaped = value
        if name in ranks:
            aligned[name] = _array(value, ranks[name], ndim if like is None else ndim - 1, like)
            continue
        if value.ndim:
            shaped = value.reshape(value.shape + (1,) * max(0, ndim - value.ndim))
            if like is not None:
                shaped = shaped.to(like)
        elif like is not None and value.device != like.device and value.device.type != "cpu":
            shaped = value.to(like.device)  # a CPU scalar goes with any device, the others only with their own
        aligned[name] = shaped
    return aligned


def together(values: dict[str, Tensor], ranks: dict[str, int] = NO_ARRAYS) -> dict[str, Tensor]:
    """The values in float64 with one number of dimensions, so that they broadcast against each other.

    Those of arrays stand in front of the `ranks[name]` of their own.
    """
    ndim = max((value.ndim - ranks.get(name, 0) for name, value in values.items()), default=0)
    double = {
        name: value if value.dtype == torch.float64 or name in ranks else value.double()
        for name, value in values.items()
    }
    return align(double, ndim, None, ranks) if ndim or ranks else double


def _array(value: Tensor, rank: int, lead: int, like: Tensor | None) -> Tensor:
    batch, own = value.shape[: value.ndim - rank], value.shape[value.ndim - rank :]
    wide = value.to(torch.complex128 if value.is_complex() else torch.float64)
    if like is not None:
        wide = wide.to(like.device)
    return wide.reshape(batch + (1,) * max(0, lead - len(batch)) + own)


def ahead(value: Tensor, other: Tensor) -> Tensor:
    """`value` `(batch…, n)` with dimensions put before the last, so that its batch lines up with that of `other`."""
    missing = other.ndim - value.ndim
    if missing <= 0 or value.ndim == 1:
        return value
    return value.reshape(value.shape[:-1] + (1,) * missing + value.shape[-1:])


def joined(parts: list[Tensor]) -> Tensor:
    """Vectors `(batch…, n)` one behind the other, their batches lined up from the front."""
    like = max(parts, key=lambda part: part.ndim)
    shaped = [ahead(part, like) for part in parts]
    batch = broadcast_shapes(*(part.shape[:-1] for part in shaped))
    return torch.cat([part.expand(batch + part.shape[-1:]) for part in shaped], -1)
