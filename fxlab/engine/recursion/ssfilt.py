"""A linear system over a signal, by its matrices: for filters whose state means something of its own."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.section_arguments import (
    check_companion,
    check_signal,
    home,
    state_of,
    transformed,
)
from fxlab.engine.recursion.statespace import Array, StateSpace
from fxlab.engine.recursion.structure import Structure, filter_by
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import EngineError


def ssfilt(x: Tensor, system: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Filter `x` along its last dimension by `s[k+1] = A s[k] + B x[k]`, `y[k] = C s[k] + D x[k]`.

    What `sosfilt` is for sections this is for matrices: exact, in blocks, differentiable in all three. The state is
    the system's own, in float64, and so may go on under another system whose state means the same.

    Shape:
        x: `(..., time)`, any floating point; float16 and bfloat16 compute in float32.
        system: `(..., n + 1, n + 1)`, the matrices as one, `[[A, B], [C, D]]`; its leading dimensions broadcast with
            those of `x`.
        state: `(..., n)`; None is rest.
        Returns `y` with the dtype of `x`, and the state after the last sample, in float64.

    Raises:
        EngineError: a wrong shape, dtype or device, or a matrix that is not finite.

    >>> delay = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    >>> ssfilt(torch.tensor([1.0, 2.0, 3.0]), delay)[0]
    tensor([0., 1., 2.])
    """
    caller = "ssfilt"
    check_signal(caller, x)
    check_system(caller, system, x, frames=False)
    lead = lead_of(caller, x, system, 2)
    first = state_of(caller, state, lead, system.shape[-1] - 1, x, " and system")
    work = x.to(torch.promote_types(x.dtype, torch.float32)).expand(*lead, x.shape[-1])
    if work.numel() == 0:
        return work.to(x.dtype).clone(), first.clone()
    y, last = filter_by(SYSTEM, work, system, None if state is None else first)
    return y.to(x.dtype), last


def check_system(caller: str, system: Tensor, x: Tensor, *, frames: bool) -> None:
    """Refuse what is not `(..., n + 1, n + 1)`, or with `frames` not `(..., frames, n + 1, n + 1)`."""
    least = 3 if frames else 2
    wanted = "(..., frames, n + 1, n + 1)" if frames else "(..., n + 1, n + 1)"
    if not isinstance(system, Tensor):
        raise EngineError(f"{caller}: system is a {type(system).__name__}; it must be a tensor {wanted}")
    if system.dim() < least or system.shape[-1] != system.shape[-2] or system.shape[-1] < 2:
        raise EngineError(
            f"{caller}: system has the shape {tuple(system.shape)}; it must be {wanted}, the matrices [[A, B], [C, D]]"
        )
    check_companion(caller, "system", system, x)
    if not (transformed(system) or bool(torch.isfinite(system).all())):
        raise EngineError(f"{caller}: system holds numbers that are not finite: look at the design that made it")


def check_frames(caller: str, found: int, time: int, hop_length: int) -> None:
    """Refuse a number of frames that is not one for each hop."""
    if not isinstance(hop_length, int) or isinstance(hop_length, bool) or hop_length < 1:
        raise EngineError(f"{caller}: hop_length is {hop_length!r}; it must be a whole number of samples, 1 or more")
    hops = -(-time // hop_length)
    if found != hops:
        raise EngineError(
            f"{caller}: system has {found} frames; {time} samples in hops of {hop_length} need {hops}, one for each hop"
        )


def lead_of(caller: str, x: Tensor, system: Tensor, core: int) -> torch.Size:
    """The leading dimensions that the signal and the system share."""
    own = system.shape[: system.dim() - core]
    try:
        return broadcast_shapes(x.shape[:-1], own)
    except RuntimeError:
        raise EngineError(
            f"{caller}: x of shape {tuple(x.shape)} and system of shape {tuple(system.shape)}: the leading dimensions "
            f"{tuple(x.shape[:-1])} and {tuple(own)} do not broadcast"
        ) from None


def parts(system: Array) -> StateSpace:
    """`A, B, C, D` of a system in one matrix."""
    return StateSpace(system[..., :-1, :-1], system[..., :-1, -1], system[..., -1, :-1], system[..., -1, -1])


def _double(system: Array) -> Array:
    return system.to(home(system.device), torch.float64) if isinstance(system, Tensor) else np.array(system, np.float64)


def _space(system: Array) -> tuple[StateSpace, tuple[Array, ...]]:
    return parts(system), ()


def _same(state: Tensor) -> Tensor:
    return state


SYSTEM = Structure(_double, _space, _same, _same)
