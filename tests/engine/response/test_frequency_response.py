"""Responses and group delays against SciPy, automatic differentiation and exact values."""

import numpy as np
import pytest
import scipy.signal as ss
import torch
from hypothesis import given, settings

from fxlab.engine import frequency_response, group_delay, sosfilt
from fxlab.errors import EngineError
from tests.support.recursion_designs import RATE, TORTURE, noise, stable_sections

POINTS = torch.linspace(0, RATE / 2, 501, dtype=torch.float64)


@settings(max_examples=50, deadline=None)
@given(stable_sections(8))
def test_response_equals_scipy(sos):
    expected = ss.sosfreqz(sos / sos[:, 3:4], worN=2 * np.pi * POINTS.numpy() / RATE)[1]
    found = frequency_response(torch.tensor(sos), POINTS, RATE)
    assert found.dtype == torch.complex128
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9 * np.abs(expected).max())


@pytest.mark.slow
@pytest.mark.parametrize("name", TORTURE)
def test_response_is_the_transform_of_the_impulse_response(name):
    sos = torch.tensor(TORTURE[name])
    impulse = torch.zeros(1 << 21, dtype=torch.float64)
    impulse[0] = 1.0
    spectrum = torch.fft.rfft(sosfilt(impulse, sos)[0])
    points = torch.arange(len(spectrum), dtype=torch.float64) * RATE / len(impulse)
    error = (frequency_response(sos, points, RATE) - spectrum).abs().max()
    assert error < 1e-9 * spectrum.abs().max()


def test_zero_on_the_circle_is_a_zero_of_the_response():
    low_pass = torch.tensor([[1.0, 2.0, 1.0, 1.0, -0.5, 0.1]])
    assert frequency_response(low_pass, RATE / 2, RATE) == 0
    high_pass = torch.tensor([[1.0, -2.0, 1.0, 1.0, -0.5, 0.1]])
    assert frequency_response(high_pass, 0.0, RATE) == 0


def test_accuracy_at_low_frequencies():
    # 24 dB below a corner at 1 mHz, where a direct sum of the coefficients loses every digit.
    k = np.tan(np.pi * 1e-3 / RATE)
    b, a = [k * k, 2 * k * k, k * k], [1 + 2**0.5 * k + k * k, 2 * (k * k - 1), 1 - 2**0.5 * k + k * k]
    found = frequency_response(torch.tensor([[*b, *a]], dtype=torch.float64), 1e-3, RATE).abs().item()
    assert found == pytest.approx(0.5**0.5, rel=1e-3)


def test_response_is_infinite_on_a_pole():
    integrator = torch.tensor([[1.0, 0.0, 0.0, 1.0, -1.0, 0.0]])
    assert frequency_response(integrator, 0.0, RATE).abs().item() == float("inf")


def exact_delay(sos, frequencies):
    """Return Re(sum k c_k z^-k / sum c_k z^-k) with NumPy, numerator less denominator."""
    z = np.exp(-2j * np.pi * frequencies / RATE)
    total = np.zeros(len(frequencies))
    for row in sos:
        for c, sign in ((row[:3], 1), (row[3:], -1)):
            value, slope = c[0] + c[1] * z + c[2] * z**2, c[1] * z + 2 * c[2] * z**2
            total += sign * (slope / value).real
    return total


@settings(max_examples=50, deadline=None)
@given(stable_sections(8))
def test_group_delay_is_the_derivative_of_the_phase(sos):
    points = np.linspace(50, RATE / 2 - 50, 301)
    found = group_delay(torch.tensor(sos), torch.tensor(points), RATE).numpy()
    expected = exact_delay(sos, points)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_group_delay_equals_the_angle_differentiated_by_autograd():
    sos = torch.tensor(ss.ellip(6, 1, 60, 3000, fs=RATE, output="sos"))
    points = torch.linspace(10, 20_000, 200, dtype=torch.float64, requires_grad=True)
    angle = torch.angle(frequency_response(sos, points, RATE))
    (slope,) = torch.autograd.grad(angle.sum(), points)
    torch.testing.assert_close(group_delay(sos, points, RATE), -slope * RATE / (2 * np.pi), rtol=1e-7, atol=1e-7)


def test_group_delay_of_symmetric_zeros_is_constant_up_to_and_on_them():
    comb = torch.tensor([[1.0, 0.0, 1.0, 1.0, 0.0, 0.0], [1.0, -1.0, 0.0, 1.0, 0.0, 0.0]])
    points = torch.tensor([0.0, 1e-6, 1000.0, RATE / 4, RATE / 2], dtype=torch.float64)
    torch.testing.assert_close(group_delay(comb, points, RATE), torch.full((5,), 1.5, dtype=torch.float64))


def test_group_delay_close_to_the_circle():
    gap = 1e-9
    resonator = torch.tensor([[1.0, 0.0, 0.0, 1.0, -(1 - gap), 0.0]], dtype=torch.float64)
    assert group_delay(resonator, 0.0, RATE).item() == pytest.approx((1 - gap) / gap, rel=1e-6)
    delay = torch.tensor([[0.0, 0.0, 1.0, 1.0, 0.0, 0.0]])
    torch.testing.assert_close(group_delay(delay, POINTS, RATE), torch.full_like(POINTS, 2.0))


def test_broadcasting_and_scalar_frequencies():
    bank = torch.tensor(np.stack([ss.butter(4, c, fs=RATE, output="sos") for c in (500, 1000, 2000)]))
    for function in (frequency_response, group_delay):
        assert function(bank, POINTS, RATE).shape == (3, 501)
        assert function(bank, 1000.0, RATE).shape == (3,)
        assert function(bank[0], 1000.0, RATE).shape == ()
        assert function(bank[:, None], POINTS[None, :].expand(2, -1), RATE).shape == (3, 2, 501)
        assert function(torch.zeros(0, 6), POINTS, RATE).shape == (501,)
        torch.testing.assert_close(function(bank, POINTS, RATE)[1], function(bank[1], POINTS, RATE))
    assert frequency_response(bank[0], 1000, RATE).isfinite()


def test_gradients_to_coefficients_and_frequencies():
    sos = torch.tensor(ss.butter(3, 3000, fs=RATE, output="sos")).requires_grad_()
    points = torch.tensor([100.0, 3000.0, 15_000.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda s, f: frequency_response(s, f, RATE), (sos, points))
    assert torch.autograd.gradcheck(lambda s, f: group_delay(s, f, RATE), (sos, points))
    inside = (sos.detach() * torch.tensor([1.0, 0.8, 0.6, 1.0, 0.9, 0.8])).requires_grad_()
    assert torch.autograd.gradgradcheck(lambda s, f: group_delay(s, f, RATE), (inside, points), rtol=1e-2)


@pytest.mark.parametrize("function", [frequency_response, group_delay])
def test_errors(function):
    sos = torch.tensor(TORTURE["low-pass at 5 Hz"])
    with pytest.raises(EngineError, match="sample_rate is 0"):
        function(sos, 100.0, 0)
    with pytest.raises(EngineError, match=r"\(3, 5\)"):
        function(noise(3, 5), 100.0, RATE)
    with pytest.raises(EngineError, match="do not broadcast"):
        function(sos.expand(4, 1, 6), noise(3, 5), RATE)
