"""Realizations: the conversion of filter coefficients to a state space, and a cache of its matrices."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import nullcontext
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.array_library import Array
from fxlab.engine.recursion.matrices.filter_plan import FilterPlan
from fxlab.engine.recursion.matrices.state_space import StateSpace
from fxlab.engine.torch_support.known_values import to_numpy
from fxlab.engine.torch_support.precision import float64_device

MAX_BLOCK = 128  # samples; the matrices are the same for all longer signals
MAX_CACHED_BYTES = 1 << 14  # the largest size of coefficients whose matrices are cached


class Realization(NamedTuple):
    """The functions that convert coefficients of one kind, `(..., rows, columns)`, and filter states to a state space.

    `to_state_space` returns the state space and a transform, a tuple of arrays, which is passed to `to_internal` and
    `to_external` as further arguments.
    """

    name: str
    normalize: Callable[[Array], Array]  # raises for invalid values; returns float64 with a0 = 1, NumPy for NumPy
    to_state_space: Callable[[Array], tuple[StateSpace, tuple[Array, ...]]]
    to_internal: Callable[..., Tensor]  # states as the caller passes them -> states of the state space, (..., n)
    to_external: Callable[..., Tensor]  # the inverse
    state_shape: Callable[[int, int], tuple[int, ...]]  # rows and columns -> shape of the caller's states
    short: bool = False  # whether `short_signals` may be used, which converts the states by products with matrices


class PreparedFilter(NamedTuple):
    """A state space, its plan, and the transform between the caller's states and those of the state space."""

    space: StateSpace
    plan: FilterPlan
    transform: tuple[Tensor, ...]


class SignalKind(NamedTuple):
    """The properties of a signal on which the matrices of its filter depend."""

    time: int
    dtype: torch.dtype
    device: torch.device

    @classmethod
    def of(cls, x: Tensor) -> SignalKind:
        """Return the kind of `x`, with a `time` of at most `MAX_BLOCK`."""
        return cls(min(x.shape[-1], MAX_BLOCK), x.dtype, x.device)


class CoefficientKey(NamedTuple):
    """The values of coefficients, with their dtype and shape, as a cache key."""

    data: bytes
    dtype: str
    shape: tuple[int, ...]


def prepare(
    realization: Realization, coefficients: Array, batch_shape: tuple[int, ...], kind: SignalKind
) -> PreparedFilter:
    """Return the filter of normalized coefficients `(..., rows, columns)` for signals `(*batch_shape, time)` of `kind`.

    The coefficients are a tensor (with gradients) or a NumPy array (without). Their leading dimensions broadcast to
    `batch_shape`. With several filters, the tensors of the transform have one entry for each row of the signal.
    """
    filters_shape, matrix_shape = coefficients.shape[:-2], coefficients.shape[-2:]
    filters = math.prod(filters_shape)
    index = None
    if filters > 1:
        numbers = torch.arange(filters, device=float64_device(kind.device))
        index = numbers.view(filters_shape).expand(batch_shape).reshape(-1)
    flat = coefficients.reshape(*([filters] if filters > 1 else []), *matrix_shape)
    space, transform = realization.to_state_space(flat)
    values = StateSpace(*(to_numpy(part) if isinstance(part, Tensor) else part for part in space))
    plan = FilterPlan(values, index, *kind)
    transform = tuple(torch.as_tensor(part, device=plan.state_device) for part in transform)
    if index is not None:
        transform = tuple(part[index] for part in transform)
    tensors = StateSpace(*(torch.as_tensor(part, device=plan.state_device) for part in space))
    return PreparedFilter(tensors, plan, transform)


def prepare_cached(
    realization: Realization, coefficients: Tensor, batch_shape: tuple[int, ...], kind: SignalKind
) -> PreparedFilter:
    """Return the result of `prepare`, without gradients, for coefficients that are not normalized yet.

    Results for coefficients of at most `MAX_CACHED_BYTES` bytes are cached by the values of the coefficients.
    """
    values = np.ascontiguousarray(to_numpy(coefficients))
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
        return prepare(realization, realization.normalize(values), batch_shape, kind)
