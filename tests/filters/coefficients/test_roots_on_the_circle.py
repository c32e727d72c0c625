"""Filters given by coefficients, at frequencies where a root lies on the unit circle or several are close to 1."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx

RATE = 48_000.0


def test_the_delay_of_a_notch_given_by_its_roots_and_by_its_sections():
    zero = np.exp(2j * np.pi * 60 / RATE)
    made = fx.ZPK([zero, zero.conj()], [0.99 * zero, 0.99 * zero.conj()], 1)
    for given in (made, fx.SOS(made.sos(RATE)), fx.TransferFunction(*made.ba(RATE)), made | fx.SOS(made.sos(RATE))):
        below, at, above = given.group_delay([59.9, 60.0, 60.1], RATE).tolist()
        assert below > at > above
        assert at == pytest.approx((below + above) / 2, rel=1e-5)
    assert made.group_delay(60.0, RATE).item() == pytest.approx(128.4019, abs=1e-3)


def test_the_delay_of_a_notch_that_is_a_sum():
    for hertz in range(40, 4000, 173):
        sum_of_two = fx.Mix(fx.AllPass(float(hertz)), mix=0.5)
        notch = fx.Notch(float(hertz), q=fx.AllPass().q)
        points = [hertz - 1.0, float(hertz), hertz + 1.0]
        torch.testing.assert_close(
            sum_of_two.group_delay(points, RATE), notch.group_delay(points, RATE), rtol=1e-6, atol=0
        )


def test_zeros_of_order_5_and_more():
    assert fx.FIR(np.poly([1.0] * 5)).group_delay([0.0], 2.0).tolist() == [2.5]
    for order in (1, 5, 8, 24):
        b, a = signal.butter(order, 0.3, "highpass")
        poles = signal.butter(order, 0.3, "highpass", output="zpk")[1]
        expected = order / 2 + (poles / (1 - poles)).sum().real
        for made in (fx.TransferFunction(b, a), fx.Butterworth(0.3, order, "highpass")):
            assert made.group_delay([0.0], 2.0).item() == pytest.approx(expected, rel=1e-6)


def test_two_roots_close_to_1():
    with pytest.warns(fx.BadCoefficientsWarning, match="ZPK .*the response of its sections is off by"):
        assert fx.ZPK([1 - 1e-9] * 2, [1 - 2e-9] * 2, 1).response([0.0], 2.0).item() == pytest.approx(0.25)
    with pytest.warns(fx.BadCoefficientsWarning, match="more than 60 dB at 0 Hz"):
        assert fx.ZPK([], [1 - 1e-9] * 2, 1).response([0.0], 2.0).item() == pytest.approx(1e18)
    made = fx.ZPK([], [1 - 1e-9] * 2, 1)
    assert made.poles(2.0).real.tolist() == [1 - 1e-9] * 2
    assert made.group_delay(0.0, 2.0).item() == pytest.approx(2e9)


def test_a_recursive_mean_has_the_response_of_its_taps():
    """The pole at 1 is cancelled by a zero, and the value there is the limit."""
    recursive = fx.TransferFunction([0.125, *[0.0] * 7, -0.125], [1.0, -1.0])
    points = [0.0, 700.0, 6000.0, 24_000.0]
    expected = fx.MovingAverage(8.0).response(points, RATE)
    torch.testing.assert_close(recursive.response(points, RATE), expected, rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(
        recursive.group_delay(points, RATE), torch.full((4,), 3.5, dtype=torch.float64), rtol=1e-9, atol=0
    )
    cic = fx.ZPK([1.0, -1.0], [1.0, 0.0], 0.5)
    torch.testing.assert_close(cic.response(points, RATE), fx.FIR([0.5, 0.5]).response(points, RATE))
    assert fx.SOS([[0.5, 0.0, -0.5, 1.0, -1.0, 0.0]]).response(0.0, RATE).item() == 1.0


def test_a_card_shows_the_delay_of_a_notch():
    from fxlab.display.plots.response_curves import compute_curves

    zero = np.exp(2j * np.pi * 60 / RATE)
    made = fx.ZPK([zero, zero.conj()], [0.99 * zero, 0.99 * zero.conj()], 1)
    curves = compute_curves(made, RATE, np.array([59.9, 60.0, 60.1]))
    np.testing.assert_allclose(curves.delay, [[128.436, 128.402, 128.368]], atol=1e-3)
