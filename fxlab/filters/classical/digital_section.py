"""The bilinear transform of one analog section, with rounding that preserves the accuracy of the response.

With `s = (1 - 1/z) / (1 + 1/z)`, the polynomial `c2 s^2 + c1 s + c0` times `(1 + 1/z)^2` is 4 c0 at z = 1 and 4 c2 at
z = -1. For a corner far below the sample rate the denominator at z = 1, the sum of its coefficients, is tiny, while the
coefficients 1, a1 and a2 are about 1, -2 and 1 and rounded in the 16th digit. Therefore a2 is chosen such that the sum
is as accurate as float64 allows, and the numerator is scaled by the relative error of the sum, so that the gain of a
low-pass at 0 Hz remains accurate. For a corner close to half the sample rate the same is done at z = -1.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.engine.response.circle import half_angles, sum_of_three
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tracing import is_plain_tensor, needs_derivative

Polynomial = tuple[Any, ...]
"""A polynomial in s: the coefficients of s^2, s and 1, or of s and 1; each is a tensor `(...)` or a `float`."""
AnalogSection = tuple[Polynomial, Polynomial]
"""The numerator and denominator of an analog section, of the same order."""


def digital_section(analog: AnalogSection) -> Tensor:
    """Return the bilinear transform of an analog section: `b0 b1 b2 a0 a1 a2`, `(..., 6)`, with `a0 = 1`.

    >>> one, zero = torch.ones((), dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    >>> digital_section(((zero, one), (one, one)))  # 1 / (s + 1)
    tensor([0.5000, 0.5000, 0.0000, 1.0000, 0.0000, 0.0000], dtype=torch.float64)
    """
    numerator, denominator = analog
    if len(numerator) == 3:
        values = _section_values(numerator, denominator)
        if values is not None:
            return values
    above, below = _as_tensors(numerator, denominator[-1]), _as_tensors(denominator, denominator[-1])
    row = _first_order(above, below) if len(numerator) == 2 else _second_order(above, below)
    return torch.stack(torch.broadcast_tensors(*row), -1)  # type: ignore[no-untyped-call]


def analog_response(analog: AnalogSection, turns: Tensor) -> Tensor:
    """Return the response `(..., points)` of the bilinear transform at `turns` cycles per sample, `(points,)`.

    It is computed from the analog section, so it has no error from rounded digital coefficients.
    """
    above, below = (_evaluate(polynomial, turns) for polynomial in analog)
    return above / below


def _section_values(numerator: Polynomial, denominator: Polynomial) -> Tensor | None:
    """Return the result of `_second_order` as one tensor, `(..., 6)`, without derivatives, or None if it is impossible.

    This takes fewer operations than `_second_order`. It is impossible if a derivative may be needed, if a value is not
    a plain CPU tensor, such as while a graph is recorded, or if `d0 < d2` (a corner below a quarter of the sample rate)
    holds for some filters and not for others.
    """
    n2, n1, n0 = numerator
    d2, d1, d0 = denominator
    tensors = [value for value in (*numerator, *denominator) if isinstance(value, Tensor)]
    if needs_derivative(*tensors) or not all(map(is_plain_tensor, tensors)):
        return None
    is_low = torch.as_tensor(d0 < d2)
    low = bool(is_low.all())
    if not low and is_low.any():
        return None
    a0 = d2 + d1 + d0
    a1 = 2 * (d0 - d2) / a0
    edge = 4 * (d0 if low else d2) / a0  # the value of the denominator at z = 1, or at z = -1
    signed = a1 if low else -a1
    a2 = (edge - 1) - signed
    if isinstance(n0 if low else n2, Tensor):
        # With `signed` from -2 to -1/2 the first sum is exact, and the second one rounds once.
        is_exact = bool((signed <= -0.5).all())
        total = (1 + signed) + a2 if is_exact else sum_of_three(torch.ones_like(a2), signed, a2)
        ratio = total / edge if (total > 0).all() else _ratio(total, edge)
        n0, n2 = (n0 * ratio, n2) if low else (n0, n2 * ratio)
    if _is_zero(n1) and (_is_zero(n2) or _is_zero(n0)):  # both zeros are at z = -1, or at z = 1
        b0 = b2 = (n2 + n0) / a0
        b1 = 2 * b0 if _is_zero(n2) else -2 * b0
    else:
        b0, b2 = (n2 + n1 + n0) / a0, (n2 - n1 + n0) / a0
        above, at_zero = _as_tensors((n2, n0), b0)
        b1 = torch.where(at_zero.abs() < above.abs(), (4 * n0 / a0 - b0) - b2, (b0 + b2) - 4 * n2 / a0)
    section = torch.empty((*broadcast_shapes(b0.shape, a2.shape), 6), dtype=a2.dtype)
    for number, coefficient in enumerate((b0, b1, b2, 1.0, a1, a2)):
        section[..., number] = coefficient
    return section


def _is_zero(coefficient: Any) -> bool:
    """Return whether a coefficient is the number 0, not a tensor."""
    return not isinstance(coefficient, Tensor) and coefficient == 0.0


def _as_tensors(polynomial: Polynomial, like: Tensor) -> tuple[Tensor, ...]:
    """Return the coefficients, with numbers replaced by tensors like `like`."""
    return tuple(value if isinstance(value, Tensor) else torch.full_like(like, value) for value in polynomial)


def _second_order(numerator: tuple[Tensor, ...], denominator: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return the bilinear transform of an analog section of order 2: `b0, b1, b2, a0, a1, a2`, with `a0 = 1`."""
    d2, d1, d0 = denominator
    n2, n1, n0 = numerator
    a0 = d2 + d1 + d0
    a1, at_one, at_minus_one = 2 * (d0 - d2) / a0, 4 * d0 / a0, 4 * d2 / a0
    is_low = (d0 < d2).detach()
    chosen = torch.where(is_low, (at_one - 1) - a1, (at_minus_one - 1) + a1).detach()
    a2 = _with_value(chosen, (d2 - d1 + d0) / a0)
    one = torch.ones_like(a1)
    n0 = n0 * torch.where(is_low, _ratio(sum_of_three(one, a1, a2), at_one), 1.0)
    n2 = n2 * torch.where(is_low, 1.0, _ratio(sum_of_three(one, -a1, a2), at_minus_one))
    b0, b2 = (n2 + n1 + n0) / a0, (n2 - n1 + n0) / a0
    # From the smaller of the two sums, so that a zero at 1 or at -1 is exact.
    b1 = torch.where((n0.abs() < n2.abs()).detach(), (4 * n0 / a0 - b0) - b2, (b0 + b2) - 4 * n2 / a0)
    return b0, b1, b2, one, a1, a2


def _first_order(numerator: tuple[Tensor, ...], denominator: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return the bilinear transform of an analog section of order 1: `b0, b1, 0, 1, a1, 0`."""
    d1, d0 = denominator
    n1, n0 = numerator
    a0 = d1 + d0
    is_low = (d0 < d1).detach()
    at_one, at_minus_one = 2 * d0 / a0, 2 * d1 / a0
    a1 = _with_value(torch.where(is_low, at_one - 1, 1 - at_minus_one).detach(), (d0 - d1) / a0)
    n0 = n0 * torch.where(is_low, _ratio(1 + a1, at_one), 1.0)
    n1 = n1 * torch.where(is_low, 1.0, _ratio(1 - a1, at_minus_one))
    zero, one = torch.zeros_like(a1), torch.ones_like(a1)
    return (n1 + n0) / a0, (n0 - n1) / a0, zero, one, a1, zero


def _with_value(value: Tensor, gradient: Tensor) -> Tensor:
    """Return `value` with the gradient of `gradient`, a differentiable tensor that equals it up to rounding."""
    return gradient + (value - gradient.detach())


def _ratio(rounded: Tensor, exact: Tensor) -> Tensor:
    """Return the rounded sum divided by the exact sum, without gradient; 1 where the rounded sum is not above 0."""
    rounded, exact = rounded.detach(), exact.detach()
    return torch.where(rounded > 0, rounded / exact, torch.ones_like(exact))


def _evaluate(polynomial: Polynomial, turns: Tensor) -> Tensor:
    """Return the polynomial at `s = j tan(w / 2)`, times `cos(w / 2)` to the power of its order, `(..., points)`.

    `turns` are the frequencies in cycles per sample, `w / (2 π)`.
    """
    sine, cosine = half_angles(turns)
    *rest, c1, c0 = (c.unsqueeze(-1) if isinstance(c, Tensor) else turns.new_tensor([c]) for c in polynomial)
    if not rest:
        return torch.complex(*torch.broadcast_tensors(c0 * cosine, c1 * sine))  # type: ignore[no-untyped-call]
    real, imaginary = c0 * cosine**2 - rest[0] * sine**2, c1 * (sine * cosine)
    return torch.complex(*torch.broadcast_tensors(real, imaginary))  # type: ignore[no-untyped-call]
