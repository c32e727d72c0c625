"""Filtering of rows of samples in blocks, with explicit gradients: the core of `sosfilt`, `lfilter` and `ssfilt`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.array_library import ignore_overflow
from fxlab.engine.recursion.matrices.block_gradients import BlockGradients, state_space_gradients
from fxlab.engine.recursion.matrices.filter_plan import FilterPlan
from fxlab.engine.recursion.matrices.state_space import StateSpace
from fxlab.engine.recursion.rows.differentiable_filter import differentiable_filter
from fxlab.engine.recursion.rows.overflowed_rows import refilter_overflowed_rows
from fxlab.engine.recursion.rows.row_products import matmul_rows
from fxlab.engine.recursion.rows.segments import MIN_TRAINING_SAMPLES
from fxlab.engine.recursion.rows.tiles import filter_tiles
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.precision import disable_autocast
from fxlab.engine.torch_support.row_alignment import allocate_rows
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

PART = 1 << 18  # samples of the rows whose outer products one thread sums

Gradients = tuple[Tensor | None, ...]


def filter_rows(plan: FilterPlan, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """Return the rows of `x` `(rows, time)`, filtered from the states `s` `(rows, n)`, float64, and the last states."""
    y, after, _ = _filter(plan, x, s, keep_states=False)
    return y, after


def _filter(plan: FilterPlan, x: Tensor, s: Tensor, keep_states: bool) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return the results of `filter_rows`, and the states before each block, or None if `keep_states` is false.

    The states are those that `tiles.filter_tiles` writes, `(rows, blocks, n)`.
    """
    y = allocate_like(x)
    states = allocate_rows((x.shape[0], x.shape[1] // plan.length, plan.states), x) if keep_states else None
    after = filter_tiles(plan, x, s, y, states=states)
    if not math.isfinite(after.sum()):  # one small sum costs half as much as testing each state
        after = refilter_overflowed_rows(plan, x, s, y, after)
    return y, after, states


class FilterRows(torch.autograd.Function):
    """`filter_rows` with gradients for the signal, the first states and the state space."""

    @staticmethod
    def forward(ctx: Any, plan: FilterPlan, x: Tensor, s: Tensor, *space: Tensor) -> tuple[Tensor, Tensor]:
        """Return the results of `filter_rows`; save the state before each block if the state space needs a gradient."""
        y, after, states = _filter(plan, x, s, keep_states=any(ctx.needs_input_grad[3:]))
        ctx.save_for_backward(x, s, *space, states)
        ctx.plan = plan
        return y, after

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Gradients:
        """Return the gradients for the inputs of `forward`."""
        x, s, A, B, C, D, states = ctx.saved_tensors
        with disable_autocast(x), ignore_overflow():
            if torch.is_grad_enabled():
                inputs = (x, s, A, B, C, D)
                return None, *_differentiable_gradients(ctx.plan, inputs, ctx.needs_input_grad[1:], grads)
            return None, *_gradients(ctx.plan, (x, s, states), grads)


def _gradients(plan: FilterPlan, saved: tuple[Tensor, Tensor, Tensor | None], grads: tuple[Tensor, ...]) -> Gradients:
    """Return the gradients for the signal, the first states, A, B, C and D, given those for `y` and the last states.

    `saved` are the signal, the first states, and the states before each block. If the latter are None, so are the
    gradients for A, B, C and D.
    """
    x, s, states = saved
    gy, gs = grads
    gy = gy if gy.stride(-1) == 1 else gy.contiguous()
    gx = allocate_like(gy)
    if states is None:
        return gx, filter_tiles(plan, gy, gs, gx, reverse=True), None, None, None, None
    adjoint_states = allocate_rows(states.shape, states)
    start = filter_tiles(plan, gy, gs, gx, reverse=True, states=adjoint_states)
    return gx, start, *_state_space_gradients(plan, (x, s, states), (gy, gs, adjoint_states))


def _differentiable_gradients(
    plan: FilterPlan, inputs: tuple[Tensor, ...], needed: tuple[bool, ...], grads: Gradients
) -> Gradients:
    """Return the gradients for the `inputs` that are `needed`, themselves differentiable, and None for the others."""
    x, s, *matrices = inputs
    if plan.index is not None:
        matrices = [matrix[plan.index] for matrix in matrices]
    outputs = differentiable_filter(x, s, StateSpace(*matrices), plan.length)
    wanted = [value for value, need in zip(inputs, needed, strict=True) if need]
    found = iter(torch.autograd.grad(outputs, wanted, grads, create_graph=True, allow_unused=True))
    return tuple(next(found) if need else None for need in needed)


def _state_space_gradients(
    plan: FilterPlan, saved: tuple[Tensor, Tensor, Tensor], grads: tuple[Tensor, Tensor, Tensor]
) -> Gradients:
    """Return the gradients for A, B, C and D.

    The gradients for the matrices of a block are sums of outer products over all blocks. `saved` are the signal, the
    first states, and the states before each block; `grads` are the gradients for the output and the last states, and
    the states of the transposed filter at each block.
    """
    x, s, states = saved
    gy, gs, adjoint_states = grads
    rows, time = x.shape
    length = plan.length
    blocks = time // length
    end = blocks * length
    X, G = x[:, :end].view(rows, blocks, length), gy[:, :end].view(rows, blocks, length)
    pairs = ((G, X), (G, states), (adjoint_states, X), (adjoint_states, states))
    of_block = BlockGradients(*(_sum_outer_products(plan, row_sums) for row_sums in _outer_products(pairs)))
    forward, backward = (plan.direction(reverse).coordinates for reverse in (False, True))
    if forward is not None:
        to_plan = forward[1].swapaxes(-1, -2)
        of_block = of_block._replace(O=of_block.O @ to_plan, step=of_block.step @ to_plan)
    if backward is not None:
        to_plan = backward[1]
        of_block = of_block._replace(R=to_plan @ of_block.R, step=to_plan @ of_block.step)
    partial_step = None
    if end < time:
        first = _state_after_blocks(plan, X, states) if blocks else s
        of_block, step = _add_partial_block(plan, of_block, (x[:, end:], first), (gy[:, end:], gs))
        partial_step = time - end, step
    found = state_space_gradients(plan.space.C, plan.block, of_block, partial_step)
    return tuple(torch.from_numpy(np.ascontiguousarray(part)).to(plan.state_device) for part in found)


def _add_partial_block(
    plan: FilterPlan, of_block: BlockGradients, inputs: tuple[Tensor, Tensor], grads: tuple[Tensor, Tensor]
) -> tuple[BlockGradients, np.ndarray]:
    """Add the gradients from the samples after the last complete block to `of_block`, in place.

    Returns `of_block`, and the gradient for the transition over these samples. `inputs` are these samples and the
    states before them; `grads` are the gradients for their output and for the last states.
    """
    exact = [[part.to(plan.state_device, torch.float64) for part in each] for each in (inputs, grads)]
    right, left = (torch.cat(each, 1).unsqueeze(1) for each in exact)
    samples = inputs[0].shape[1]
    sums = _sum_outer_products(plan, left.mT @ right)
    H, O, R, step = of_block  # noqa: E741
    H[..., :samples, :samples] += sums[..., :samples, :samples]
    O[..., :samples, :] += sums[..., :samples, samples:]
    R[..., -samples:] += sums[..., samples:, :samples]
    return BlockGradients(H, O, R, step), sums[..., samples:, samples:]


def _state_after_blocks(plan: FilterPlan, X: Tensor, states: Tensor) -> Tensor:
    """Return the states after the last complete block, `(rows, n)`, in the coordinates of the plan's state space.

    `X`, `(rows, blocks, length)`, are the samples of the blocks, and `states`, `(rows, blocks, n)`, the states before
    the blocks, in the coordinates of the products.
    """
    d = plan.direction(reverse=False)
    forcing = d.to_float64(matmul_rows(X[:, -1:], d.R))
    last = matmul_rows(d.to_float64(states[:, -1:]), d.sample_transition(plan.length)) + forcing
    return d.from_coordinates(last).squeeze(1)


def _outer_products(pairs: Sequence[tuple[Tensor, Tensor]]) -> list[Tensor]:
    """Return the sum of `a b^T` over all blocks of each row, for each pair `(a, b)` of tensors `(rows, blocks, …)`."""
    if not pairs[0][0].is_cpu:
        return [torch.bmm(a.mT, b) for a, b in pairs]
    rows, blocks, length = pairs[0][0].shape
    at_once = max(1, PART // (blocks * length)) if blocks else rows
    slices = [slice(first, first + at_once) for first in range(0, rows, at_once)]
    workers = max_workers() if rows * blocks * length >= MIN_TRAINING_SAMPLES else 1
    products = run_parts(
        lambda part: torch.bmm(part[0].mT, part[1]), [(a[part], b[part]) for a, b in pairs for part in slices], workers
    )
    return [torch.cat(products[first : first + len(slices)]) for first in range(0, len(products), len(slices))]


def _sum_outer_products(plan: FilterPlan, row_sums: Tensor) -> np.ndarray:
    """Return the sum over the rows of each filter, `(..., m, n)` in float64, from `row_sums` `(rows, m, n)`."""
    row_sums = row_sums.to(plan.state_device, torch.float64)
    if plan.index is None:
        return row_sums.sum(0).cpu().numpy()
    filters = plan.space.A.shape[0]
    return row_sums.new_zeros(filters, *row_sums.shape[1:]).index_add_(0, plan.index, row_sums).cpu().numpy()
