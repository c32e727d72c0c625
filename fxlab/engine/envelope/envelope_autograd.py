"""The envelope follower as a differentiable operator, whose gradient is a linear recurrence.

The pole of the recurrence at each sample is the attack or the release pole, as in the forward pass.
"""

from __future__ import annotations

from math import prod
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.delay.delay_recurrence import (
    add_tail_gradient,
    adjoint_recurrence,
    delay_recurrence,
    delayed_output,
)
from fxlab.engine.envelope.branches import Branches
from fxlab.engine.envelope.detector import Detector
from fxlab.engine.envelope.follow_envelope import follow_envelope, follow_rows
from fxlab.engine.envelope.follower_adjoint import follower_adjoint
from fxlab.engine.torch_support.custom_ops import (
    apply_custom_op,
    move_mapped_dim,
    register_custom_op,
    register_derivatives,
)
from fxlab.engine.torch_support.gradients_with_graph import gradients_with_graph
from fxlab.engine.torch_support.tracing import is_plain_backward, is_plain_tensor, needs_derivative


def envelope_follower(
    x: Tensor, attack: Tensor, release: Tensor, state: Tensor, detector: Detector
) -> tuple[Tensor, Tensor]:
    """Return the envelope of `x` and its last value, with derivatives.

    The tensors are those of `follow_envelope`.
    """
    keep_branches = needs_derivative(x, attack, release, state)
    if keep_branches and all(is_plain_tensor(value) for value in (x, attack, release, state)):
        plain: tuple[Tensor, Tensor] = PlainFollower.apply(x, attack, release, state, detector.value)
        return plain
    y, last, _ = apply_custom_op(
        EnvelopeFollower, ENVELOPE_OP, x, attack, release, state, detector.value, keep_branches
    )
    return y, last


def _fake_envelope(  # noqa: PLR0917
    x: Tensor,
    attack: Tensor,  # noqa: ARG001
    release: Tensor,  # noqa: ARG001
    state: Tensor,
    detector: str,  # noqa: ARG001
    keep_branches: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    is_attack = torch.empty_like(x if keep_branches else x[..., :0], dtype=torch.bool)
    return torch.empty_like(x), torch.empty_like(state), is_attack


ENVELOPE_OP = register_custom_op(
    "follow_envelope(Tensor x, Tensor attack, Tensor release, Tensor state, str detector, bool keep_branches)"
    " -> (Tensor, Tensor, Tensor)",
    follow_envelope,
    _fake_envelope,
)


class EnvelopeFollower(torch.autograd.Function):
    """`follow_envelope` with its derivatives, linear recurrences with the attack or release pole of each sample."""

    @staticmethod
    def forward(  # noqa: PLR0917
        x: Tensor, attack: Tensor, release: Tensor, state: Tensor, detector: str, keep_branches: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the results of `follow_envelope`: the envelope, its last value, and a mask, which may be empty."""
        results: tuple[Tensor, Tensor, Tensor] = ENVELOPE_OP(x, attack, release, state, detector, keep_branches)
        return results

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor, Tensor]) -> None:
        """Save the tensors and constants that the derivatives need."""
        x, attack, release, state, detector, _ = inputs
        y, _, is_attack = output
        ctx.mark_non_differentiable(is_attack)
        ctx.save_for_backward(x, attack, release, state, y, is_attack)
        ctx.save_for_forward(x, attack, release, state, y, is_attack)
        ctx.detector = detector
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        """Return the gradients for the inputs, by the recurrence with the pole of each sample, backwards in time."""
        x, attack, release, state, y, is_attack = ctx.saved_tensors
        g = add_tail_gradient(grads[0], grads[1], y)
        if g is None:
            return None, None, None, None, None, None
        adjoint = adjoint_recurrence(g, torch.where(is_attack, attack.to(x.dtype), release.to(x.dtype)), 1)
        grad_x = adjoint * _input_weight(attack, release, is_attack, ctx.detector, x.dtype)
        grad_attack = grad_release = None
        if ctx.needs_input_grad[1] or ctx.needs_input_grad[2]:
            last = delayed_output(y, state)
            attack_slope = last - x
            release_slope = last - x if ctx.detector == Detector.BRANCHING.value else last
            zero = torch.zeros_like(adjoint)
            grad_attack = torch.where(is_attack, adjoint * attack_slope, zero)
            grad_attack = grad_attack.to(attack.dtype).sum(-1, keepdim=True)
            grad_release = torch.where(is_attack, zero, adjoint * release_slope)
            grad_release = grad_release.to(release.dtype).sum(-1, keepdim=True)
        first_pole = torch.where(is_attack[..., :1], attack, release).to(state.dtype)
        grad_state = first_pole * adjoint[..., :1].to(state.dtype)
        return grad_x, grad_attack, grad_release, grad_state, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> tuple[Tensor, Tensor, None]:
        """Return the tangents of the envelope and of its last value."""
        x, attack, release, state, y, is_attack = ctx.saved_tensors
        dx, dattack, drelease, dstate = tangents[:4]
        last = delayed_output(y, state)
        du = torch.zeros_like(y)
        if dx is not None:
            du = du + dx * _input_weight(attack, release, is_attack, ctx.detector, x.dtype)
        if dattack is not None:
            du = du + torch.where(is_attack, dattack.to(x.dtype) * (last - x), 0)
        if drelease is not None:
            release_slope = last - x if ctx.detector == Detector.BRANCHING.value else last
            du = du + torch.where(is_attack, 0, drelease.to(x.dtype) * release_slope)
        dstate = torch.zeros_like(state) if dstate is None else dstate
        poles = torch.where(is_attack, attack.to(x.dtype), release.to(x.dtype))
        dy, dlast = delay_recurrence(du, poles, dstate, 1)
        return dy, dlast.clone(), None  # a copy, because a result must not be a view

    @staticmethod
    def vmap(  # noqa: PLR0917
        info: Any,
        in_dims: tuple[Any, ...],
        x: Tensor,
        attack: Tensor,
        release: Tensor,
        state: Tensor,
        detector: str,
        keep_branches: bool,
    ) -> tuple[tuple[Tensor, Tensor, Tensor], tuple[int, int, int]]:
        """Return the outputs with the mapped dimension first, and the position of this dimension in each."""
        inputs = (x, attack, release, state)
        x, attack, release, state = (
            move_mapped_dim(v, d, info.batch_size) for v, d in zip(inputs, in_dims, strict=False)
        )
        results = apply_custom_op(EnvelopeFollower, ENVELOPE_OP, x, attack, release, state, detector, keep_branches)
        return results, (0, 0, 0)


class PlainFollower(torch.autograd.Function):
    """`follow_envelope` for plain tensors (`is_plain_tensor`), with an explicit gradient.

    The masks of the samples with the attack pole are kept in the order of the lanes.
    """

    @staticmethod
    def forward(  # noqa: PLR0917
        ctx: Any, x: Tensor, attack: Tensor, release: Tensor, state: Tensor, detector: str
    ) -> tuple[Tensor, Tensor]:
        """Return the envelope of x and its last value."""
        ctx.branches, ctx.detector = Branches(), detector
        y, last = follow_rows(x, attack, release, state, detector, ctx.branches)
        ctx.save_for_backward(x, attack, release, state, y)
        ctx.set_materialize_grads(False)
        return y, last

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        """Return the gradients for the inputs, by the recurrence with the pole of each sample, backwards in time."""
        *inputs, y = ctx.saved_tensors
        g = add_tail_gradient(grads[0], grads[1], y)
        if g is None:
            return None, None, None, None, None
        if is_plain_backward(g):
            return *_plain_gradients(ctx, inputs, y, g), None

        def follow(*inputs: Tensor) -> Tensor:
            y: Tensor = EnvelopeFollower.apply(*inputs, ctx.detector, True)[0]
            return y

        return *gradients_with_graph(follow, inputs, ctx.needs_input_grad[:4], g), None


def _plain_gradients(ctx: Any, inputs: list[Tensor], y: Tensor, g: Tensor) -> tuple[Tensor | None, ...]:
    """Return the gradients for x, attack, release and state; those that are not needed may be None.

    The gradients are not differentiable themselves. `inputs` are the four tensors, `y` is the envelope, and `g` is the
    gradient for it.
    """
    x, attack, release, state = inputs
    needs_poles = ctx.needs_input_grad[1] or ctx.needs_input_grad[2]
    needs_adjoint = needs_poles or ctx.needs_input_grad[3]
    grad_x, adjoint = follower_adjoint(g, attack, release, ctx.branches, ctx.detector, needs_adjoint)
    if not needs_adjoint:
        return grad_x, None, None, None
    is_attack = ctx.branches.rows(prod(x.shape[:-1]), x.shape[-1], x.device).reshape(x.shape)
    grad_attack = grad_release = None
    if needs_poles:
        last = delayed_output(y, state)
        change = (last - x).mul_(adjoint)
        at_attacks = change * is_attack
        grad_attack = at_attacks.sum(-1, keepdim=True, dtype=attack.dtype)
        if ctx.detector == Detector.BRANCHING.value:
            grad_release = change.sub_(at_attacks).sum(-1, keepdim=True, dtype=release.dtype)
        else:
            grad_release = last.mul_(adjoint).mul_(~is_attack).sum(-1, keepdim=True, dtype=release.dtype)
    first_pole = torch.where(is_attack[..., :1], attack, release).to(state.dtype)
    grad_state = first_pole * adjoint[..., :1].to(state.dtype)
    return grad_x, grad_attack, grad_release, grad_state


def _input_weight(attack: Tensor, release: Tensor, is_attack: Tensor, detector: str, dtype: torch.dtype) -> Tensor:
    """Return the weight of x[n] in y[n], `(..., time)`."""
    release_weight = 1 - release if detector == Detector.BRANCHING.value else torch.zeros_like(release)
    return torch.where(is_attack, (1 - attack).to(dtype), release_weight.to(dtype))


register_derivatives("follow_envelope", EnvelopeFollower)
