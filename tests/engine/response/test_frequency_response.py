"""Responses and group delays against SciPy, automatic differentiation and exact values."""

import numpy as np
import pytest
import scipy.signal as ss
import torch
from hypothesis import given, settings

from fxlab.engine import frequency_response, group_delay, sosfilt
from fxlab.errors import EngineError
from tests.support.recursion_designs import RATE, TORTURE, stable_sections
from tests.support.signals import noise

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
    # All of the lowest 2^15 frequencies, where the poles are closest to the circle, and each sixteenth of the others.
    bins = torch.cat([torch.arange(1 << 15), torch.arange(1 << 15, (1 << 20) + 1, 16)])
    spectrum = torch.fft.rfft(sosfilt(impulse, sos)[0])[bins]
    points = bins.double() * RATE / len(impulse)
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


@pytest.mark.parametrize("low", [20, 1000, 8000])
def test_group_delay_of_a_notch_is_its_limit_at_its_frequency(low):
    """The zeros of most of these are one rounding off the circle; each pair counts one sample."""
    for hertz in range(low, low + 300):
        zero = np.exp(2j * np.pi * hertz / RATE)
        pole = 0.99 * zero
        sos = torch.tensor([[1, -2 * zero.real, (zero * zero.conj()).real, 1, -2 * pole.real, abs(pole) ** 2]])
        points = hertz + torch.tensor([-1e-3, 0.0, 1e-3], dtype=torch.float64)
        poles = exact_delay(np.array([[1.0, 0.0, 0.0, *sos[0, 3:]]]), points.numpy())
        np.testing.assert_allclose(group_delay(sos, points, RATE), 1 + poles, rtol=1e-9)


def test_group_delay_of_scipys_band_stop_at_its_center():
    edges = [0.27, 0.3]
    center = 2 / np.pi * np.arctan(np.sqrt(np.prod(np.tan(np.pi / 2 * np.array(edges)))))
    beside = center + torch.tensor([-1e-5, 0.0, 1e-5], dtype=torch.float64)
    for order in range(1, 9):
        sos = torch.tensor(ss.butter(order, edges, "bandstop", output="sos"))
        found = group_delay(sos, beside, 2.0)
        assert found[1].item() == pytest.approx((found[0] + found[2]).item() / 2, rel=1e-5)
    two = group_delay(torch.tensor(ss.butter(2, edges, "bandstop", output="sos")), center, 2.0)
    assert two.item() == pytest.approx(29.9883, abs=1e-4)


@pytest.mark.parametrize("taps", [8, 20, 33, 64, 128])
def test_group_delay_of_a_symmetric_filter_in_sections_is_half_its_length(taps):
    """Zeros computed as eigenvalues lie up to 1e-13 off the circle."""
    sos = torch.tensor(ss.tf2sos(ss.firwin(taps, 0.3), [1.0]))
    zeros = torch.angle(torch.tensor(np.roots(ss.firwin(taps, 0.3)))).abs() / np.pi
    points = torch.cat([torch.tensor([0.0, 0.1, 1.0], dtype=torch.float64), zeros])
    torch.testing.assert_close(
        group_delay(sos, points, 2.0), torch.full(points.shape, (taps - 1) / 2, dtype=torch.float64), rtol=1e-6, atol=0
    )


@pytest.mark.parametrize("hertz", [0.0, 1e-9, 1e-6, 1e-3, 1.0])
@pytest.mark.parametrize("other", [0.9, -0.3, 0.999, 1.7])
def test_group_delay_next_to_a_zero_at_1(hertz, other):
    """The three coefficients do not add up to 0, by one rounding."""
    sos = torch.tensor([[1 / 3, -(1 + other) / 3, other / 3, 1.0, 0.0, 0.0]], dtype=torch.float64)
    z = np.exp(2j * np.pi * hertz / RATE)
    expected = 0.5 - (other / (z - other)).real
    assert group_delay(sos, hertz, RATE).item() == pytest.approx(expected, rel=1e-6)


def test_response_where_a_pole_and_a_zero_meet_on_the_circle():
    z = np.exp(2j * np.pi * 0.1)
    pair = [1.0, -2 * z.real, 1.0]
    same = torch.tensor([[*pair, *pair]])
    assert frequency_response(same, 0.1, 1.0).item() == pytest.approx(1.0)
    difference, integrator = [0.25, -0.25, 0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 1.0, -1.0, 0.0]
    double = [1.0, 0.0, 0.0, 1.0, -2.0, 1.0]
    for rows, expected in (
        ([difference, integrator], 0.25),
        ([integrator, difference, difference], 0.0),
        ([difference, integrator, integrator], np.inf),
        ([double, difference, difference], 1 / 16),
        ([[1.0, -2.0, 1.0, 1.0, -2.0, 1.0]], 1.0),
        ([[0.0, 0.0, 0.0, 1.0, -1.0, 0.0]], 0.0),
    ):
        found = frequency_response(torch.tensor(rows, dtype=torch.float64), torch.tensor([0.0, 0.3]), 1.0)
        assert found[0].real.item() == expected
        assert found.isfinite()[1]


def test_gradients_at_a_zero_on_the_circle_are_finite():
    z = np.exp(2j * np.pi * 60 / RATE)
    sos = torch.tensor([[1.0, -2 * z.real, abs(z) ** 2, 1.0, -1.8, 0.81]], dtype=torch.float64, requires_grad=True)
    points = torch.tensor([59.0, 60.0, 61.0], dtype=torch.float64, requires_grad=True)
    (to_sections, to_points) = torch.autograd.grad(group_delay(sos, points, RATE).sum(), (sos, points))
    assert to_sections.isfinite().all()
    assert to_points.isfinite().all()
    assert to_sections[0, 3:].abs().min() > 0
    response = torch.view_as_real(frequency_response(sos, 60.0, RATE)).sum()
    assert torch.autograd.grad(response, sos)[0][0, :3].abs().min() > 0


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
