"""Filter structures: the ways a recursive filter is written down, and how each becomes a state space that is run."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import nullcontext
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.differentiable import run_plain
from fxlab.engine.recursion.filter_rows import Recursion, filter_rows, full_precision, quiet
from fxlab.engine.recursion.plan import Plan, sizes
from fxlab.engine.recursion.section_arguments import home, transformed
from fxlab.engine.recursion.statespace import Array, StateSpace

LONG = 128  # samples, the longest block: for any longer signal the matrices are the same
KEPT = 1 << 14  # bytes of coefficients up to which the matrices made from them are kept


class Structure(NamedTuple):
    """How coefficients of one kind, `(..., *core)`, become a state space, and states of that kind its states."""

    check: Callable[[Array], Array]  # refuses bad values; gives float64 with a0 = 1, in NumPy for NumPy
    space: Callable[[Array], tuple[StateSpace, tuple[Array, ...]]]  # the second: what the two below need
    enter: Callable[..., Tensor]  # states as the caller holds them -> (..., n)
    leave: Callable[..., Tensor]


class Made(NamedTuple):
    """What is made from coefficients: the state space, its matrices, and what leads the state in and back."""

    space: StateSpace
    plan: Plan
    turn: tuple[Tensor, ...]


def filter_by(structure: Structure, x: Tensor, coefficients: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
    """Filter `x` `(*lead, time)`, float32 or float64, by coefficients that broadcast to `(*lead, rows, columns)`."""
    with full_precision(x):
        if transformed(x):
            return _traced(structure, x, coefficients, state)
        with quiet():
            return _rows(structure, x, coefficients, state)


def _rows(structure: Structure, x: Tensor, coefficients: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
    """The signal laid out in rows, and filtered by the tiles."""
    lead, time = x.shape[:-1], x.shape[-1]
    signal = x.reshape(-1, time)
    if signal.stride(-1) != 1:
        signal = signal.contiguous()
    coefficients = coefficients.to(home(x.device))
    learns = torch.is_grad_enabled() and (
        x.requires_grad or coefficients.requires_grad or (state is not None and state.requires_grad)
    )
    if learns and coefficients.requires_grad:
        made = _make(structure, structure.check(coefficients), lead, x)
    else:
        made = _kept(structure, coefficients, lead, x)
    rows = signal.shape[0]
    if state is None:
        s = torch.zeros(rows, made.plan.states, dtype=torch.float64, device=made.plan.home)
    else:
        s = structure.enter(state.reshape(rows, *state.shape[len(lead) :]), *made.turn)
    if learns:
        y, s = Recursion.apply(made.plan, signal, s, *made.space)
    else:
        y, s = filter_rows(made.plan, signal, s)
    last = structure.leave(s, *made.turn)
    return y.view(*lead, time), last.reshape(*lead, *last.shape[1:])


def _traced(structure: Structure, x: Tensor, coefficients: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
    """The same out of plain operations, for PyTorch's transforms."""
    space, turn = structure.space(structure.check(coefficients))
    n = space.A.shape[-1]
    s = x.new_zeros(*x.shape[:-1], n, dtype=torch.float64) if state is None else structure.enter(state, *turn)
    y, s = run_plain(x, s, space, sizes(n, x.shape[-1])[0])
    return y, structure.leave(s, *turn)


class Like(NamedTuple):
    """What of a signal its matrices depend on."""

    time: int
    dtype: torch.dtype
    device: torch.device


def _make(structure: Structure, coefficients: Array, lead: tuple[int, ...], like: Tensor | Like) -> Made:
    """Everything made from checked coefficients, a tensor (with gradients) or a NumPy array (without)."""
    if isinstance(like, Tensor):
        like = Like(min(like.shape[-1], LONG), like.dtype, like.device)
    own, core = coefficients.shape[:-2], coefficients.shape[-2:]
    filters = math.prod(own)
    index = None
    if filters > 1:
        index = torch.arange(filters, device=home(like.device)).view(own).expand(lead).reshape(-1)
    space, turn = structure.space(coefficients.reshape(*([filters] if filters > 1 else []), *core))
    plan = Plan(StateSpace(*(_values(part) for part in space)), index, *like)
    turn = tuple(torch.as_tensor(part, device=plan.home) for part in turn)
    if index is not None:
        turn = tuple(part[index] for part in turn)
    return Made(StateSpace(*(torch.as_tensor(part, device=plan.home) for part in space)), plan, turn)


def _values(part: Array) -> np.ndarray:
    """The numbers alone, in NumPy, whose small operations cost less."""
    return part.detach().cpu().numpy() if isinstance(part, Tensor) else part


class Content(NamedTuple):
    """Coefficients by value: the same numbers find the same matrices, whichever tensor holds them."""

    data: bytes
    kind: str
    shape: tuple[int, ...]


def _kept(structure: Structure, coefficients: Tensor, lead: tuple[int, ...], x: Tensor) -> Made:
    """What these coefficients made before, or make now, for signals like `x`."""
    values = np.ascontiguousarray(coefficients.detach().cpu().numpy())
    content = Content(values.tobytes(), values.dtype.str, values.shape)
    like = Like(min(x.shape[-1], LONG), x.dtype, x.device)
    make = _made if values.nbytes <= KEPT else _made.__wrapped__
    # Where one filter serves all rows, how many there are is all the same.
    return make(structure, content, () if math.prod(values.shape[:-2]) == 1 else lead, like)


@lru_cache(maxsize=16)
def _made(structure: Structure, content: Content, lead: tuple[int, ...], like: Like) -> Made:
    values = np.frombuffer(content.data, content.kind).reshape(content.shape)
    with torch.inference_mode(False) if torch.is_inference_mode_enabled() else nullcontext():
        return _make(structure, structure.check(values), lead, like)
