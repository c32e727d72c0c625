"""Automation and ramp: their lines against NumPy's interpolation, their jumps, and their gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import fxlab as fx

RATE = 100
TIMES, VALUES = [0.5, 1.0, 1.0, 2.25], [100.0, 800.0, 200.0, 400.0]
SAMPLES = torch.arange(300)
SECONDS = SAMPLES.numpy() / RATE


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_an_automation_is_a_line_on_the_scale_of_the_parameter(scale):
    y = fx.Automation(TIMES, VALUES).evaluate(SAMPLES, RATE, scale).numpy()
    convert, back = (np.log, np.exp) if scale == "log" else (lambda v: v, lambda v: v)
    # NumPy wants times that rise, so the jump takes a moment in which there is no sample.
    expected = back(np.interp(SECONDS, [0.5, 1.0 - 1e-9, 1.0, 2.25], convert(np.array(VALUES))))
    np.testing.assert_allclose(y, expected, rtol=1e-7)


def test_an_automation_can_hold_its_values():
    y = fx.Automation([0.0, 1.0, 2.0], [1.0, 5.0, 3.0], "hold").evaluate(SAMPLES, RATE)
    assert y.tolist() == [1.0] * 100 + [5.0] * 100 + [3.0] * 100


def test_only_steps_and_points_at_one_time_are_jumps():
    assert fx.Automation(TIMES, VALUES).jumps
    assert fx.Automation([0.0, 1.0], [1.0, 2.0], "hold").jumps
    assert not fx.Automation([0.0, 1.0], [1.0, 2.0]).jumps


def test_a_ramp_is_a_line_between_two_constants():
    y = fx.Ramp(2.0, 8.0, duration=1.5, delay=0.5).evaluate(SAMPLES, RATE, "log").numpy()
    np.testing.assert_allclose(np.log(y), np.interp(SECONDS, [0.5, 2.0], np.log([2.0, 8.0])), atol=1e-12)


def test_examples_may_have_their_own_points():
    points = torch.tensor([[1.0, 2.0, 3.0], [5.0, 4.0, 5.0]], dtype=torch.float64)
    together = fx.Automation([0.0, 1.0, 2.0], points).evaluate(SAMPLES, RATE)
    for row, values in zip(together, points, strict=True):
        torch.testing.assert_close(row, fx.Automation([0.0, 1.0, 2.0], values).evaluate(SAMPLES, RATE))


def test_gradients_reach_times_and_values():
    x = torch.randn(1, 60, dtype=torch.float64, generator=torch.Generator().manual_seed(2))

    def filtered(times, values):
        return fx.LowPass(cutoff=fx.Automation(times, values, hop=4))(x, sample_rate=RATE)

    def ramped(*values):
        return fx.LowPass(cutoff=fx.Ramp(*values, hop=4))(x, sample_rate=RATE)

    points = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in ([0.03, 0.31, 0.55], [5.0, 30.0, 9.0])]
    assert torch.autograd.gradcheck(filtered, points)
    numbers = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (5.0, 30.0, 0.333, 0.111)]
    assert torch.autograd.gradcheck(ramped, numbers)
