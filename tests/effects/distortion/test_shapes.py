"""The curves of distortions: their values, their slopes, and their means over intervals of every width."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.effects.distortion.shapes import SHAPES, mean_between

GRID = torch.linspace(-6, 6, 2401, dtype=torch.float64)


@pytest.mark.parametrize("name", SHAPES)
def test_a_curve_starts_with_slope_1_and_stays_within_1(name):
    curve = SHAPES[name].curve
    assert curve(torch.zeros(1)).item() == 0.0
    small = torch.tensor([-1e-6, 1e-6], dtype=torch.float64)
    torch.testing.assert_close(curve(small), small, rtol=1e-5, atol=0)
    assert curve(GRID * 100).abs().max() <= 1.0


def test_known_values():
    x = torch.tensor([-3.0, -0.5, 0.5, 1.2, 2.5], dtype=torch.float64)
    expected = {
        "tanh": torch.tanh(x),
        "hard": torch.tensor([-1.0, -0.5, 0.5, 1.0, 1.0]),
        "soft": torch.tensor([-1.0, -0.5 + 0.5 / 27, 0.5 - 0.5 / 27, 1.2 - 4 * 1.728 / 27, 1.0]),
        "fold": torch.tensor([1.0, -0.5, 0.5, 0.8, -0.5]),
        "fuzz": torch.where(x > 0, 1 - torch.exp(-x), (torch.exp(2 * x) - 1) / 2),
    }
    for name, values in expected.items():
        torch.testing.assert_close(SHAPES[name].curve(x), values.double())


@pytest.mark.parametrize("name", SHAPES)
@settings(max_examples=50)
@given(a=st.floats(-8, 8), width=st.floats(-12, 1.0), sign=st.sampled_from([-1.0, 1.0]))
def test_the_mean_equals_a_numerical_one_at_every_width(name, a, width, sign):
    """Gauss-Legendre quadrature between the corners of the curves is exact to rounding."""
    b = a + sign * 10**width
    low, high = min(a, b), max(a, b)
    corners = [low, *(c / 2 for c in range(-80, 81) if low < c / 2 < high), high]
    nodes = torch.tensor([-0.9061798459386640, -0.5384693101056831, 0.0, 0.5384693101056831, 0.9061798459386640])
    weights = torch.tensor([0.2369268850561891, 0.4786286704993665, 0.5688888888888889] * 2)[[0, 1, 2, 1, 0]]
    total = 0.0
    for left, right in itertools.pairwise(corners):
        x = (left + right) / 2 + (right - left) / 2 * nodes.double()
        total += float((SHAPES[name].curve(x) * weights.double()).sum() * (right - left) / 2)
    found = mean_between(SHAPES[name], torch.tensor([a], dtype=torch.float64), torch.tensor([b], dtype=torch.float64))
    if high > low:
        assert found.item() == pytest.approx(total / (high - low), abs=2e-7)
    else:
        assert found.item() == SHAPES[name].curve(torch.tensor(a, dtype=torch.float64)).item()


@pytest.mark.parametrize("name", SHAPES)
def test_the_mean_has_exact_gradients(name):
    a = (torch.randn(30, dtype=torch.float64) * 2).requires_grad_()
    for width in (1e-5, 1e-2, 3.0):
        b = (a.detach() + width).requires_grad_()
        run = lambda a, b: mean_between(SHAPES[name], a, b)  # noqa: E731
        grads = torch.autograd.grad(run(a, b).sum(), [a, b])
        curve = SHAPES[name].curve
        mean = run(a, b).detach()
        # The derivative of (F(b) - F(a)) / (b - a), by its definition.
        expected = [(mean - curve(a.detach())) / width, (curve(b.detach()) - mean) / width]
        for grad, value in zip(grads, expected, strict=True):
            torch.testing.assert_close(grad, value, rtol=1e-4, atol=1e-4)
        assert torch.autograd.gradcheck(run, (a, b), atol=1e-4, rtol=1e-4, eps=1e-7) or width == 1e-5


@pytest.mark.parametrize("name", SHAPES)
def test_float32_is_accurate_for_large_and_close_inputs(name):
    a = torch.randn(5000, dtype=torch.float64) * torch.tensor([1.0, 30.0, 300.0]).repeat(1667)[:5000]
    b = a + torch.randn(5000, dtype=torch.float64) * 10 ** (-4 * torch.rand(5000, dtype=torch.float64))
    a, b = a.float(), b.float()
    exact = mean_between(SHAPES[name], a.double(), b.double())
    torch.testing.assert_close(
        mean_between(SHAPES[name], a, b).double(), exact, rtol=0, atol=2e-4 if name == "fold" else 3e-5
    )
