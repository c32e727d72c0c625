"""The first-order recursion at any delay, y[n] = a[n] y[n - delay] + u[n], with gradients of every order."""

from __future__ import annotations

from math import prod
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.delay.lanes import Lanes, chain, segments
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.custom_ops import apply_custom_op, register_custom_op, register_derivatives
from fxlab.engine.torch_support.precision import widest_dtype


def recur(u: Tensor, a: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:
    """Run the recursion over the last dimension, and also give the last samples of y in full precision.

    Leading dimensions are the same throughout; `a` has one value a row or one a sample; `state` holds
    y[-delay] … y[-1]. The second result has min(delay, time) samples.
    """
    lead, time = u.shape[:-1], u.shape[-1]
    u, a = u.reshape(prod(lead), time), a.reshape(prod(lead), a.shape[-1])
    state = state.reshape(-1, delay).to(widest_dtype(u))
    out = allocate_like(u)
    tail = state.new_empty(len(state), 0)
    # A growing recursion is not cut into chunks: their slopes could be infinite where the signal is still zero.
    most = 1 if bool((a.abs() > 1).any()) else None
    for start, stop in segments(u.shape[0], time, delay):
        lanes = Lanes.cut(u.shape[0], stop - start, delay, most=most)
        x = lanes.spread(u[:, start:stop])
        if a.shape[-1] == 1:
            slope = a.to(x.dtype)[:, :, None].expand(x.shape[1:])
            _fixed(x, slope, state, lanes)
        else:
            slope = lanes.spread(a[:, start:stop])
            _varying(x, slope, state, lanes)
        lanes.gather(x, out[:, start:stop])
        tail = lanes.tail(x)
        state = torch.cat([state, tail], 1)[:, -delay:]
    return out.reshape(*lead, time), tail.reshape(*lead, tail.shape[-1])


def _fixed(x: Tensor, slope: Tensor, state: Tensor, lanes: Lanes) -> None:
    """Overwrite lanes of u with lanes of y, where `a` is one value a row."""
    x[0, :, 0].addcmul_(slope[:, 0], state)
    here = x[0]
    for after in x[1:].unbind(0):
        here = after.addcmul_(slope, here)
    if lanes.chunks > 1:
        first = state.new_zeros(state.shape)
        begin = chain(slope**lanes.steps, x[-1], first)
        powers = slope[:, :1] ** torch.arange(1, lanes.steps + 1, device=x.device).view(-1, 1, 1, 1)
        x.addcmul_(powers, begin)


def _varying(x: Tensor, slope: Tensor, state: Tensor, lanes: Lanes) -> None:
    """Overwrite lanes of u with lanes of y, and lanes of `a` with their running products."""
    x[0, :, 0].addcmul_(slope[0, :, 0], state)
    here = x[0]
    for after, a in zip(x[1:].unbind(0), slope[1:].unbind(0), strict=True):
        here = after.addcmul_(a, here)
    if lanes.chunks > 1:
        product = slope[0]
        for a in slope[1:].unbind(0):
            product = a.mul_(product)
        x.addcmul_(slope, chain(product, x[-1], state.new_zeros(state.shape)))


def _shapes(u: Tensor, a: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:  # noqa: ARG001
    return torch.empty_like(u), state.new_empty(*u.shape[:-1], min(delay, u.shape[-1]))


RECUR = register_custom_op("recur(Tensor u, Tensor a, Tensor state, int delay) -> (Tensor, Tensor)", recur, _shapes)


def recurring(u: Tensor, a: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:
    """Apply `recur`, differentiably; the second result is the state to go on from, the last `delay` samples of y."""
    y, tail = apply_custom_op(Recur, RECUR, u, a, state, delay)
    return y, torch.cat([state, tail], -1)[..., -delay:]


def adjoint(g: Tensor, a: Tensor, delay: int) -> Tensor:
    """Run the recursion backwards in time: the gradient to u where g is the one to y."""
    if a.shape[-1] > 1:
        a = torch.cat([a[..., delay:], torch.zeros_like(a[..., :delay])], -1).flip(-1)
    nothing = g.new_zeros(*g.shape[:-1], delay, dtype=widest_dtype(g))
    back, _ = recurring(g.flip(-1), a, nothing, delay)
    return torch.flip(back, (-1,))


class Recur(torch.autograd.Function):
    """`recur` with its derivatives, each of which is `recur` again."""

    @staticmethod
    def forward(u: Tensor, a: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:
        """Run the recursion."""
        results: tuple[Tensor, Tensor] = RECUR(u, a, state, delay)
        return results

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        """Keep what the derivatives need."""
        _, a, state, delay = inputs
        ctx.save_for_backward(a, state, output[0])
        ctx.save_for_forward(a, state, output[0])
        ctx.delay = delay
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, Tensor | None, Tensor | None, None]:
        """Run backwards in time over the gradient of the output and of its last samples."""
        a, state, y = ctx.saved_tensors
        g = together(grads[0], grads[1], y)
        if g is None:
            return None, None, None, None
        back = adjoint(g, a, ctx.delay)
        grad_a = None
        if ctx.needs_input_grad[1]:
            grad_a = (back * before(y, state)).to(a.dtype)
            grad_a = grad_a.sum(-1, keepdim=True) if a.shape[-1] == 1 else grad_a
        grad_state = None
        if ctx.needs_input_grad[2]:
            grad_state = into_state(back, a, state, ctx.delay)
        return back, grad_a, grad_state, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> tuple[Tensor, Tensor]:
        """Move along all arguments at once."""
        a, state, y = ctx.saved_tensors
        du, da, dstate = tangents[:3]
        du = torch.zeros_like(y) if du is None else du
        if da is not None:
            du = du + (da * before(y, state)).to(y.dtype)
        dstate = torch.zeros_like(state) if dstate is None else dstate
        moved: tuple[Tensor, Tensor] = apply_custom_op(Recur, RECUR, du, a, dstate, ctx.delay)
        return moved

    @staticmethod
    def vmap(  # noqa: PLR0917
        info: Any, in_dims: tuple[Any, ...], u: Tensor, a: Tensor, state: Tensor, delay: int
    ) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
        """Treat the mapped dimension as one more leading dimension."""
        u, a, state = (in_front(v, d, info.batch_size) for v, d in zip((u, a, state), in_dims, strict=False))
        return apply_custom_op(Recur, RECUR, u, a, state, delay), (0, 0)


register_derivatives("recur", Recur)


def together(g: Tensor | None, g_tail: Tensor | None, y: Tensor) -> Tensor | None:
    """Add the gradient of the last samples to that of all of them."""
    if g_tail is None:
        return g
    rest = y.shape[-1] - g_tail.shape[-1]
    only = torch.nn.functional.pad(g_tail.to(y.dtype), (rest, 0))
    return only if g is None else g + only


def before(y: Tensor, state: Tensor) -> Tensor:
    """y[n - delay] for every n, `delay` being the length of the state, which is what lies before the beginning."""
    return torch.cat([state.to(y.dtype), y], -1)[..., : y.shape[-1]]


def into_state(back: Tensor, a: Tensor, state: Tensor, delay: int) -> Tensor:
    """Give the gradient to the state: what the first `delay` samples took from it."""
    count = min(delay, back.shape[-1])
    reached = (a[..., :count] * back[..., :count]).to(state.dtype)
    return torch.nn.functional.pad(reached, (0, delay - count))


def in_front(value: Tensor, dim: int | None, size: int) -> Tensor:
    """Bring a mapped dimension to the front, or repeat what is not mapped."""
    return value.expand(size, *value.shape) if dim is None else value.movedim(dim, 0)
