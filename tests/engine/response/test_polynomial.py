"""Polynomials of `1/z` against SciPy and NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import signal

from fxlab.engine import limit_of_ratio, polynomial_delay, polynomial_response, polynomial_roots, sos_to_tf


@pytest.mark.parametrize("order", [1, 2, 3, 8])
def test_multiplied_equals_scipy(order):
    sos = signal.cheby1(order, 1.0, 0.3, output="sos")
    b, a = sos_to_tf(torch.from_numpy(sos))
    expected = signal.cheby1(order, 1.0, 0.3)
    assert b.shape == a.shape == (order + 1,)
    np.testing.assert_allclose(b.numpy(), expected[0], rtol=1e-9)
    np.testing.assert_allclose(a.numpy(), expected[1], rtol=1e-9)


def test_multiplied_batch_equals_single_cascades():
    sos = torch.randn(3, 2, 4, 6, dtype=torch.float64)
    b, a = sos_to_tf(sos)
    assert b.shape == (3, 2, 9)
    single = sos_to_tf(sos[1, 0])
    torch.testing.assert_close((b[1, 0], a[1, 0]), single)
    assert bool((a[..., 0] == 1).all())


def test_pure_gain_has_order_0():
    b, a = sos_to_tf(torch.tensor([[3.0, 0.0, 0.0, 2.0, 0.0, 0.0]]))
    assert (b.tolist(), a.tolist()) == ([1.5], [1.0])
    assert torch.autograd.gradcheck(
        lambda s: sos_to_tf(s)[0], (torch.randn(2, 6, dtype=torch.float64).requires_grad_(),)
    )


def test_an_empty_batch_has_empty_results():
    b, a = sos_to_tf(torch.ones(0, 2, 6))
    assert b.shape == a.shape == (0, 5)
    assert polynomial_roots(b).shape == (0, 4)


@pytest.mark.parametrize("count", [1, 2, 63, 256, 257, 5000])
def test_on_circle_equals_scipy_freqz(count):
    c = np.random.default_rng(count).standard_normal((2, count))
    turns = np.linspace(0, 0.5, 31)
    for row, ours in zip(c, polynomial_response(torch.from_numpy(c), torch.from_numpy(turns)).numpy(), strict=True):
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


@pytest.mark.parametrize("root", [1.0, -1.0])
@pytest.mark.parametrize("order", [1, 4, 5, 8, 13, 24, 40])
def test_delay_at_a_root_of_any_order(order, root):
    c = torch.tensor(np.poly([root] * order))
    points = torch.tensor([0.0, 1e-6, 0.2, 0.5 - 1e-6, 0.5])
    torch.testing.assert_close(polynomial_delay(c, points), torch.full((5,), order / 2, dtype=torch.float64))
    if order <= 24:  # the coefficients of a product of different roots are rounded
        other = torch.tensor(np.poly([root] * order + [0.5, -0.25]))
        at = 0.0 if root == 1 else 0.5
        expected = order / 2 - 0.5 / (root - 0.5) + 0.25 / (root + 0.25)
        assert polynomial_delay(other, torch.tensor([at]))[0].item() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("kind", ["highpass", "bandpass", "bandstop", "lowpass"])
@pytest.mark.parametrize("order", [5, 8])
def test_delay_of_scipys_polynomials_at_the_zeros(order, kind):
    edges = [0.2, 0.4] if "band" in kind else 0.3
    b, a = (torch.tensor(c) for c in signal.butter(order, edges, kind))
    zeros, poles, _ = signal.butter(order, edges, kind, output="zpk")
    points = np.unique([0.0, 1.0, *np.abs(np.angle(zeros)) / np.pi])
    z = np.exp(1j * np.pi * points[:, None])
    expected = len(zeros) / 2 + (poles / (z - poles)).sum(-1).real
    found = polynomial_delay(b, torch.tensor(points / 2)) - polynomial_delay(a, torch.tensor(points / 2))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_delay_of_batches_zero_polynomials_and_padded_symmetric_ones():
    c = torch.tensor([[0.0, 1.0, -2.0, 1.0, 0.0], [0.0] * 5, [1.0, 0.5, 0.0, 0.0, 0.0], [0.0, 0.0, 3.0, 0.0, 0.0]])
    found = polynomial_delay(c, torch.tensor([0.0, 0.25]))
    np.testing.assert_allclose(found[[0, 1, 3]], [[2, 2], [0, 0], [2, 2]], atol=1e-12)
    np.testing.assert_allclose(found[2], [1 / 3, 0.2], rtol=1e-12)


def test_gradient_of_the_delay():
    c = torch.tensor([1.0, -0.3, 0.4, 2.0], dtype=torch.float64, requires_grad=True)
    turns = torch.tensor([0.0, 0.11, 0.25, 0.5], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(polynomial_delay, (c, turns))
    symmetric = torch.tensor([1.0, 0.5, 1.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda c: polynomial_delay(c, turns.detach()), (symmetric,))
    assert torch.autograd.gradgradcheck(lambda f: torch.view_as_real(polynomial_response(c.detach(), f)), (turns,))


@pytest.mark.parametrize("taps", [2, 7, 64])
def test_the_limit_of_a_ratio_is_that_of_the_recursive_mean(taps):
    b, a = torch.zeros(taps + 1), torch.tensor([1.0, -1.0])
    b[0], b[-1] = 1.0, -1.0
    assert limit_of_ratio(b, a, torch.tensor([0.0])).item() == pytest.approx(taps)
    cubed = [torch.tensor(np.polymul(c, np.polymul(c, c))) for c in (b.numpy(), a.numpy())]
    assert limit_of_ratio(*cubed, torch.tensor([0.0])).item() == pytest.approx(taps**3)
    assert limit_of_ratio(cubed[0], a, torch.tensor([0.0])).item() == 0
    assert limit_of_ratio(b, cubed[1], torch.tensor([0.0])).real.item() == np.inf
    assert limit_of_ratio(torch.zeros(3), a, torch.tensor([0.0])).item() == 0


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


def test_roots_at_1_and_minus_1_are_exact():
    for roots in ([1, 1, 0.5], [-1, -1, -1, 1, 0.5, 0.25], [1] * 7, [1, -1]):
        found = polynomial_roots(torch.tensor(np.poly(roots))).numpy()
        for place in (1, -1):
            assert np.count_nonzero(found == place) == roots.count(place)
    comb = polynomial_roots(torch.tensor([1.0, *[0.0] * 7, -1.0])).numpy()
    np.testing.assert_allclose(np.sort_complex(comb**8), np.ones(8), atol=1e-14)


@pytest.mark.parametrize("roots", [[1, -1, 0.5], [1, 0.5], [-1, 0.3, 0.2 + 0.1j, 0.2 - 0.1j]])
def test_roots_at_1_have_gradients(roots):
    c = torch.tensor(np.poly(roots), requires_grad=True)
    assert torch.autograd.gradcheck(lambda c: polynomial_roots(c).real.sort().values, (c,))
