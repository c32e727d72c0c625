"""The one-tap recurrence with any delay, y[n] = a[n] y[n - delay] + u[n], with gradients of every order."""

from __future__ import annotations

from math import prod
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.delay.lane_layout import LaneLayout, chunk_start_states, time_segments
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.custom_ops import (
    apply_custom_op,
    move_mapped_dim,
    register_custom_op,
    register_derivatives,
)
from fxlab.engine.torch_support.precision import widest_dtype
from fxlab.engine.torch_support.single_thread import single_threaded


def delay_recurrence(u: Tensor, a: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:
    """Return y[n] = a[n] y[n - delay] + u[n] along the last dimension, and the state after the input.

    Both results have derivatives of every order.

    Shape:
        u: `(..., time)`; a: `(..., 1)`, one value per row, or `(..., time)`; state: `(..., delay)`, y[-delay] … y[-1].
        Leading dimensions are the same throughout. Returns y in the dtype of u, and the state after the last sample, of
        the shape of `state`, in float64 (float32 on MPS).
    """
    y, tail = apply_custom_op(DelayRecurrence, RECURRENCE_OP, u, a, state, delay)
    return y, torch.cat([state, tail], -1)[..., -delay:]


@single_threaded
def _run_recurrence(u: Tensor, a: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:
    """Return y of `delay_recurrence`, in the dtype of u, and its last min(delay, time) samples in float64.

    On MPS, float32 replaces float64.
    """
    batch_shape, time = u.shape[:-1], u.shape[-1]
    u, a = u.reshape(prod(batch_shape), time), a.reshape(prod(batch_shape), a.shape[-1])
    state = state.reshape(-1, delay).to(widest_dtype(u))
    out = allocate_like(u)
    tail = state.new_empty(len(state), 0)
    # A growing recurrence runs in one chunk, because the slope of a chunk could overflow where the signal is still 0.
    max_chunks = 1 if bool((a.abs() > 1).any()) else None
    for start, stop in time_segments(u.shape[0], time, delay):
        layout = LaneLayout.choose(u.shape[0], stop - start, delay, max_chunks=max_chunks)
        lanes = layout.to_lanes(u[:, start:stop])
        if a.shape[-1] == 1:
            coefficients = a.to(lanes.dtype)[:, :, None].expand(lanes.shape[1:])
            _run_constant(lanes, coefficients, state, layout)
        else:
            coefficients = layout.to_lanes(a[:, start:stop])
            _run_varying(lanes, coefficients, state, layout)
        layout.from_lanes(lanes, out[:, start:stop])
        tail = layout.last_samples(lanes)
        state = torch.cat([state, tail], 1)[:, -delay:]
    return out.reshape(*batch_shape, time), tail.reshape(*batch_shape, tail.shape[-1])


def _run_constant(lanes: Tensor, a: Tensor, state: Tensor, layout: LaneLayout) -> None:
    """Replace u by y of `delay_recurrence` in `lanes`, where `a`, `(rows, chunks, delay)`, is constant over time.

    `lanes` are in the order of `layout`, and `state`, `(rows, delay)`, is the state before the first sample.
    """
    lanes[0, :, 0].addcmul_(a[:, 0], state)
    y = lanes[0]
    for u in lanes[1:].unbind(0):
        y = u.addcmul_(a, y)
    if layout.chunks > 1:
        starts = chunk_start_states(a**layout.steps, lanes[-1], state.new_zeros(state.shape))
        powers = a[:, :1] ** torch.arange(1, layout.steps + 1, device=lanes.device).view(-1, 1, 1, 1)
        lanes.addcmul_(powers, starts)


def _run_varying(lanes: Tensor, a: Tensor, state: Tensor, layout: LaneLayout) -> None:
    """Replace u by y of `delay_recurrence` in `lanes`, where `a` varies over time.

    `lanes` and `a` are in the order of `layout`, and `state`, `(rows, delay)`, is the state before the first sample.
    With several chunks, `a` is overwritten too.
    """
    lanes[0, :, 0].addcmul_(a[0, :, 0], state)
    y = lanes[0]
    for u, coefficient in zip(lanes[1:].unbind(0), a[1:].unbind(0), strict=True):
        y = u.addcmul_(coefficient, y)
    if layout.chunks > 1:
        product = a[0]
        for coefficient in a[1:].unbind(0):
            product = coefficient.mul_(product)
        lanes.addcmul_(a, chunk_start_states(product, lanes[-1], state.new_zeros(state.shape)))


def _fake_recurrence(u: Tensor, a: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:  # noqa: ARG001
    return torch.empty_like(u), state.new_empty(*u.shape[:-1], min(delay, u.shape[-1]))


RECURRENCE_OP = register_custom_op(
    "delay_recurrence(Tensor u, Tensor a, Tensor state, int delay) -> (Tensor, Tensor)",
    _run_recurrence,
    _fake_recurrence,
)


def adjoint_recurrence(g: Tensor, a: Tensor, delay: int) -> Tensor:
    """Return the gradient for u of `delay_recurrence` from the gradient `g` for y: the recurrence backwards in time."""
    if a.shape[-1] > 1:
        a = torch.cat([a[..., delay:], torch.zeros_like(a[..., :delay])], -1).flip(-1)
    silence = g.new_zeros(*g.shape[:-1], delay, dtype=widest_dtype(g))
    reversed_gradient, _ = delay_recurrence(g.flip(-1), a, silence, delay)
    return torch.flip(reversed_gradient, (-1,))


class DelayRecurrence(torch.autograd.Function):
    """The operator `RECURRENCE_OP` with derivatives that are computed by the same recurrence."""

    @staticmethod
    def forward(u: Tensor, a: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:
        """Return the results of `RECURRENCE_OP`: y and its last min(delay, time) samples."""
        results: tuple[Tensor, Tensor] = RECURRENCE_OP(u, a, state, delay)
        return results

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        """Save the tensors and constants that the derivatives need."""
        _, a, state, delay = inputs
        ctx.save_for_backward(a, state, output[0])
        ctx.save_for_forward(a, state, output[0])
        ctx.delay = delay
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, Tensor | None, Tensor | None, None]:
        """Return the gradients for the inputs, by the recurrence backwards in time over those for the outputs."""
        a, state, y = ctx.saved_tensors
        g = add_tail_gradient(grads[0], grads[1], y)
        if g is None:
            return None, None, None, None
        grad_u = adjoint_recurrence(g, a, ctx.delay)
        grad_a = None
        if ctx.needs_input_grad[1]:
            grad_a = (grad_u * delayed_output(y, state)).to(a.dtype)
            grad_a = grad_a.sum(-1, keepdim=True) if a.shape[-1] == 1 else grad_a
        grad_state = None
        if ctx.needs_input_grad[2]:
            grad_state = _state_gradient(grad_u, a, state, ctx.delay)
        return grad_u, grad_a, grad_state, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> tuple[Tensor, Tensor]:
        """Return the tangents of the outputs, by the recurrence over the contributions of all input tangents."""
        a, state, y = ctx.saved_tensors
        du, da, dstate = tangents[:3]
        du = torch.zeros_like(y) if du is None else du
        if da is not None:
            du = du + (da * delayed_output(y, state)).to(y.dtype)
        dstate = torch.zeros_like(state) if dstate is None else dstate
        results: tuple[Tensor, Tensor] = apply_custom_op(DelayRecurrence, RECURRENCE_OP, du, a, dstate, ctx.delay)
        return results

    @staticmethod
    def vmap(  # noqa: PLR0917
        info: Any, in_dims: tuple[Any, ...], u: Tensor, a: Tensor, state: Tensor, delay: int
    ) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
        """Return the outputs with the mapped dimension as the first leading dimension, and its position, 0, in each."""
        u, a, state = (move_mapped_dim(v, d, info.batch_size) for v, d in zip((u, a, state), in_dims, strict=False))
        return apply_custom_op(DelayRecurrence, RECURRENCE_OP, u, a, state, delay), (0, 0)


register_derivatives("delay_recurrence", DelayRecurrence)


def add_tail_gradient(g: Tensor | None, g_tail: Tensor | None, y: Tensor) -> Tensor | None:
    """Return the gradient `g` for all samples of `y` plus `g_tail` for its last samples; None if both are None."""
    if g_tail is None:
        return g
    padding = y.shape[-1] - g_tail.shape[-1]
    padded = torch.nn.functional.pad(g_tail.to(y.dtype), (padding, 0))
    return padded if g is None else g + padded


def delayed_output(y: Tensor, state: Tensor) -> Tensor:
    """Return y[n - delay] for every n, where `state` is y[-delay] … y[-1]."""
    return torch.cat([state.to(y.dtype), y], -1)[..., : y.shape[-1]]


def _state_gradient(grad_u: Tensor, a: Tensor, state: Tensor, delay: int) -> Tensor:
    """Return the gradient for the state, `(..., delay)`: that for u times `a`, at the first `delay` samples."""
    count = min(delay, grad_u.shape[-1])
    gradient = (a[..., :count] * grad_u[..., :count]).to(state.dtype)
    return torch.nn.functional.pad(gradient, (0, delay - count))
