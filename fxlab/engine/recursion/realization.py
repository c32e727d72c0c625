"""Realizations: conversion of filter coefficients to a state space, and filtering with it."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import nullcontext
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.array_library import Array
from fxlab.engine.recursion.differentiable_filter import differentiable_filter
from fxlab.engine.recursion.filter_plan import FilterPlan, block_sizes
from fxlab.engine.recursion.filter_rows import FilterRows, filter_rows, ignore_overflow
from fxlab.engine.recursion.state_space import StateSpace
from fxlab.engine.torch_support.precision import disable_autocast, float64_device
from fxlab.engine.torch_support.tracing import is_traced

MAX_BLOCK = 128  # samples; the matrices are the same for all longer signals
MAX_CACHED_BYTES = 1 << 14  # of coefficients; the matrices of larger ones are not cached


class Realization(NamedTuple):
    """The functions that convert one kind of coefficients, `(..., rows, columns)`, and their states to a state space.

    `to_state_space` returns the state space and a transform, a tuple of arrays, which is passed to `to_internal` and
    `to_external` as further arguments.
    """

    normalize: Callable[[Array], Array]  # raises for invalid values; returns float64 with a0 = 1, NumPy for NumPy
    to_state_space: Callable[[Array], tuple[StateSpace, tuple[Array, ...]]]
    to_internal: Callable[..., Tensor]  # states as the caller passes them -> states of the state space, (..., n)
    to_external: Callable[..., Tensor]  # the inverse


class PreparedFilter(NamedTuple):
    """A state space, its plan, and the transform between the caller's states and those of the state space."""

    space: StateSpace
    plan: FilterPlan
    transform: tuple[Tensor, ...]


class SignalKind(NamedTuple):
    """The properties of a signal that the matrices of its filter depend on."""

    time: int
    dtype: torch.dtype
    device: torch.device

    @classmethod
    def of(cls, x: Tensor) -> SignalKind:
        """Return the properties of `x`."""
        return cls(min(x.shape[-1], MAX_BLOCK), x.dtype, x.device)


class CoefficientKey(NamedTuple):
    """The values of coefficients as a cache key: tensors with equal values share the same matrices."""

    data: bytes
    dtype: str
    shape: tuple[int, ...]


def filter_signal(
    realization: Realization, x: Tensor, coefficients: Tensor, state: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Filter `x` `(*batch_shape, time)`, float32 or float64, and return the output and the state after it.

    The coefficients broadcast to `(*batch_shape, rows, columns)`.
    """
    with disable_autocast(x):
        if is_traced(x):
            return _filter_traced(realization, x, coefficients, state)
        with ignore_overflow():
            return _filter_eager(realization, x, coefficients, state)


def _filter_eager(
    realization: Realization, x: Tensor, coefficients: Tensor, state: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Reshape the signal to rows, and filter them in tiles."""
    batch_shape, time = x.shape[:-1], x.shape[-1]
    signal = x.reshape(-1, time)
    if signal.stride(-1) != 1:
        signal = signal.contiguous()
    coefficients = coefficients.to(float64_device(x.device))
    needs_gradient = torch.is_grad_enabled() and (
        x.requires_grad or coefficients.requires_grad or (state is not None and state.requires_grad)
    )
    if needs_gradient and coefficients.requires_grad:
        prepared = _prepare(realization, realization.normalize(coefficients), batch_shape, SignalKind.of(x))
    else:
        prepared = _prepare_cached(realization, coefficients, batch_shape, SignalKind.of(x))
    rows, plan = signal.shape[0], prepared.plan
    if state is None:
        s = torch.zeros(rows, plan.states, dtype=torch.float64, device=plan.state_device)
    else:
        s = realization.to_internal(state.reshape(rows, *state.shape[len(batch_shape) :]), *prepared.transform)
    if needs_gradient:
        y, s = FilterRows.apply(plan, signal, s, *prepared.space)
    else:
        y, s = filter_rows(plan, signal, s)
    last = realization.to_external(s, *prepared.transform)
    return y.view(*batch_shape, time), last.reshape(*batch_shape, *last.shape[1:])


def _filter_traced(
    realization: Realization, x: Tensor, coefficients: Tensor, state: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Filter with plain differentiable operations, for PyTorch's transforms."""
    space, transform = realization.to_state_space(realization.normalize(coefficients))
    n = space.A.shape[-1]
    if state is None:
        s = x.new_zeros(*x.shape[:-1], n, dtype=torch.float64)
    else:
        s = realization.to_internal(state, *transform)
    y, s = differentiable_filter(x, s, space, block_sizes(n, x.shape[-1])[0])
    return y, realization.to_external(s, *transform)


def _prepare(
    realization: Realization, coefficients: Array, batch_shape: tuple[int, ...], kind: SignalKind
) -> PreparedFilter:
    """Compute the plan of normalized coefficients, a tensor (with gradients) or a NumPy array (without)."""
    filters_shape, matrix_shape = coefficients.shape[:-2], coefficients.shape[-2:]
    filters = math.prod(filters_shape)
    index = None
    if filters > 1:
        numbers = torch.arange(filters, device=float64_device(kind.device))
        index = numbers.view(filters_shape).expand(batch_shape).reshape(-1)
    flat = coefficients.reshape(*([filters] if filters > 1 else []), *matrix_shape)
    space, transform = realization.to_state_space(flat)
    plan = FilterPlan(StateSpace(*(_to_numpy(part) for part in space)), index, *kind)
    transform = tuple(torch.as_tensor(part, device=plan.state_device) for part in transform)
    if index is not None:
        transform = tuple(part[index] for part in transform)
    tensors = StateSpace(*(torch.as_tensor(part, device=plan.state_device) for part in space))
    return PreparedFilter(tensors, plan, transform)


def _to_numpy(array: Array) -> np.ndarray:
    return array.detach().cpu().numpy() if isinstance(array, Tensor) else array


def _prepare_cached(
    realization: Realization, coefficients: Tensor, batch_shape: tuple[int, ...], kind: SignalKind
) -> PreparedFilter:
    """Return the plan of coefficients that need no gradient, from the cache if their values are in it."""
    values = np.ascontiguousarray(coefficients.detach().cpu().numpy())
    key = CoefficientKey(values.tobytes(), values.dtype.str, values.shape)
    prepare = _prepare_key if values.nbytes <= MAX_CACHED_BYTES else _prepare_key.__wrapped__
    # If all rows share one filter, the plan does not depend on the number of rows.
    return prepare(realization, key, () if math.prod(values.shape[:-2]) == 1 else batch_shape, kind)


@lru_cache(maxsize=16)
def _prepare_key(
    realization: Realization, key: CoefficientKey, batch_shape: tuple[int, ...], kind: SignalKind
) -> PreparedFilter:
    values = np.frombuffer(key.data, key.dtype).reshape(key.shape)
    with torch.inference_mode(False) if torch.is_inference_mode_enabled() else nullcontext():
        return _prepare(realization, realization.normalize(values), batch_shape, kind)
