"""Checks of state-space systems that are passed as one matrix `[[A, B], [C, D]]`, `(..., n + 1, n + 1)`."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.array_library import Array
from fxlab.engine.recursion.matrices.state_space import StateSpace
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tensor_checks import all_finite, check_count, check_matches_signal
from fxlab.engine.torch_support.tracing import is_traced
from fxlab.errors import EngineError


def check_system(caller: str, system: Tensor, x: Tensor, *, frames: bool) -> None:
    """Raise an `EngineError` if `system` is not a finite tensor of the expected shape, or does not match `x`.

    The shape is `(..., n + 1, n + 1)` with n of at least 1, or `(..., frames, n + 1, n + 1)` if `frames` is true. The
    values are not checked if PyTorch traces this code (`is_traced`).
    """
    min_dims = 3 if frames else 2
    expected = "(..., frames, n + 1, n + 1)" if frames else "(..., n + 1, n + 1)"
    if not isinstance(system, Tensor):
        raise EngineError(f"{caller}: system is a {type(system).__name__}; it must be a tensor {expected}")
    if system.dim() < min_dims or system.shape[-1] != system.shape[-2] or system.shape[-1] < 2:
        raise EngineError(
            f"{caller}: system has the shape {tuple(system.shape)}; it must be {expected}, the matrices "
            "[[A, B], [C, D]]"
        )
    check_matches_signal(caller, "system", system, x)
    if not (is_traced(system) or all_finite(system)):
        raise EngineError(f"{caller}: system contains values that are not finite; check the design that produced it")


def check_frames(caller: str, frames: int, time: int, hop_length: int) -> None:
    """Raise an `EngineError` unless `hop_length` is a positive integer and `time` samples have `frames` hops."""
    check_count(caller, "hop_length", hop_length, "samples")
    hops = -(-time // hop_length)
    if frames != hops:
        raise EngineError(
            f"{caller}: system has {frames} frames; {time} samples in hops of {hop_length} need {hops}, one for each "
            "hop"
        )


def broadcast_system_batch(caller: str, x: Tensor, system: Tensor, *, frames: bool) -> torch.Size:
    """Return the shape to which the leading dimensions of `x` and `system` broadcast.

    These are all dimensions except the last of `x` and the last two of `system`, or the last three if `frames` is true.

    Raises:
        EngineError: The dimensions do not broadcast.
    """
    system_batch = system.shape[: system.dim() - (3 if frames else 2)]
    try:
        return broadcast_shapes(x.shape[:-1], system_batch)
    except RuntimeError:
        raise EngineError(
            f"{caller}: x of shape {tuple(x.shape)} and system of shape {tuple(system.shape)}: the leading dimensions "
            f"{tuple(x.shape[:-1])} and {tuple(system_batch)} do not broadcast"
        ) from None


def split_system(system: Array) -> StateSpace:
    """Return the matrices A, B, C and D of a system `(..., n + 1, n + 1)`."""
    return StateSpace(system[..., :-1, :-1], system[..., :-1, -1], system[..., -1, :-1], system[..., -1, -1])
