"""Response and group delay from zeros and poles, against SciPy and rational arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy import signal

from fxlab.engine import roots_delay, roots_response

POINTS = np.concatenate([[0.0], np.geomspace(1e-7, 0.5, 200)])
DESIGNS = {
    "butter": lambda order, edges, kind: signal.butter(order, edges, kind, output="zpk"),
    "cheby2": lambda order, edges, kind: signal.cheby2(order, 40, edges, kind, output="zpk"),
    "ellip": lambda order, edges, kind: signal.ellip(order, 1, 60, edges, kind, output="zpk"),
}


def both(zeros, poles, gain=1.0, turns=POINTS):
    z, p = (torch.as_tensor(roots, dtype=torch.complex128) for roots in (zeros, poles))
    turns = torch.as_tensor(turns, dtype=torch.float64)
    return roots_response(z, p, torch.tensor(gain, dtype=torch.float64), turns), roots_delay(z, p, turns)


@pytest.mark.parametrize("kind", ["lowpass", "highpass", "bandpass", "bandstop"])
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("order", [1, 4, 11, 24])
def test_scipys_designs(design, order, kind):
    zeros, poles, gain = DESIGNS[design](order, [0.1, 0.3] if "band" in kind else 0.1, kind)
    response, delay = both(zeros, poles, gain)
    expected = signal.freqz_zpk(zeros, poles, gain, worN=2 * np.pi * POINTS)[1]
    np.testing.assert_allclose(response, expected, atol=1e-11)
    z = np.exp(2j * np.pi * POINTS[:, None])
    expected = len(zeros) / 2 + (poles / (z - poles)).sum(-1).real
    np.testing.assert_allclose(delay, expected + (len(poles) - len(zeros)), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("gap", [1e-9, 1e-12, 1e-15])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_roots_close_to_1(gap, count):
    pole, zero = 1 - 2 * gap, 1 - gap
    response, delay = both([zero] * count, [pole] * count, turns=[0.0, 0.5])
    distances = [1 - Fraction(root) for root in (zero, pole)]
    assert response[0].item() == pytest.approx(float(distances[0] / distances[1]) ** count, rel=1e-13)
    assert response[1].item() == pytest.approx(1.0)
    if gap > 2e-12:  # closer zeros count as lying on the circle
        expected = count * float(Fraction(pole) / distances[1] - Fraction(zero) / distances[0])
        assert delay[0].item() == pytest.approx(expected, rel=1e-9)


def test_response_on_roots_of_the_circle():
    response, delay = both([1.0, 1.0], [1.0, 0.5], 2.0, [0.0, 0.5])
    assert response.tolist() == [0.0, pytest.approx(8 / 3)]
    np.testing.assert_allclose(delay, [0.5 + 1.0, 0.5 - 1 / 3])
    assert both([1.0], [1.0, 0.5], 2.0, [0.0])[0].item() == 4.0
    assert both([], [1.0, 0.5], -2.0, [0.0])[0].real.item() == -np.inf
    assert both([], [], -2.0, [0.0, 0.3])[0].tolist() == [-2.0, -2.0]
    assert both([1.0], [0.5], 0.0, [0.0, 0.3])[0].tolist() == [0.0, 0.0]


def test_a_gain_and_factors_whose_product_leaves_the_range_of_float64():
    zeros, poles, gain = signal.butter(24, [1e-7, 2e-7], "bandpass", output="zpk")
    assert gain < 1e-160
    level = 20 * both(zeros, poles, gain, np.array([1e-7, 2**0.5 * 1e-7, 2e-7]) / 2)[0].abs().log10()
    np.testing.assert_allclose(level, [-3.0103, 0, -3.0103], atol=1e-4)


@pytest.mark.parametrize("hertz", range(40, 2000, 97))
def test_a_zero_on_the_circle_counts_half_a_sample_at_every_frequency(hertz):
    zero = np.exp(2j * np.pi * hertz / 48_000)
    _, delay = both([zero, zero.conj()], [0.0, 0.0], turns=np.array([hertz - 1e-6, hertz, hertz + 1.0]) / 48_000)
    np.testing.assert_allclose(delay, 1.0, rtol=1e-12)


def test_gradients():
    zeros = torch.tensor([0.5 + 0.2j, 0.5 - 0.2j, 0.0], dtype=torch.complex128, requires_grad=True)
    poles = torch.tensor([-0.8, 0.3 + 0.6j, 0.3 - 0.6j, 0.1], dtype=torch.complex128, requires_grad=True)
    gain = torch.tensor(-0.3, dtype=torch.float64, requires_grad=True)
    turns = torch.tensor([0.0, 0.1, 0.5], dtype=torch.float64, requires_grad=True)
    inputs = (zeros, poles, gain, turns)
    interior = torch.tensor([0.02, 0.1, 0.4], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda *a: torch.view_as_real(roots_response(*a)), (*inputs[:3], interior))
    assert torch.autograd.gradcheck(roots_delay, (zeros, poles, turns))
    on_circle = torch.tensor([1.0, -1.0, 0.2], dtype=torch.complex128, requires_grad=True)
    for value in (
        roots_response(on_circle, poles, gain, turns).abs().sum(),
        roots_delay(on_circle, poles, turns).sum(),
    ):
        assert torch.autograd.grad(value, on_circle)[0].isfinite().all()
