"""Filters at the edge of what their coefficients can express, against SciPy and against their own analysis."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx

RATE = 48_000.0
NOTCH = np.exp(2j * np.pi * 60 / RATE)
HERTZ = [0.0, 1e-6, 59.0, 1000.0, 12_000.0, 23_999.999, 24_000.0]
ODD = {
    "poles on the circle": lambda: fx.ZPK([], [NOTCH, NOTCH.conj()], 1e-3),
    "a pole at 1": lambda: fx.ZPK([-1], [1], 0.5),
    "a pole at -1": lambda: fx.ZPK([1], [-1], 0.5),
    "a pole of order 24": lambda: fx.ZPK([], [0.9] * 24, 0.1**24),
    "complex poles of order 12": lambda: fx.ZPK([0] * 24, [0.5 + 0.5j, 0.5 - 0.5j] * 12, 1),
    "order 48 at 20 Hz": lambda: fx.Butterworth((20.0, 40.0), 24, "bandpass"),
    "order 48 by its roots": lambda: fx.ZPK(*signal.butter(24, [100, 200], "bandpass", fs=RATE, output="zpk")),
    "a gain of 0": lambda: fx.ZPK([0.5], [0.2], 0.0),
    "sections with a gain of 0": lambda: fx.SOS([[0, 0, 0, 1, -0.5, 0]]),
    "a numerator of 0": lambda: fx.TransferFunction([0.0, 0], [1, -0.5]),
    "taps of 0": lambda: fx.FIR([0.0, 0.0, 0.0]),
    "zeros at infinity": lambda: fx.ZPK([], [0.5, 0.4, 0.3], 1.0),
    "sections without b0": lambda: fx.SOS([[0, 0, 1, 1, -0.5, 0.1], [0, 1, 0.3, 1, 0, 0]]),
    "only zeros": lambda: fx.ZPK([0.5, 2.0, -1], [0, 0, 0], 1.0),
    "nearly real poles": lambda: fx.ZPK([0.5 + 1e-8j, 0.5 - 1e-8j], [0.9 + 1e-7j, 0.9 - 1e-7j], 0.01),
    "nearly real zeros at 1": lambda: fx.ZPK([1 + 1e-9j, 1 - 1e-9j], [0.99, 0.98], 1.0),
    "tiny coefficients": lambda: fx.SOS([[1e-250, 2e-250, 1e-250, 1, -0.5, 0.1]]),
    "huge coefficients": lambda: fx.SOS([[1e300, 2e300, 1e300, 1, -0.5, 0.1]]),
    "a tiny a0": lambda: fx.SOS([[1e-200, 0, 0, 1e-200, -0.5e-200, 0]]),
    "a negative a0": lambda: fx.TransferFunction([1, 2, 1], [-1, 0.5, 0.1]),
    "a tiny leading coefficient": lambda: fx.TransferFunction([1e-18, 1.0, 0.5], [1.0, -0.5]),
    "maximum phase": lambda: fx.ZPK([1.25, -1.25], [0.5, 0.2], 1),
    "an all-pass of order 10": lambda: fx.ZPK([1 / 0.9] * 10, [0.9] * 10, 0.9**10),
    "roots that cancel on the circle": lambda: fx.ZPK([1, -1], [1, -1], 1),
    "no roots": lambda: fx.ZPK([], [], 2.0),
    "a denormal pole": lambda: fx.ZPK([], [1e-310], 1.0),
    "a zero of order 40": lambda: fx.FIR(np.poly([-1] * 40) / 2**40),
    "a notch of q 1e6": lambda: fx.Notch(1000.0, q=1e6),
    "a cut of 200 dB": lambda: fx.Peak(1000.0, -200.0, q=100.0),
}


@pytest.mark.parametrize("name", ODD)
def test_response_delay_and_sound_agree(name):
    made = ODD[name]()
    response, delay, phase = made.response(HERTZ, RATE), made.group_delay(HERTZ, RATE), made.phase(HERTZ, RATE)
    assert not response.isnan().any()
    assert delay.isfinite().all()
    assert phase.isfinite().all()
    sos = made.sos(RATE).numpy()
    with np.errstate(all="ignore"):
        expected = signal.freqz_sos(sos, HERTZ, fs=RATE)[1]
    is_known = np.isfinite(expected) & np.isfinite(response.numpy())
    largest = np.abs(expected[is_known]).max()
    np.testing.assert_allclose(response.numpy()[is_known], expected[is_known], rtol=1e-6, atol=1e-7 * largest)

    impulse = np.zeros((1, 300))
    impulse[0, 0] = 1.0
    sound = signal.sosfilt(sos, impulse)
    np.testing.assert_allclose(
        made(torch.from_numpy(impulse), sample_rate=RATE), sound, rtol=1e-7, atol=1e-9 * np.abs(sound).max()
    )

    between, step = torch.tensor([777.0, 5000.0], dtype=torch.float64), 1e-4
    turn = torch.angle(made.response(between + step, RATE) / made.response(between - step, RATE))
    slope = -turn / (2 * step) * RATE / (2 * np.pi)
    known = slope.isfinite()
    torch.testing.assert_close(made.group_delay(between, RATE)[known], slope[known], rtol=1e-3, atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_the_other_answers_and_the_card_exist(name):
    made = ODD[name]()
    for answer in ("zeros", "poles", "margin", "noise_gain", "memory", "is_stable", "impulse_response", "ba", "zpk"):
        getattr(made, answer)(RATE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "cannot be drawn" not in made._repr_mimebundle_(include={"text/html"})[0]["text/html"]


def test_a_pole_of_one_stage_that_meets_a_zero_of_another():
    integrator, difference = fx.SOS([[1.0, 0, 0, 1, -1, 0]]), fx.SOS([[1.0, -1, 0, 1, 0, 0]])
    assert (integrator | difference).response([0.0, 10.0], RATE).abs().tolist() == pytest.approx([1.0, 1.0])
    assert (fx.FIR([1.0, 0.0, -1.0]) | integrator).response(0.0, RATE).abs().item() == pytest.approx(2.0)


def test_roots_of_polynomials_at_1_are_exact():
    """As eigenvalues, the two zeros would be 1e-8 apart, and 0 Hz would be on a pole that none of them cancels."""
    made = fx.TransferFunction(np.poly([1, 1, 0.5]), np.poly([1, 1, 0.25]))
    torch.testing.assert_close(fx.SOS(made.sos(RATE)).response(HERTZ, RATE), made.response(HERTZ, RATE))
    assert made.response(0.0, RATE).item() == pytest.approx(0.5 / 0.75)
