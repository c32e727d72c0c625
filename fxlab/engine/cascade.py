"""A cascade of second-order sections over a signal."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.plain import run_plain
from fxlab.engine.plan import Plan, sizes
from fxlab.engine.recursion import Recursion, filter_rows, full_precision, transformed
from fxlab.engine.sections import (
    broadcast_lead,
    check_companion,
    check_sections,
    check_signal,
    normalise,
    starting_state,
)
from fxlab.engine.statespace import Array, StateSpace, Turn, state_space, to_coupled, to_direct

LONG = 128  # samples: the longest block; of any longer signal the matrices are the same
KEPT = 1 << 14  # bytes of coefficients up to which the matrices made from them are kept


def sosfilt(x: Tensor, sos: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Filter `x` along its last dimension with a cascade of second-order sections.

    Exact to rounding, differentiable in all three arguments, and blind to how a signal is cut: blocks filtered one
    after the other, each with the state that the last one returned, equal the whole filtered at once. An unstable
    filter is computed as it is; from a sample that is not finite on, its row is NaN.

    Shape:
        x: `(..., time)`, float64, float32, or bfloat16 and float16, which compute in float32; any length from 0.
        sos: `(..., sections, 6)`, rows `b0 b1 b2 a0 a1 a2`; its leading dimensions broadcast with those of `x`.
        state: `(..., sections, 2)`, the two delays of each section in transposed direct form II, as
            `scipy.signal.sosfilt` holds them in `zi`; None is silence.
        Returns `y` with the dtype of `x`, and the state after the last sample, in float64.

    Raises:
        EngineError: a wrong shape, dtype or device, a zero `a0`, or a coefficient that is not finite.

    >>> one_pole = torch.tensor([[0.5, 0.0, 0.0, 1.0, -0.5, 0.0]])
    >>> y, state = sosfilt(torch.tensor([1.0, 0.0, 0.0, 0.0]), one_pole)
    >>> y
    tensor([0.5000, 0.2500, 0.1250, 0.0625])
    """
    check_signal("sosfilt", x)
    check_sections("sosfilt", sos)
    check_companion("sosfilt", "sos", sos, x)
    lead = broadcast_lead("sosfilt", x, sos)
    sections, time = sos.shape[-2], x.shape[-1]
    first = None if state is None else starting_state("sosfilt", state, lead, sections, x)
    work = x.to(torch.promote_types(x.dtype, torch.float32)).expand(*lead, time)
    if sections == 0 or work.numel() == 0:
        normalise("sosfilt", sos)
        silence = torch.zeros(*lead, sections, 2, dtype=torch.float64, device=x.device)
        return x.expand(*lead, time).clone(), silence if first is None else first.clone()
    way = _traced if transformed(x) else _rows
    with full_precision(x):
        y, last = way(work, sos, first)
    return y.to(x.dtype), last


def _rows(x: Tensor, sos: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
    """The signal laid out in rows, and filtered by the tiles."""
    lead, time, sections = x.shape[:-1], x.shape[-1], sos.shape[-2]
    signal = x.reshape(-1, time)
    if signal.stride(-1) != 1:
        signal = signal.contiguous()
    rows = signal.shape[0]
    learns = torch.is_grad_enabled() and (
        x.requires_grad or sos.requires_grad or (state is not None and state.requires_grad)
    )
    if learns and sos.requires_grad:
        made = _make(normalise("sosfilt", sos), lead, min(time, LONG), x.dtype, x.device)
    else:
        made = _kept(sos, lead, x)
    if state is None:
        s = torch.zeros(rows, 2 * sections, dtype=torch.float64, device=x.device)
    else:
        s = to_coupled(state.reshape(rows, sections, 2), made.turn)
    if learns:
        y, s = Recursion.apply(made.plan, signal, s, *made.space)
    else:
        y, s = filter_rows(made.plan, signal, s)
    return y.view(*lead, time), to_direct(s, made.turn).view(*lead, sections, 2)


def _traced(x: Tensor, sos: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
    """The same out of plain operations, for PyTorch's transforms."""
    lead, time, sections = x.shape[:-1], x.shape[-1], sos.shape[-2]
    coefficients = sos.double() / sos[..., 3:4].double()
    space, turn = state_space(coefficients)
    if state is None:
        s = x.new_zeros(*lead, 2 * sections, dtype=torch.float64)
    else:
        s = to_coupled(state, turn)
    y, s = run_plain(x, s, space, sizes(2 * sections, time)[0])
    return y, to_direct(s, turn)


class Made(NamedTuple):
    """What is made from coefficients: the state space, its matrices, and the way of the state in and back."""

    space: StateSpace
    plan: Plan
    turn: Turn


def _make(coefficients: Array, lead: tuple[int, ...], time: int, dtype: torch.dtype, device: torch.device) -> Made:
    """Everything made from float64 sections with `a0 = 1`, a tensor (with gradients) or a NumPy array (without)."""
    own, sections = coefficients.shape[:-2], coefficients.shape[-2]
    filters = math.prod(own)
    index = None
    flat = coefficients.reshape(sections, 6) if filters == 1 else coefficients.reshape(filters, sections, 6)
    if filters > 1:
        index = torch.arange(filters, device=device).view(own).expand(lead).reshape(-1)
    space, turn = state_space(flat)
    plan = Plan(StateSpace(*(_values(part) for part in space)), index, time, dtype, device)
    turn = Turn(*(torch.as_tensor(part, device=device) for part in turn))
    if index is not None:
        turn = Turn(*(part[index] for part in turn))
    return Made(StateSpace(*(torch.as_tensor(part, device=device) for part in space)), plan, turn)


def _values(part: Array) -> np.ndarray:
    """The numbers alone, in NumPy, whose small operations cost less."""
    return part.detach().cpu().numpy() if isinstance(part, Tensor) else part


def _kept(sos: Tensor, lead: tuple[int, ...], x: Tensor) -> Made:
    """What these coefficients made before, or make now, for signals like `x`."""
    values = np.ascontiguousarray(sos.detach().cpu().numpy())
    # Of a long signal's length nothing depends on, and of the signal's shape nothing where one filter serves all.
    time = min(x.shape[-1], LONG)
    shared = math.prod(values.shape[:-2]) == 1
    make = _made if values.nbytes <= KEPT else _made.__wrapped__
    content = Content(values.tobytes(), values.dtype.str, values.shape)
    return make(content, () if shared else lead, time, x.dtype, x.device)


class Content(NamedTuple):
    """Coefficients by value: the same numbers find the same matrices, whichever tensor holds them."""

    data: bytes
    kind: str
    shape: tuple[int, ...]


@lru_cache(maxsize=16)
def _made(made_of: Content, lead: tuple[int, ...], time: int, dtype: torch.dtype, device: torch.device) -> Made:
    sos = np.frombuffer(made_of.data, made_of.kind).reshape(made_of.shape).copy()
    with torch.inference_mode(False):
        return _make(normalise("sosfilt", torch.from_numpy(sos)).numpy(), lead, time, dtype, device)
