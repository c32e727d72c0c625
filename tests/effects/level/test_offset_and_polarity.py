"""`DCOffset` adds a constant, and `Invert` changes the sign."""

import pytest
import torch

import fxlab as fx

RATE = 48_000


def test_an_offset_is_added_and_a_dc_blocker_removes_it():
    x = torch.randn(2, 100, dtype=torch.float64)
    torch.testing.assert_close(fx.DCOffset(-0.3)(x, sample_rate=RATE), x - 0.3)
    y = (fx.DCOffset(0.5) | fx.DCBlock())(torch.zeros(1, RATE), sample_rate=RATE)
    assert y[0, 0] > 0.4
    assert y[0, -1].abs() < 1e-3


def test_the_offset_may_differ_and_move():
    y = fx.DCOffset(torch.tensor([0.1, -0.2]))(torch.zeros(2, 1, 3), sample_rate=RATE)
    torch.testing.assert_close(y[:, 0], torch.tensor([[0.1] * 3, [-0.2] * 3]))
    ramp = fx.DCOffset(fx.Ramp(0.0, 1.0, duration=1.0))(torch.zeros(1, 4), sample_rate=4)
    torch.testing.assert_close(ramp, torch.tensor([[0.0, 0.25, 0.5, 0.75]]))
    with pytest.raises(fx.ParameterError, match="offset is inf"):
        fx.DCOffset(float("inf"))


def test_inverting_twice_changes_nothing_and_the_sum_with_the_input_is_silence():
    x = torch.randn(2, 100)
    assert torch.equal(fx.Invert()(x, sample_rate=RATE), -x)
    assert torch.equal((fx.Invert() | fx.Invert())(x, sample_rate=RATE), x)
    torch.testing.assert_close(fx.Mix(fx.Invert(), 0.5)(x, sample_rate=RATE), torch.zeros(2, 100))
    assert fx.Invert().response([1000.0], RATE).item() == pytest.approx(-1)
