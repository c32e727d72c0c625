"""The recurrence of a delay line with a one-pole in its loop, y[n] = pole y[n - 1] + gain y[n - delay] + u[n]."""

from __future__ import annotations

from math import ceil, prod
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.delay.delay_recurrence import add_tail_gradient, delayed_output
from fxlab.engine.delay.lane_layout import time_segments
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.custom_ops import (
    apply_custom_op,
    move_mapped_dim,
    register_custom_op,
    register_derivatives,
)
from fxlab.engine.torch_support.precision import widest_dtype
from fxlab.engine.torch_support.single_thread import single_threaded

NEGLIGIBLE = 1e-18  # a power of the pole below this no longer matters in float64


def damped_recurrence(u: Tensor, pole: Tensor, gain: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:
    """Return y[n] = pole y[n - 1] + gain y[n - delay] + u[n] along the last dimension, and the state after the input.

    Both results have derivatives of every order.

    Shape:
        u: `(..., time)`; pole, gain: `(..., 1)`; state: `(..., delay)`, y[-delay] … y[-1]. Leading dimensions are the
        same throughout. Returns y in the dtype of u, and the state after the last sample, of the shape of `state`, in
        float64 (float32 on MPS).
    """
    y, tail = apply_custom_op(DampedRecurrence, DAMPED_OP, u, pole, gain, state, delay)
    return y, torch.cat([state, tail], -1)[..., -delay:]


@single_threaded
def _run_damped(u: Tensor, pole: Tensor, gain: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:
    """Return y of `damped_recurrence`, in the dtype of u, and its last min(delay, time) samples in float64.

    The recurrence runs in blocks of `delay` samples. On MPS, float32 replaces float64.
    """
    batch_shape, time = u.shape[:-1], u.shape[-1]
    dtype = widest_dtype(u)
    u = u.reshape(prod(batch_shape), time)
    pole, gain = pole.reshape(-1, 1).to(dtype), gain.reshape(-1, 1).to(dtype)
    state = state.reshape(prod(batch_shape), delay).to(dtype)
    out = allocate_like(u)
    tail = state.new_empty(len(state), 0)
    one_pole = BlockOnePole(pole, delay, state)
    for start, stop in time_segments(len(u), time, delay):
        count = ceil((stop - start) / delay)
        blocks = pad(u[:, start:stop].to(dtype), (0, count * delay - (stop - start)))
        if blocks.data_ptr() == u.data_ptr():
            blocks = blocks.clone()
        one_pole.run(blocks, gain, state)
        out[:, start:stop] = blocks[:, : stop - start]
        line = torch.cat([state, blocks[:, : stop - start]], 1)
        state, tail = line[:, -delay:], line[:, -min(delay, time) :]
    return out.reshape(*batch_shape, time), tail.reshape(*batch_shape, tail.shape[-1]).clone()


class BlockOnePole:
    """A one-pole filter 1 / (1 - p z^-1) over a block, as a product of sparse polynomials.

    The product is (1 + p z^-1) (1 + p^2 z^-2) (1 + p^4 z^-4) …, without factors that are negligible in float64. Each
    factor is applied by one operation between two buffers. The views of the buffers are created once, because creating
    them costs as much as the arithmetic on a block.

    Args:
        pole: The pole p of each row, `(rows, 1)`.
        delay: The length of a block in samples.
        like: A tensor with the rows, the dtype and the device of the buffers.
    """

    def __init__(self, pole: Tensor, delay: int, like: Tensor) -> None:
        largest = float(pole.abs().max()) if pole.numel() else 0.0
        reaches, reach = [], 1
        while reach < delay and largest**reach > NEGLIGIBLE:
            reaches.append(reach)
            reach *= 2
        margin = max(reaches, default=0)
        buffers = [like.new_zeros(len(like), margin + delay) for _ in range(2)]
        self.pole = pole
        self.block = buffers[0][:, margin:]
        self.first_sample = self.block[:, :1]
        self.factors = []
        for index, reach in enumerate(reaches):
            source, target = buffers[index % 2], buffers[(index + 1) % 2]
            delayed = source[:, margin - reach : margin - reach + delay]
            self.factors.append((source[:, margin:], pole**reach, delayed, target[:, margin:]))

    def run(self, blocks: Tensor, gain: Tensor, state: Tensor) -> None:
        """Replace u by y of `damped_recurrence` in `blocks`, `(rows, time)`, block by block.

        `gain` is `(rows, 1)`, `state` is `(rows, delay)`, and the time is a multiple of `delay`. The output of the
        delay line is known before each block starts, because a block is as long as the delay.
        """
        last = state
        for block in torch.split(blocks, state.shape[1], 1):
            torch.addcmul(block, gain, last, out=self.block)
            self.first_sample.addcmul_(self.pole, last[:, -1:])
            for current, power, delayed, target in self.factors[:-1]:
                torch.addcmul(current, power, delayed, out=target)
            if self.factors:
                current, power, delayed, _ = self.factors[-1]
                torch.addcmul(current, power, delayed, out=block)
            else:
                block.copy_(self.block)
            last = block


def _fake_damped(u: Tensor, pole: Tensor, gain: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:  # noqa: ARG001
    return torch.empty_like(u), state.new_empty(*u.shape[:-1], min(delay, u.shape[-1]))


DAMPED_OP = register_custom_op(
    "damped_recurrence(Tensor u, Tensor pole, Tensor gain, Tensor state, int delay) -> (Tensor, Tensor)",
    _run_damped,
    _fake_damped,
)


class DampedRecurrence(torch.autograd.Function):
    """The operator `DAMPED_OP` with derivatives that are computed by the same recurrence."""

    @staticmethod
    def forward(u: Tensor, pole: Tensor, gain: Tensor, state: Tensor, delay: int) -> tuple[Tensor, Tensor]:
        """Return the results of `DAMPED_OP`: y and its last min(delay, time) samples."""
        results: tuple[Tensor, Tensor] = DAMPED_OP(u, pole, gain, state, delay)
        return results

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        """Save the tensors and constants that the derivatives need."""
        _, pole, gain, state, delay = inputs
        ctx.save_for_backward(pole, gain, state, output[0])
        ctx.save_for_forward(pole, gain, state, output[0])
        ctx.delay = delay
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        """Return the gradients for the inputs, by the recurrence backwards in time over those for the outputs."""
        pole, gain, state, y = ctx.saved_tensors
        g = add_tail_gradient(grads[0], grads[1], y)
        if g is None:
            return None, None, None, None, None
        reversed_gradient, _ = damped_recurrence(g.flip(-1), pole, gain, torch.zeros_like(state), ctx.delay)
        grad_u = reversed_gradient.flip(-1)
        grad_pole = (grad_u * delayed_output(y, state[..., -1:])).to(pole.dtype).sum(-1, keepdim=True)
        grad_gain = (grad_u * delayed_output(y, state)).to(gain.dtype).sum(-1, keepdim=True)
        count = min(ctx.delay, grad_u.shape[-1])
        grad_state = pad(gain * grad_u[..., :count].to(gain.dtype), (0, ctx.delay - count))
        grad_state = grad_state + pad(pole * grad_u[..., :1].to(pole.dtype), (ctx.delay - min(1, count), 0))
        return grad_u, grad_pole, grad_gain, grad_state, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> tuple[Tensor, Tensor]:
        """Return the tangents of the outputs, by the recurrence over the contributions of all input tangents."""
        pole, gain, state, y = ctx.saved_tensors
        du, dpole, dgain, dstate = tangents[:4]
        du = torch.zeros_like(y) if du is None else du
        if dpole is not None:
            du = du + (dpole * delayed_output(y, state[..., -1:])).to(y.dtype)
        if dgain is not None:
            du = du + (dgain * delayed_output(y, state)).to(y.dtype)
        dstate = torch.zeros_like(state) if dstate is None else dstate
        results: tuple[Tensor, Tensor] = apply_custom_op(DampedRecurrence, DAMPED_OP, du, pole, gain, dstate, ctx.delay)
        return results

    @staticmethod
    def vmap(  # noqa: PLR0917
        info: Any, in_dims: tuple[Any, ...], u: Tensor, pole: Tensor, gain: Tensor, state: Tensor, delay: int
    ) -> tuple[tuple[Tensor, Tensor], tuple[int, int]]:
        """Return the outputs with the mapped dimension as the first leading dimension, and its position, 0, in each."""
        inputs = (u, pole, gain, state)
        u, pole, gain, state = (move_mapped_dim(v, d, info.batch_size) for v, d in zip(inputs, in_dims, strict=False))
        return apply_custom_op(DampedRecurrence, DAMPED_OP, u, pole, gain, state, delay), (0, 0)


register_derivatives("damped_recurrence", DampedRecurrence)
