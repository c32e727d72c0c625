"""Polynomials of `1/z` against SciPy and NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import signal

from fxlab.engine import multiplied, on_circle, polynomial_delay, polynomial_roots


@pytest.mark.parametrize("order", [1, 2, 3, 8])
def test_multiplied_equals_scipy(order):
    sos = signal.cheby1(order, 1.0, 0.3, output="sos")
    b, a = multiplied(torch.from_numpy(sos))
    expected = signal.cheby1(order, 1.0, 0.3)
    assert b.shape == a.shape == (order + 1,)
    np.testing.assert_allclose(b.numpy(), expected[0], rtol=1e-9)
    np.testing.assert_allclose(a.numpy(), expected[1], rtol=1e-9)


def test_multiplied_batch_equals_single_cascades():
    sos = torch.randn(3, 2, 4, 6, dtype=torch.float64)
    b, a = multiplied(sos)
    assert b.shape == (3, 2, 9)
    single = multiplied(sos[1, 0])
    torch.testing.assert_close((b[1, 0], a[1, 0]), single)
    assert bool((a[..., 0] == 1).all())


def test_pure_gain_has_order_0():
    b, a = multiplied(torch.tensor([[3.0, 0.0, 0.0, 2.0, 0.0, 0.0]]))
    assert (b.tolist(), a.tolist()) == ([1.5], [1.0])
    assert torch.autograd.gradcheck(
        lambda s: multiplied(s)[0], (torch.randn(2, 6, dtype=torch.float64).requires_grad_(),)
    )


@pytest.mark.parametrize("count", [1, 2, 63, 256, 257, 5000])
def test_on_circle_equals_scipy_freqz(count):
    c = np.random.default_rng(count).standard_normal((2, count))
    turns = np.linspace(0, 0.5, 31)
    for row, ours in zip(c, on_circle(torch.from_numpy(c), torch.from_numpy(turns)).numpy(), strict=True):
        _, expected = signal.freqz(row, worN=2 * np.pi * turns)
        np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-10 * np.abs(row).sum())


@pytest.mark.parametrize("count", [2, 7, 300])
def test_delay_equals_scipy(count):
    c = np.random.default_rng(count).standard_normal(count)
    turns = np.linspace(0.01, 0.49, 23)
    _, expected = signal.group_delay((c, [1.0]), w=2 * np.pi * turns)
    ours = polynomial_delay(torch.from_numpy(c), torch.from_numpy(turns))
    np.testing.assert_allclose(ours.numpy(), expected, rtol=1e-6, atol=1e-8)


def test_delay_of_symmetric_coefficients_is_half_the_length_even_on_a_zero():
    c = torch.tensor([1.0, 1.0, 1.0, 1.0])  # zeros at a quarter and a half of the rate
    torch.testing.assert_close(polynomial_delay(c, torch.tensor([0.0, 0.25, 0.3, 0.5])), torch.full((4,), 1.5).double())


@pytest.mark.parametrize(
    "c", [[1.0, -0.5], [2.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, -0.25, 0.0], [0.0], [3.0], [0.0, 0.0]]
)
def test_roots_equal_numpy_and_are_nan_at_infinity(c):
    found = polynomial_roots(torch.tensor(c)).numpy()
    assert found.shape == (len(c) - 1,)
    expected = np.roots(c) if any(c) else np.zeros(0)
    finite = found[~np.isnan(found)]
    np.testing.assert_allclose(np.sort_complex(finite), np.sort_complex(expected.astype(complex)), atol=1e-12)


def test_roots_are_differentiable():
    c = torch.tensor([1.0, -0.9, 0.3, 0.1], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda c: polynomial_roots(c).abs().sort().values, (c,))
