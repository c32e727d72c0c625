"""Sums of three coefficients and points of the circle against exact arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from fxlab.engine.response.circle import sum_of_three, unit_circle

NUMBERS = st.floats(-2.0, 2.0).filter(lambda value: value == 0 or abs(value) > 1e-200)


@given(NUMBERS, NUMBERS, st.integers(-4, 4))
def test_the_sum_is_exact_up_to_a_final_rounding(a, b, units):
    """With a third term that almost cancels the others."""
    c = -(a + b) * (1 + units * 2.0**-52)
    exact = Fraction(a) + Fraction(b) + Fraction(c)
    found = sum_of_three(*(torch.tensor(value, dtype=torch.float64) for value in (a, b, c))).item()
    assert abs(Fraction(found) - exact) <= abs(exact) * Fraction(2) ** -52


def test_the_sum_is_differentiable():
    terms = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (1.0, -2.0 + 1e-15, 1.0)]
    assert [grad.item() for grad in torch.autograd.grad(sum_of_three(*terms), terms)] == [1.0, 1.0, 1.0]
    assert torch.autograd.gradgradcheck(sum_of_three, terms)


def test_points_of_the_circle_equal_numpy_and_are_exact_at_quarter_turns():
    turns = torch.linspace(-3.0, 3.0, 10_001, dtype=torch.float64, requires_grad=True)
    cosine, sine = unit_circle(turns)
    np.testing.assert_allclose(cosine.detach(), np.cos(2 * np.pi * turns.detach().numpy()), atol=4e-15)
    np.testing.assert_allclose(sine.detach(), np.sin(2 * np.pi * turns.detach().numpy()), atol=4e-15)
    (slope,) = torch.autograd.grad(sine.sum(), turns, retain_graph=True)
    np.testing.assert_allclose(slope, 2 * np.pi * cosine.detach().numpy(), atol=1e-13)
    (slope,) = torch.autograd.grad(cosine.sum(), turns)
    np.testing.assert_allclose(slope, -2 * np.pi * sine.detach().numpy(), atol=1e-13)
    quarters = torch.arange(-4.0, 5.0, dtype=torch.float64) / 4
    assert set(torch.stack(unit_circle(quarters)).abs().flatten().tolist()) == {0.0, 1.0}
