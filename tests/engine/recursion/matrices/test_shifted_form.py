"""Transfer functions of high order against the recursion in exact decimal arithmetic."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
import torch
from scipy import signal

from fxlab.engine import lfilter
from fxlab.engine.recursion.matrices.shifted_form import shifted_form

SAMPLES = 600


def exact_impulse_response(b, a):
    """Return the impulse response of the polynomials, computed with 80 digits."""
    with localcontext() as context:
        context.prec = 80
        b, a = ([Decimal(float(value)) for value in c] for c in (b, a))
        y = []
        for time in range(SAMPLES):
            value = b[time] if time < len(b) else Decimal(0)
            y.append(value - sum((a[k] * y[time - k] for k in range(1, min(time, len(a) - 1) + 1)), Decimal(0)))
        return np.array([float(value) for value in y])


@pytest.mark.parametrize(
    ("order", "corner"),
    [(3, 0.02), (8, 0.02), (10, 0.02), (16, 0.1), (20, 0.1), (20, 0.8), (30, 0.3), (30, 0.8), (40, 0.5)],
)
def test_butterworth_polynomials(order, corner):
    """SciPy's `lfilter` is off by up to 4 % in these cases, and a companion matrix of float64 is unstable."""
    b, a = signal.butter(order, corner)
    expected = exact_impulse_response(b, a)
    impulse = torch.zeros(SAMPLES, dtype=torch.float64)
    impulse[0] = 1.0
    for dtype, tolerance in ((torch.float64, 1e-11), (torch.float32, 1e-6)):
        y, _ = lfilter(impulse.to(dtype), torch.from_numpy(b), torch.from_numpy(a))
        assert np.abs(y.numpy() - expected).max() < tolerance * np.abs(expected).max()
    pieces, state = [], None
    for part in torch.split(impulse, [100, 1, 333, SAMPLES - 434]):
        y, state = lfilter(part, torch.from_numpy(b), torch.from_numpy(a), state)
        pieces.append(y)
    ours = np.abs(torch.cat(pieces).numpy() - expected).max()
    scipys = np.abs(signal.lfilter(b, a, impulse.numpy()) - expected).max()
    assert ours < scipys + 1e-13  # the state that passes between blocks is that of the direct form


@pytest.mark.parametrize("design", ["highpass", "bandpass", "bandstop"])
def test_other_kinds(design):
    b, a = signal.ellip(9 if design == "highpass" else 6, 1, 60, [0.02, 0.3] if "band" in design else 0.02, design)
    expected = exact_impulse_response(b, a)
    impulse = torch.zeros(SAMPLES, dtype=torch.float64)
    impulse[0] = 1.0
    y, _ = lfilter(impulse, torch.from_numpy(b), torch.from_numpy(a))
    assert np.abs(y.numpy() - expected).max() < 1e-10 * np.abs(expected).max()


def test_the_state_space_is_the_direct_form_in_other_coordinates():
    b, a = signal.cheby1(5, 1.0, 0.3)
    space, transform, inverse = shifted_form(np.stack([b, a]))
    np.testing.assert_allclose(transform @ inverse, np.eye(5), atol=1e-12)
    direct = np.eye(5, k=1) - np.outer(a[1:], np.eye(1, 5)[0])
    np.testing.assert_allclose(inverse @ space.A @ transform, direct, atol=1e-12)
    np.testing.assert_allclose(inverse @ space.B, b[1:] - a[1:] * b[0], atol=1e-14)
    np.testing.assert_allclose(space.C @ transform, np.eye(1, 5)[0], atol=1e-14)
    tables = np.stack([np.stack([b, a]), np.stack([a, a])])
    np.testing.assert_array_equal(shifted_form(tables).space.A[0], space.A)


@pytest.mark.parametrize("a", [[1.0, 0, 0, 0], [1.0, 0, 0, -0.5], [1.0, 1e6, 0, 0], [1.0, 1e-300, 0, 1e-300]])
def test_denominators_without_a_center(a):
    impulse = torch.zeros(20, dtype=torch.float64)
    impulse[0] = 1.0
    b = np.array([0.5, 0.0, 0.25, -1.0])
    y, _ = lfilter(impulse, torch.tensor(b), torch.tensor(a, dtype=torch.float64))
    np.testing.assert_allclose(y, signal.lfilter(b, a, impulse.numpy()), rtol=1e-9, atol=1e-14)


def test_gradients_of_a_low_corner():
    b, a = (torch.tensor(c, requires_grad=True) for c in signal.butter(6, 0.15))
    x = torch.randn(40, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda b, a: lfilter(x, b, a)[0], (b, a))
