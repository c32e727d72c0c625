"""The bilinear transform of one analog section, rounded so that the response suffers least.

With `s = (1 - 1/z) / (1 + 1/z)`, the polynomial `c2 s^2 + c1 s + c0` has the sum 4 c0 at z = 1, and 4 c2 at z = -1.
For a corner far below the sample rate the sum at 1 of the denominator is tiny, while its coefficients 1, a1 and a2 are
about 1, -2 and 1 and rounded in the 16th digit. So a2 is chosen such that the sum is as accurate as float64 allows,
and the numerator is scaled to the sum that results, which makes the gain of a low-pass at 0 Hz exact. For a corner
close to half the sample rate the same is done at z = -1.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.response.circle import half_angles, sum_of_three

Polynomial = tuple[Tensor, ...]
"""In s: the coefficients of s^2, s and 1, or of s and 1."""
AnalogSection = tuple[Polynomial, Polynomial]
"""Numerator and denominator, of the same order."""


def digital_section(analog: AnalogSection) -> Tensor:
    """Return `b0 b1 b2 a0 a1 a2`, `(..., 6)`, with `a0 = 1`.

    >>> one, zero = torch.ones((), dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    >>> digital_section(((zero, one), (one, one)))  # 1 / (s + 1)
    tensor([0.5000, 0.5000, 0.0000, 1.0000, 0.0000, 0.0000], dtype=torch.float64)
    """
    numerator, denominator = analog
    row = _first_order(numerator, denominator) if len(numerator) == 2 else _second_order(numerator, denominator)
    return torch.stack(torch.broadcast_tensors(*row), -1)  # type: ignore[no-untyped-call]


def analog_response(analog: AnalogSection, turns: Tensor) -> Tensor:
    """Return the exact response `(..., points)` of the section at `turns` cycles per sample, `(points,)`."""
    above, below = (_evaluate(polynomial, turns) for polynomial in analog)
    return above / below


def _second_order(numerator: Polynomial, denominator: Polynomial) -> tuple[Tensor, ...]:
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


def _first_order(numerator: Polynomial, denominator: Polynomial) -> tuple[Tensor, ...]:
    """Return the section without the zero and the pole at -1 that they have in common."""
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
    """Return `value`, which differs from `gradient` by rounding, with the gradient of the latter."""
    return gradient + (value - gradient.detach())


def _ratio(rounded: Tensor, exact: Tensor) -> Tensor:
    """Return the rounded sum divided by the exact one, without gradient; 1 where nothing is left of the sum."""
    rounded, exact = rounded.detach(), exact.detach()
    return torch.where(rounded > 0, rounded / exact, torch.ones_like(exact))


def _evaluate(polynomial: Polynomial, turns: Tensor) -> Tensor:
    """Return the polynomial at `s = j tan(w / 2)`, times the power of `cos(w / 2)` of its order."""
    sine, cosine = half_angles(turns)
    *rest, c1, c0 = (c.unsqueeze(-1) for c in polynomial)
    if not rest:
        return torch.complex(*torch.broadcast_tensors(c0 * cosine, c1 * sine))  # type: ignore[no-untyped-call]
    real, imaginary = c0 * cosine**2 - rest[0] * sine**2, c1 * (sine * cosine)
    return torch.complex(*torch.broadcast_tensors(real, imaginary))  # type: ignore[no-untyped-call]
