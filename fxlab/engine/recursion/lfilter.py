"""A transfer function of any order over a signal."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.convolution.convolve import convolve
from fxlab.engine.recursion.conditioning import conditioned
from fxlab.engine.recursion.section_arguments import (
    check_companion,
    check_signal,
    home,
    state_of,
    transformed,
)
from fxlab.engine.recursion.statespace import (
    Array,
    StateSpace,
    constant,
    difference_of_products,
    namespace,
    state_space,
    to_coupled,
    to_direct,
)
from fxlab.engine.recursion.structure import Structure, filter_by
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import EngineError

LONG = 32  # zeros beyond which they are convolved with apart from the poles: states would be many


def lfilter(x: Tensor, b: Tensor, a: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Filter `x` along its last dimension by `b[0] + b[1] z^-1 + ...` over `a[0] + a[1] z^-1 + ...`.

    Of any order, and differentiable in all tensors. From the third order on a polynomial's coefficients hold its
    poles badly: a filter with corners far below the sample rate belongs in sections, to `sosfilt`. (Inside
    `torch.func`'s transforms and `torch.compile` such orders lose digits of their own, up to half of float64's.)

    Shape:
        x: `(..., time)`, as in `sosfilt`.
        b: `(..., taps)`; a: `(..., poles + 1)`; leading dimensions broadcast with those of `x`.
        state: `(..., order)`, `order` the larger of the two lengths less 1: the delays of transposed direct form II,
            as `scipy.signal.lfilter` holds them in `zi`; None is silence.
        Returns `y` with the dtype of `x`, and the state after the last sample, in float64.

    Raises:
        EngineError: a wrong shape, dtype or device, an `a[0]` of 0, or a coefficient that is not finite.

    >>> y, state = lfilter(torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.5]), torch.tensor([1.0, -0.5]))
    >>> y
    tensor([0.5000, 0.2500, 0.1250])
    """
    check_signal("lfilter", x)
    for name, value in (("b", b), ("a", a)):
        if not isinstance(value, Tensor) or value.dim() == 0 or value.shape[-1] == 0:
            given = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
            raise EngineError(f"lfilter: {name} is {given}; it must be a tensor (..., coefficients), one or more")
        check_companion("lfilter", name, value, x)
    lead = _lead(x, b, a)
    time, order = x.shape[-1], max(b.shape[-1], a.shape[-1]) - 1
    first = state_of("lfilter", state, lead, order, x, ", b and a")
    work = x.to(torch.promote_types(x.dtype, torch.float32)).expand(*lead, time)
    if work.numel() == 0:
        _check(_table(b, a, order))
        return work.to(x.dtype), first.clone()
    zeros, poles = b.shape[-1] - 1, a.shape[-1] - 1
    if order == 0 or zeros > max(poles, LONG):
        y, last = _apart(work, b, a, first)
    elif order <= 2:
        # One section, whose coordinates keep the digits of a low corner.
        y, last = filter_by(SECTION, work, _table(b, a, 2), pad(first, (0, 2 - order)))
        last = last[..., :order]
    else:
        y, last = filter_by(DIRECT, work, _table(b, a, order), first)
    return y.to(x.dtype), last


def _apart(x: Tensor, b: Tensor, a: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """Zeros by convolution, poles by recursion.

    In transposed direct form II the state is what is still to be added to the next samples of `b * x`, less what the
    last outputs will take from them.
    """
    time, order = x.shape[-1], state.shape[-1]
    coefficients = _check(_table(b, a, order))
    above, below = coefficients[..., 0, : b.shape[-1]], coefficients[..., 1, : a.shape[-1]]
    exact = convolve(pad(x, (0, order)).to(above.device, torch.float64), above)
    driven = exact + pad(state, (0, time))
    if a.shape[-1] == 1:
        return driven[..., :time].to(x.device, x.dtype), driven[..., time:]
    ones = torch.ones_like(below[..., :1])
    y, _ = lfilter(driven[..., :time], ones, below)
    return y.to(x.device, x.dtype), driven[..., time:] - convolve(pad(y, (0, order)), below)[..., time:]


def _direct(coefficients: Array) -> StateSpace:
    """Transposed direct form II of any order, from `(..., 2, order + 1)`: b over a, with `a0 = 1`."""
    xp = namespace(coefficients)
    b, a = coefficients[..., 0, :], coefficients[..., 1, :]
    order = b.shape[-1] - 1
    shift = constant(np.eye(order, k=1), coefficients)
    first = constant(np.eye(1, order)[0], coefficients)
    A = shift - a[..., 1:, None] * first
    B = difference_of_products(b[..., 1:], a[..., 1:], b[..., :1] * xp.ones_like(a[..., 1:]))
    return StateSpace(A, B, first * xp.ones_like(a[..., 1:]), b[..., 0])


def _conditioned(coefficients: Array) -> tuple[StateSpace, tuple[Array, ...]]:
    """The same in coordinates that keep its digits; the coordinates are constants, and carry no gradient."""
    space = _direct(coefficients)
    if isinstance(coefficients, Tensor):
        if transformed(coefficients):
            return space, (constant(np.eye(space.A.shape[-1]), coefficients),) * 2
        found = conditioned(StateSpace(*(part.detach().cpu().numpy() for part in space)))
    else:
        found = conditioned(space)
    if found is None:
        return space, (constant(np.eye(space.A.shape[-1]), coefficients),) * 2
    better, into, back = found
    if isinstance(coefficients, Tensor):
        into, back = constant(into, coefficients), constant(back, coefficients)
        linear = StateSpace(
            into @ space.A @ back,
            (into @ space.B[..., None])[..., 0],
            (space.C[..., None, :] @ back)[..., 0, :],
            space.D,
        )
        # The exact values, with the slopes of the products that would round them.
        better = StateSpace(*(constant(v, s) + (s - s.detach()) for v, s in zip(better, linear, strict=True)))
    return better, (into, back)


def _turn(state: Tensor, into: Tensor, back: Tensor) -> Tensor:  # noqa: ARG001
    return (into @ state.unsqueeze(-1)).squeeze(-1)


def _turn_back(state: Tensor, into: Tensor, back: Tensor) -> Tensor:  # noqa: ARG001
    return (back @ state.unsqueeze(-1)).squeeze(-1)


def _table(b: Tensor, a: Tensor, order: int) -> Tensor:
    """Both as rows of one table, `(..., 2, order + 1)`."""
    lead = broadcast_shapes(b.shape[:-1], a.shape[:-1])
    rows = (pad(part, (0, order + 1 - part.shape[-1])).expand(*lead, order + 1) for part in (b, a))
    return torch.stack([row.to(home(row.device), torch.float64) for row in rows], -2)


def _check(table: Array) -> Array:
    if not isinstance(table, Tensor):
        return _check(torch.from_numpy(table.copy())).numpy()
    coefficients = table / table[..., 1:, :1]
    if not (transformed(table) or torch.isfinite(coefficients).all()):
        zero = bool((table[..., 1, 0] == 0).any())
        reason = "a[0] is 0" if zero else "a coefficient of b or a is not finite"
        raise EngineError(f"lfilter: {reason}; every coefficient must be finite and a[0] not 0")
    return coefficients


def _section(coefficients: Array) -> tuple[StateSpace, tuple[Array, ...]]:
    return state_space(coefficients.reshape(*coefficients.shape[:-2], 1, 6))


def _into_section(state: Tensor, sigma: Tensor, beta: Tensor) -> Tensor:
    return to_coupled(state.unsqueeze(-2), sigma, beta)


def _out_of_section(state: Tensor, sigma: Tensor, beta: Tensor) -> Tensor:
    return to_direct(state, sigma, beta).squeeze(-2)


SECTION = Structure(_check, _section, _into_section, _out_of_section)
DIRECT = Structure(_check, _conditioned, _turn, _turn_back)


def _lead(x: Tensor, b: Tensor, a: Tensor) -> torch.Size:
    try:
        return broadcast_shapes(x.shape[:-1], b.shape[:-1], a.shape[:-1])
    except RuntimeError:
        raise EngineError(
            f"lfilter: x of shape {tuple(x.shape)}, b of shape {tuple(b.shape)} and a of shape {tuple(a.shape)}: "
            "the dimensions before the last do not broadcast"
        ) from None
