"""The recursion of a delay line with a one-pole in its loop, y[n] = near y[n - 1] + far y[n - delay] + u[n]."""

from __future__ import annotations

from math import ceil, prod
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.delay.lanes import segments
from fxlab.engine.delay.recurrence import before, in_front, together
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.custom_ops import apply_custom_op, register_custom_op, register_derivatives
from fxlab.engine.torch_support.precision import widest_dtype

FORGOTTEN = 1e-18  # what is left of a sample in the loop's one-pole when it no longer counts in float64


def damp(u: Tensor, near: Tensor, far: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:
    """Run the recursion over the last dimension, a block of `delay` samples at a time.

    Leading dimensions are the same throughout; `near` and `far` are (..., 1); `state` holds y[-delay] … y[-1]. The
    second result is the last min(delay, time) samples of y in full precision.
    """
    lead, time = u.shape[:-1], u.shape[-1]
    exact = widest_dtype(u)
    u = u.reshape(prod(lead), time)
    near, far = near.reshape(-1, 1).to(exact), far.reshape(-1, 1).to(exact)
    state = state.reshape(prod(lead), delay).to(exact)
    out = allocate_like(u)
    tail = state.new_empty(len(state), 0)
    one_pole = OnePole(near, delay, state)
    for start, stop in segments(len(u), time, delay):
        count = ceil((stop - start) / delay)
        blocks = pad(u[:, start:stop].to(exact), (0, count * delay - (stop - start)))
        if blocks.data_ptr() == u.data_ptr():
            blocks = blocks.clone()
        one_pole.run(blocks, far, state)
        out[:, start:stop] = blocks[:, : stop - start]
        line = torch.cat([state, blocks[:, : stop - start]], 1)
        state, tail = line[:, -delay:], line[:, -min(delay, time) :]
    return out.reshape(*lead, time), tail.reshape(*lead, tail.shape[-1]).clone()


class OnePole:
    """The one-pole 1 / (1 - p z^-1) over a block, as (1 + p z^-1) (1 + p^2 z^-2) (1 + p^4 z^-4) … while it counts.

    Each factor is one operation from a buffer to another, with zeros standing before the block. The views are made
    once: to make them costs as much as the arithmetic on a block.
    """

    def __init__(self, near: Tensor, delay: int, like: Tensor) -> None:
        largest = float(near.abs().max()) if near.numel() else 0.0
        reaches, reach = [], 1
        while reach < delay and largest**reach > FORGOTTEN:
            reaches.append(reach)
            reach *= 2
        margin = max(reaches, default=0)
        buffers = [like.new_zeros(len(like), margin + delay) for _ in range(2)]
        self.near = near
        self.block = buffers[0][:, margin:]
        self.first = self.block[:, :1]
        self.passes = []
        for index, reach in enumerate(reaches):
            source, target = buffers[index % 2], buffers[(index + 1) % 2]
            late = source[:, margin - reach : margin - reach + delay]
            self.passes.append((source[:, margin:], near**reach, late, target[:, margin:]))

    def run(self, blocks: Tensor, far: Tensor, state: Tensor) -> None:
        """Overwrite u with y, block by block: what the line gives back is known for a whole block."""
        last = state
        for block in torch.split(blocks, state.shape[1], 1):
            torch.addcmul(block, far, last, out=self.block)
            self.first.addcmul_(self.near, last[:, -1:])
            for now, power, late, target in self.passes[:-1]:
                torch.addcmul(now, power, late, out=target)
            if self.passes:
                now, power, late, _ = self.passes[-1]
                torch.addcmul(now, power, late, out=block)
            else:
                block.copy_(self.block)
            last = block


def _shapes(u: Tensor, near: Tensor, far: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:  # noqa: ARG001
    return torch.empty_like(u), state.new_empty(*u.shape[:-1], min(delay, u.shape[-1]))


DAMP = register_custom_op(
    "damp(Tensor u, Tensor near, Tensor far, Tensor state, int delay) -> (Tensor, Tensor)", damp, _shapes
)


def damping_loop(u: Tensor, near: Tensor, far: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:
    """Apply `damp`, differentiably; the second result is the state to go on from, the last `delay` samples of y."""
    y, tail = apply_custom_op(Damp, DAMP, u, near, far, state, delay)
    return y, torch.cat([state, tail], -1)[..., -delay:]


class Damp(torch.autograd.Function):
    """`damp` with its derivatives, each of which is `damp` again."""

    @staticmethod
    def forward(u: Tensor, near: Tensor, far: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:
        """Run the recursion."""
        results: tuple[Tensor, Tensor] = DAMP(u, near, far, state, delay)
        return results

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        """Keep what the derivatives need."""
        _, near, far, state, delay = inputs
        ctx.save_for_backward(near, far, state, output[0])
        ctx.save_for_forward(near, far, state, output[0])
        ctx.delay = delay
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        """Run backwards in time over the gradient of the output and of its last samples."""
        near, far, state, y = ctx.saved_tensors
        g = together(grads[0], grads[1], y)
        if g is None:
            return None, None, None, None, None
        flipped, _ = damping_loop(g.flip(-1), near, far, torch.zeros_like(state), ctx.delay)
        back = flipped.flip(-1)
        grad_near = (back * before(y, state[..., -1:])).to(near.dtype).sum(-1, keepdim=True)
        grad_far = (back * before(y, state)).to(far.dtype).sum(-1, keepdim=True)
        count = min(ctx.delay, back.shape[-1])
        grad_state = pad(far * back[..., :count].to(far.dtype), (0, ctx.delay - count))
        grad_state = grad_state + pad(near * back[..., :1].to(near.dtype), (ctx.delay - min(1, count), 0))
        return back, grad_near, grad_far, grad_state, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> tuple[Tensor, Tensor]:
        """Move along all arguments at once."""
        near, far, state, y = ctx.saved_tensors
        du, dnear, dfar, dstate = tangents[:4]
        moved = torch.zeros_like(y) if du is None else du
        if dnear is not None:
            moved = moved + (dnear * before(y, state[..., -1:])).to(y.dtype)
        if dfar is not None:
            moved = moved + (dfar * before(y, state)).to(y.dtype)
        dstate = torch.zeros_like(state) if dstate is None else dstate
        results: tuple[Tensor, Tensor] = apply_custom_op(Damp, DAMP, moved, near, far, dstate, ctx.delay)
        return results

    @staticmethod
    def vmap(  # noqa: PLR0917
        info: Any, in_dims: tuple[Any, ...], u: Tensor, near: Tensor, far: Tensor, state: Tensor, delay: int
    ) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
        """Treat the mapped dimension as one more leading dimension."""
        given = (u, near, far, state)
        u, near, far, state = (in_front(v, d, info.batch_size) for v, d in zip(given, in_dims, strict=False))
        return apply_custom_op(Damp, DAMP, u, near, far, state, delay), (0, 0)


register_derivatives("damp", Damp)
