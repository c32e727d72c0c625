"""The bilinear transform of a section against exact rational arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fxlab.filters.classical.digital_section import analog_response, digital_section

COEFFICIENTS = st.tuples(*[st.floats(-9, 9).map(lambda exponent: 10**exponent)] * 3)


def tensors(values):
    return tuple(torch.tensor(value, dtype=torch.float64) for value in values)


@given(COEFFICIENTS)
def test_the_sum_of_the_denominator_is_as_accurate_as_float64_allows(denominator):
    c2, c1, c0 = (Fraction(value) for value in denominator)
    row = digital_section((tensors([0.0, 0.0, denominator[2]]), tensors(denominator)))
    a0, a1, a2 = (Fraction(value) for value in row[3:].tolist())
    sums = {"one": (a0 + a1 + a2, 4 * c0), "minus one": (a0 - a1 + a2, 4 * c2)}
    found, exact = sums["one" if c0 < c2 else "minus one"]
    assert abs(found - exact / (c2 + c1 + c0)) <= Fraction(2) ** -53 + abs(found) * Fraction(2) ** -50
    b0, b1, b2 = (Fraction(value) for value in row[:3].tolist())
    assert b1 == 2 * b0 == 2 * b2  # the zeros at -1 are exact
    if c0 < c2 and found > 0:
        assert float((b0 + b1 + b2) / found) == pytest.approx(1.0, abs=1e-14)  # and so is the gain at 0 Hz


@pytest.mark.parametrize("size", [2, 3])
def test_the_response_is_that_of_the_analog_section(size):
    turns = torch.tensor([0.0, 0.01, 0.25, 0.4999, 0.5], dtype=torch.float64)
    analog = tensors([0.3, 0.2, 0.5][:size]), tensors([1.0, 0.4, 0.8][:size])
    row = digital_section(analog).numpy()
    z = np.exp(-2j * np.pi * turns.numpy())
    expected = np.polyval(row[2::-1], z) / np.polyval(row[:2:-1], z)
    np.testing.assert_allclose(analog_response(analog, turns), expected, rtol=1e-12)


def test_gradients():
    values = torch.tensor([0.3, 0.2, 0.5, 1.0, 0.4, 1e-3], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda v: digital_section((tuple(v[:3]), tuple(v[3:]))), (values,))
    assert torch.autograd.gradcheck(lambda v: digital_section((tuple(v[:2]), tuple(v[3:5]))), (values,))


@pytest.mark.parametrize("numerator", [(0.0, 0.0, None), (1.0, 0.0, 0.0), (0.7, 0.0, None), (0.3, 0.2, None)])
@pytest.mark.parametrize("corners", [(1e-6, 0.5), (2.0, 1e5), (0.01, 30.0)], ids=["low", "high", "both"])
def test_sections_without_derivatives_equal_those_with(numerator, corners):
    w = torch.logspace(*np.log10(corners), 50, dtype=torch.float64)
    size, slope = w**2, 0.4 * w
    above = tuple(size if coefficient is None else coefficient for coefficient in numerator)
    values = digital_section((above, (1.0, slope, size)))
    with_derivatives = digital_section((above, (1.0, slope.clone().requires_grad_(), size)))
    torch.testing.assert_close(values, with_derivatives.detach(), rtol=1e-14, atol=1e-16)
    zeros_of_low_pass = values[:, 0] == values[:, 2]
    assert zeros_of_low_pass.all() or numerator not in {(0.0, 0.0, None), (1.0, 0.0, 0.0)}
