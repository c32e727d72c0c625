"""The curves of distortions, and their means over an interval, with which aliases are reduced.

The mean of f between a and b is (F(b) - F(a)) / (b - a) with the antiderivative F. Where a and b are close, the
difference F(b) - F(a) loses most of its digits; there the integrals are computed by other formulas.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

SOFT_LIMIT = 1.5
"""The magnitude of the input above which the cubic curve is constant."""


class Shape(NamedTuple):
    """A curve f and its definite integral.

    The named curves in `SHAPES` pass through the origin with a slope of 1.
    """

    curve: Callable[[Tensor], Tensor]
    integral: Callable[[Tensor, Tensor], Tensor]
    """The integral of the curve from a to b, elementwise."""


def mean_between(shape: Shape, a: Tensor, b: Tensor) -> Tensor:
    """Return the mean of the curve of `shape` between a and b, elementwise.

    >>> mean_between(SHAPES["hard"], torch.tensor([0.0, 0.5]), torch.tensor([2.0, 0.5]))
    tensor([0.7500, 0.5000])
    """
    width = b - a
    # Below this width the value at the center of the interval is as accurate as the quotient, and its gradient is more
    # accurate.
    is_narrow = width.abs() < (1e-7 if a.dtype == torch.float64 else 1e-4)
    apart = torch.where(is_narrow, torch.ones_like(width), width)
    end = torch.where(is_narrow, a + 1, b)
    return torch.where(is_narrow, shape.curve((a + b) / 2), shape.integral(a, end) / apart)


# -- tanh --------------------------------------------------------------------------------------------------------------


def _tanh_integral(a: Tensor, b: Tensor) -> Tensor:
    half = (b - a) / 2
    ratio = torch.tanh((a + b) / 2) * torch.tanh(half)  # cosh b / cosh a = (1 + ratio) / (1 - ratio)
    is_close = ratio.abs() < 0.5
    near = 2 * torch.atanh(torch.where(is_close, ratio, torch.zeros_like(ratio)))
    return torch.where(is_close, near, (b.abs() - a.abs()) + (_log_cosh_rest(b) - _log_cosh_rest(a)))


def _log_cosh_rest(x: Tensor) -> Tensor:
    """Return log(2 cosh x) - |x|."""
    return torch.log1p(torch.exp(-2 * x.abs()))


# -- clipping ----------------------------------------------------------------------------------------------------------


def _hard(x: Tensor) -> Tensor:
    return x.clamp(-1, 1)


def _hard_integral(a: Tensor, b: Tensor) -> Tensor:
    inner_a, inner_b = a.clamp(-1, 1), b.clamp(-1, 1)
    return (inner_b - inner_a) * (inner_b + inner_a) / 2 + _beyond(a, b, 1.0)


def _soft(x: Tensor) -> Tensor:
    inner = x.clamp(-SOFT_LIMIT, SOFT_LIMIT)
    return inner - inner**3 * (4 / 27)


def _soft_integral(a: Tensor, b: Tensor) -> Tensor:
    inner_a, inner_b = a.clamp(-SOFT_LIMIT, SOFT_LIMIT), b.clamp(-SOFT_LIMIT, SOFT_LIMIT)
    curved = (inner_b - inner_a) * (inner_b + inner_a) * (0.5 - (inner_b.square() + inner_a.square()) / 27)
    return curved + _beyond(a, b, SOFT_LIMIT)


def _beyond(a: Tensor, b: Tensor, limit: float) -> Tensor:
    """Return the part of the integral from a to b that lies beyond ±limit, where the curve is ±1."""
    above = b.clamp(min=limit) - a.clamp(min=limit)
    below = b.clamp(max=-limit) - a.clamp(max=-limit)
    return above - below


# -- fold --------------------------------------------------------------------------------------------------------------


def _fold(x: Tensor) -> Tensor:
    place, slope = _fold_segment(x)[1:]
    return torch.where(x.abs() <= 1, x, slope * place)  # small samples stay exact


def _fold_segment(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the number of the straight segment that contains `x`, the offset of `x` from its center, and its slope."""
    number = torch.floor((x + 1) / 2)
    slope = 1 - 2 * (number - 2 * torch.floor(number / 2))
    return number, x - 2 * number, slope


def _fold_integral(a: Tensor, b: Tensor) -> Tensor:
    (number_a, place_a, slope_a), (number_b, place_b, slope_b) = _fold_segment(a.double()), _fold_segment(b.double())
    within = slope_a * (place_b - place_a) * (place_b + place_a)
    # The antiderivative is ±place^2 / 2, and 1 more where the curve falls.
    across = (slope_b * place_b.square() - slope_b) - (slope_a * place_a.square() - slope_a)
    return (torch.where(number_a == number_b, within, across) / 2).to(a.dtype)


# -- fuzz --------------------------------------------------------------------------------------------------------------


def _fuzz(x: Tensor) -> Tensor:
    return -torch.expm1(-x.clamp(min=0)) + torch.expm1(2 * x.clamp(max=0)) / 2


def _fuzz_integral(a: Tensor, b: Tensor) -> Tensor:
    low_a, high_a, low_b, high_b = a.clamp(max=0), a.clamp(min=0), b.clamp(max=0), b.clamp(min=0)
    high, low = high_b - high_a, low_b - low_a
    # The larger exponential is the factor, so that the other one does not overflow.
    upper = torch.where(high >= 0, torch.exp(-high_a), -torch.exp(-high_b)) * torch.expm1(-high.abs())
    lower = torch.where(low >= 0, -torch.exp(2 * low_b), torch.exp(2 * low_a)) * torch.expm1(-2 * low.abs())
    return (high + upper) + (lower / 4 - low / 2)


SHAPES = {
    "tanh": Shape(torch.tanh, _tanh_integral),
    "soft": Shape(_soft, _soft_integral),
    "hard": Shape(_hard, _hard_integral),
    "fold": Shape(_fold, _fold_integral),
    "fuzz": Shape(_fuzz, _fuzz_integral),
}
"""The curves of `Distortion` by name."""
