"""A linear recursion over a signal, in blocks, with its gradients: what `sosfilt` and `lfilter` stand on."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.differentiable import run_part, run_plain
from fxlab.engine.recursion.overflow import run_causally
from fxlab.engine.recursion.plan import Plan
from fxlab.engine.recursion.statespace import Block, StateSpace, block_matrices
from fxlab.engine.recursion.tiles import run
from fxlab.engine.torch_support.buffer_pool import fresh

Gradients = tuple[Tensor | None, ...]


def full_precision(x: Tensor) -> AbstractContextManager[object]:
    """Where autocast is on, a pause of it: it would take the digits from the products that the recursion needs."""
    kind = x.device.type
    if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
        return torch.autocast(kind, enabled=False)
    return nullcontext()


def quiet() -> AbstractContextManager[object]:
    """The powers of an unstable filter may leave the range; what comes of it is looked after where the output is."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def filter_rows(plan: Plan, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """Filter the rows of `x` `(rows, time)` by a plan from `s` `(rows, n)`: the output and the last state."""
    y, after, _ = _run(plan, x, s, keep=False)
    return y, after


def _run(plan: Plan, x: Tensor, s: Tensor, keep: bool) -> tuple[Tensor, Tensor, Tensor | None]:
    y = fresh(x)
    states = x.new_empty(x.shape[0], x.shape[1] // plan.length, plan.states) if keep else None
    after = run(plan, x, s, y, states=states)
    if not math.isfinite(after.sum()):  # one small sum, at half the cost of asking each
        after = run_causally(plan, x, s, y, after)
    return y, after, states


class Recursion(torch.autograd.Function):
    """`filter_rows` with gradients to the signal, the first state and the state space."""

    @staticmethod
    def forward(ctx: Any, plan: Plan, x: Tensor, s: Tensor, *space: Tensor) -> tuple[Tensor, Tensor]:
        """Run the tiles, keeping the blocks' states where the coefficients need a gradient."""
        y, after, states = _run(plan, x, s, keep=any(ctx.needs_input_grad[3:]))
        ctx.save_for_backward(x, s, *space, states)
        ctx.plan = plan
        return y, after

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Gradients:
        """Run the transposed filter backwards in time over the output's gradient."""
        x, s, A, B, C, D, states = ctx.saved_tensors
        with full_precision(x), quiet():
            if torch.is_grad_enabled():
                inputs = (x, s, A, B, C, D)
                return None, *_differentiable(ctx.plan, inputs, ctx.needs_input_grad[1:], grads)
            return None, *_backwards(ctx.plan, (x, s, states), StateSpace(A, B, C, D), grads)


def _backwards(
    plan: Plan, run_: tuple[Tensor, Tensor, Tensor | None], space: StateSpace, grads: tuple[Tensor, ...]
) -> Gradients:
    """The gradients to the signal and the first state, and, where the states were kept, to the state space."""
    x, s, states = run_
    gy, gs = grads
    gy = gy if gy.stride(-1) == 1 else gy.contiguous()
    gx = fresh(gy)
    if states is None:
        return gx, run(plan, gy, gs, gx, reverse=True), None, None, None, None
    ends = torch.empty_like(states)
    start = run(plan, gy, gs, gx, reverse=True, states=ends)
    return gx, start, *_to_space(plan, space, (x, s, states), (gy, gs, ends))


def _differentiable(plan: Plan, inputs: tuple[Tensor, ...], needed: tuple[bool, ...], grads: Gradients) -> Gradients:
    """The same gradients as a graph, for derivatives of derivatives."""
    x, s, *parts = inputs
    if plan.index is not None:
        parts = [part[plan.index] for part in parts]
    outputs = run_plain(x, s, StateSpace(*parts), plan.length)
    wanted = [value for value, need in zip(inputs, needed, strict=True) if need]
    found = iter(torch.autograd.grad(outputs, wanted, grads, create_graph=True, allow_unused=True))
    return tuple(next(found) if need else None for need in needed)


def _to_space(
    plan: Plan, space: StateSpace, run_: tuple[Tensor, Tensor, Tensor], grads: tuple[Tensor, Tensor, Tensor]
) -> Gradients:
    """The gradients to A, B, C, D: first to the matrices of a block, from them through their making."""
    x, s, states = run_
    gy, gs, ends = grads
    rows, time = x.shape
    length = plan.length
    blocks = time // length
    cut = blocks * length
    X, G = x[:, :cut].view(rows, blocks, length), gy[:, :cut].view(rows, blocks, length)
    sums = [_outer(plan, a, b) for a, b in ((G, X), (G, states), (ends, X), (ends, states))]
    ahead, back = (plan.direction(reverse).coordinates for reverse in (False, True))
    if ahead is not None:
        out = _matrix(ahead[1].swapaxes(-1, -2), plan)
        sums[1], sums[3] = sums[1] @ out, sums[3] @ out
    if back is not None:
        out = _matrix(back[1], plan)
        sums[2], sums[3] = out @ sums[2], out @ sums[3]
    with torch.enable_grad():
        leaves = StateSpace(*(part.detach().requires_grad_() for part in space))
        block = block_matrices(leaves, length)
        outputs = [block.H, block.O, block.R, block.squares[-1]]
        if cut < time:
            first = _last_state(plan, X, states) if blocks else s
            if plan.index is not None:
                H, O, R = (part[plan.index] for part in block[:3])  # noqa: E741
                block = Block(H, O, R, [square[plan.index] for square in block.squares])
            outputs += run_part(x[:, cut:], first, block)
            sums += [gy[:, cut:], gs]
        return torch.autograd.grad(outputs, list(leaves), sums)


def _last_state(plan: Plan, X: Tensor, states: Tensor) -> Tensor:
    """The state after the last whole block."""
    d = plan.direction(reverse=False)
    drive = d.up(torch.matmul(X[:, -1:], d.R.mT))
    last = torch.matmul(d.up(states[:, -1:]), d.after_samples(plan.length).mT) + drive
    return d.leave(last).squeeze(1)


def _outer(plan: Plan, a: Tensor, b: Tensor) -> Tensor:
    """The sum over blocks of `a b^T`, for each filter, in float64."""
    each = torch.bmm(a.mT, b).to(plan.home, torch.float64)
    if plan.index is None:
        return each.sum(0)
    filters = plan.space.A.shape[0]
    return each.new_zeros(filters, *each.shape[1:]).index_add_(0, plan.index, each)


def _matrix(matrix: np.ndarray, plan: Plan) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(matrix)).to(plan.home)
