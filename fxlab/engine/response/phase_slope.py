"""The derivative of the phase of a quadratic polynomial on the unit circle, also at a root on the circle."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.response.circle import UNIT_ROUNDING, sum_of_three

SEPARATION = 16.0
"""A root at 1 or -1 is distinct from the other root if their squared distance exceeds this many rounding errors."""


def phase_slope(c: Tensor, angles: tuple[Tensor, Tensor], tolerance: float) -> Tensor:
    """Return the derivative with respect to w of the angle of P + jQ, `e^{jw} (c0 + c1 e^{-jw} + c2 e^{-2jw})`.

    The derivative is `(c0 - c2) (c0 + c2 + c1 cos w) / (P^2 + Q^2)`. The coefficients are rounded, and near a root on
    the circle the rounding of `c0 - c2`, or of `c0 + c1 + c2` for a root at 1, would be divided by its own square. So
    these sums count as 0 if they are at most about `tolerance` times the coefficients in magnitude:

    - If `c0` and `c2` are equal, both roots are on the circle or reciprocal, and the slope is 0 everywhere.
    - If one root is 1 or -1, its factor is cancelled in the fraction; if 1 and -1 are roots, the slope is 0.

    The gradient is that of the fraction, except at a root, where it would be infinite.

    Shape:
        c: `(..., 3)`; angles: sine and cosine of w / 2, each `(..., points)`. Returns `(..., points)`.
    """
    sine, cosine = angles
    c0, c1, c2 = c.unsqueeze(-2).unbind(-1)
    outer, difference = c0 + c2, c0 - c2
    at_one, at_minus_one = sum_of_three(c0, c1, c2), sum_of_three(c0, -c1, c2)
    is_low = sine.abs() < cosine.abs()

    size = (c0.abs() + c1.abs() + c2.abs()).detach()
    is_symmetric = difference.detach().abs() <= tolerance * (c0.abs() + c2.abs()).detach()
    has_one, has_minus_one = (
        ~is_symmetric & _is_rounding(value.detach(), outer.detach(), difference.detach(), size, tolerance)
        for value in (at_one, at_minus_one)
    )

    # P + jQ and c0 + c2 + c1 cos w, computed from the sum at the nearer of 1 and -1.
    real = torch.where(is_low, at_one - outer * (2.0 * sine**2), outer * (2.0 * cosine**2) - at_minus_one)
    imaginary = difference * (2.0 * sine * cosine)
    inner = torch.where(is_low, at_one - c1 * (2.0 * sine**2), at_minus_one + c1 * (2.0 * cosine**2))
    power = real**2 + imaginary**2
    is_unknown = power.detach() <= torch.where(
        is_symmetric | has_one | has_minus_one, (tolerance * size) ** 2, torch.zeros_like(size)
    )
    plain = difference * inner / torch.where(is_unknown, torch.ones_like(power), power)
    plain = torch.where(is_unknown, 0.0, plain)

    limit = torch.where(has_one, _without_root(-difference * c1, outer * sine, difference * cosine), plain)
    limit = torch.where(has_minus_one, _without_root(difference * c1, outer * cosine, difference * sine), limit)
    limit = torch.where(is_symmetric | (has_one & has_minus_one), 0.0, limit)
    # The value of the limit with the gradient of the fraction; at a root with the gradient of the limit.
    return torch.where(is_unknown, limit, limit.detach() + (plain - plain.detach()))


def _is_rounding(value: Tensor, outer: Tensor, difference: Tensor, size: Tensor, tolerance: float) -> Tensor:
    """Return whether the `value` of a polynomial at 1 or -1 is only a rounding error and exactly one root is there.

    `outer` is c0 + c2, `difference` is c0 - c2, and `size` is the sum of the magnitudes of the coefficients.
    """
    rounding = 2.0 * UNIT_ROUNDING * size
    is_distinct = difference**2 >= SEPARATION * outer.abs() * rounding
    return (value.abs() <= tolerance * difference.abs()) | (is_distinct & (value.abs() <= rounding))


def _without_root(above: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Return `above / (2 (x^2 + y^2))`, the slope without the factor of a root; 0 where the denominator is 0."""
    power = 2.0 * (x**2 + y**2)
    is_zero = power == 0
    return torch.where(is_zero, 0.0, above / torch.where(is_zero, torch.ones_like(power), power))
