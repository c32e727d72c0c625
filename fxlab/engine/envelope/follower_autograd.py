"""The envelope follower as one differentiable operation: its gradient is a linear recursion with the poles it chose."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.engine.delay.recurrence import adjoint, before, in_front, recurring, together
from fxlab.engine.envelope.switching import Law, switch
from fxlab.engine.torch_support.custom_ops import apply_custom_op, register_custom_op, register_derivatives
from fxlab.engine.torch_support.tracing import needs_derivative


def _shapes(  # noqa: PLR0917
    x: Tensor,
    attack: Tensor,  # noqa: ARG001
    release: Tensor,  # noqa: ARG001
    state: Tensor,
    law: str,  # noqa: ARG001
    keep: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    return torch.empty_like(x), torch.empty_like(state), torch.empty_like(x if keep else x[..., :0], dtype=torch.bool)


SWITCH = register_custom_op(
    "switch(Tensor x, Tensor attack, Tensor release, Tensor state, str law, bool keep) -> (Tensor, Tensor, Tensor)",
    switch,
    _shapes,
)


def following(x: Tensor, attack: Tensor, release: Tensor, state: Tensor, law: Law) -> tuple[Tensor, Tensor]:
    """Apply `envelope_switch.switch`, differentiably: the envelope and its last value."""
    keep = needs_derivative(x, attack, release, state)
    y, last, _ = apply_custom_op(Follow, SWITCH, x, attack, release, state, law.value, keep)
    return y, last


class Follow(torch.autograd.Function):
    """`switch` with its derivatives: of a linear recursion whose pole is the one chosen."""

    @staticmethod
    def forward(  # noqa: PLR0917
        x: Tensor, attack: Tensor, release: Tensor, state: Tensor, law: str, keep: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Follow x; the third result says where the attack was chosen."""
        results: tuple[Tensor, Tensor, Tensor] = SWITCH(x, attack, release, state, law, keep)
        return results

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor, Tensor]) -> None:
        """Keep what the derivatives need."""
        x, attack, release, state, law, _ = inputs
        y, _, rises = output
        ctx.mark_non_differentiable(rises)
        ctx.save_for_backward(x, attack, release, state, y, rises)
        ctx.save_for_forward(x, attack, release, state, y, rises)
        ctx.law = law
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        """Run the chosen poles backwards in time."""
        x, attack, release, state, y, rises = ctx.saved_tensors
        g = together(grads[0], grads[1], y)
        if g is None:
            return None, None, None, None, None, None
        back = adjoint(g, torch.where(rises, attack, release).to(x.dtype), 1)
        grad_x = back * _weight(attack, release, rises, ctx.law).to(x.dtype)
        grad_attack = grad_release = None
        if ctx.needs_input_grad[1] or ctx.needs_input_grad[2]:
            last = before(y, state)
            to_attack, to_release = last - x, last - x if ctx.law == Law.SMOOTH.value else last
            nothing = torch.zeros_like(back)
            grad_attack = torch.where(rises, back * to_attack, nothing).to(attack.dtype).sum(-1, keepdim=True)
            grad_release = torch.where(rises, nothing, back * to_release).to(release.dtype).sum(-1, keepdim=True)
        grad_state = torch.where(rises[..., :1], attack, release).to(state.dtype) * back[..., :1].to(state.dtype)
        return grad_x, grad_attack, grad_release, grad_state, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> tuple[Tensor, Tensor, None]:
        """Move along all arguments at once, with the choice of poles as it is."""
        x, attack, release, state, y, rises = ctx.saved_tensors
        dx, dattack, drelease, dstate = tangents[:4]
        last = before(y, state)
        moved = torch.zeros_like(y)
        if dx is not None:
            moved = moved + dx * _weight(attack, release, rises, ctx.law).to(x.dtype)
        if dattack is not None:
            moved = moved + torch.where(rises, dattack.to(x.dtype) * (last - x), 0)
        if drelease is not None:
            to_release = last - x if ctx.law == Law.SMOOTH.value else last
            moved = moved + torch.where(rises, 0, drelease.to(x.dtype) * to_release)
        dstate = torch.zeros_like(state) if dstate is None else dstate
        y_dot, end_dot = recurring(moved, torch.where(rises, attack, release).to(x.dtype), dstate, 1)
        return y_dot, end_dot.clone(), None  # a copy: a result must not be a view

    @staticmethod
    def vmap(  # noqa: PLR0917
        info: Any,
        in_dims: tuple[Any, ...],
        x: Tensor,
        attack: Tensor,
        release: Tensor,
        state: Tensor,
        law: str,
        keep: bool,
    ) -> tuple[tuple[Tensor, Tensor, Tensor], tuple[int, int, int]]:
        """Treat the mapped dimension as one more leading dimension."""
        given = (x, attack, release, state)
        x, attack, release, state = (in_front(v, d, info.batch_size) for v, d in zip(given, in_dims, strict=False))
        return apply_custom_op(Follow, SWITCH, x, attack, release, state, law, keep), (0, 0, 0)


def _weight(attack: Tensor, release: Tensor, rises: Tensor, law: str) -> Tensor:
    """How much of x[n] enters y[n]."""
    return torch.where(rises, 1 - attack, 1 - release if law == Law.SMOOTH.value else torch.zeros_like(release))


register_derivatives("switch", Follow)
