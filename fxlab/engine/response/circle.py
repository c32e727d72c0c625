"""Points of the unit circle, exact sums of three coefficients, and tolerances for roots on the circle."""

from __future__ import annotations

import math

import torch
from torch import Tensor

UNIT_ROUNDING = 2.0**-53
"""The largest relative rounding error of a float64 number."""
ZERO_TOLERANCE = 2.0**-40
"""The largest distance from the unit circle at which the group delay treats a zero as on it.

Zeros computed from taps, as eigenvalues, have lost 8 to 12 bits (33-tap and 128-tap low-passes of `scipy.signal.firwin`
and `scipy.signal.remez`).
"""
POLE_TOLERANCE = 4.0 * UNIT_ROUNDING
"""The same distance for a pole, only a few rounding errors, because a pole near the circle is a resonance."""


def half_angles(turns: Tensor) -> tuple[Tensor, Tensor]:
    """Return the sine and the cosine of `pi turns`, half the angle of a point on the circle.

    The cosine is exactly 0 for half a turn.
    """
    return torch.sin(math.pi * turns), torch.sin(math.pi * (0.5 - turns))


def unit_circle(turns: Tensor) -> tuple[Tensor, Tensor]:
    """Return the cosine and the sine of `2 pi turns`, exact at multiples of a quarter turn.

    >>> cosine, sine = unit_circle(torch.tensor([0.25, 0.5, 1.0], dtype=torch.float64))
    >>> cosine.tolist(), sine.tolist()
    ([0.0, -1.0, 1.0], [1.0, 0.0, 0.0])
    """
    nearest = turns - torch.round(turns)  # exact, between -1/2 and 1/2
    size = nearest.abs()
    folded = torch.where(size > 0.25, torch.sign(nearest) * 0.5 - nearest, nearest)
    cosine = torch.sin(2 * math.pi * (0.25 - size))  # exactly 0 at a quarter turn, but without a slope at 0
    return torch.where(size < 0.125, torch.cos(2 * math.pi * nearest), cosine), torch.sin(2 * math.pi * folded)


def sum_of_three(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """Return `a + b + c`, accurate to the last digit even if the terms nearly cancel; differentiable.

    Source:
        D. E. Knuth, The Art of Computer Programming, volume 2, section 4.2.2: the exact error of a sum.

    >>> one, tiny = torch.tensor(1.0, dtype=torch.float64), torch.tensor(1e-17, dtype=torch.float64)
    >>> sum_of_three(one, tiny, -one).item()
    1e-17
    """
    first = a + b
    total = first + c
    with torch.no_grad():
        error = _sum_error(a.detach(), b.detach(), first.detach()) + _sum_error(
            first.detach(), c.detach(), total.detach()
        )
    return total + error


def _sum_error(a: Tensor, b: Tensor, total: Tensor) -> Tensor:
    """Return the exact sum of `a` and `b` minus its rounded value `total`; 0 where this difference is not finite."""
    b_part = total - a
    error = (a - (total - b_part)) + (b - b_part)
    return torch.where(torch.isfinite(error), error, 0.0)
