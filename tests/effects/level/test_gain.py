"""A constant gain: exact in dB, merged with filters, with gradients."""

import pytest
import torch

import fxlab as fx


@pytest.mark.parametrize("gain_db", [-60.0, -6.0, 0.0, 20.0])
def test_the_level_changes_by_the_gain(gain_db):
    x = torch.randn(2, 1000, dtype=torch.float64)
    y = fx.Gain(gain_db)(x, sample_rate=48_000)
    torch.testing.assert_close(y, x * 10 ** (gain_db / 20), rtol=1e-12, atol=0)


def test_a_gain_has_a_flat_response_and_no_delay():
    gain = fx.Gain(-12.0)
    torch.testing.assert_close(
        gain.magnitude_db([20.0, 1000.0, 20_000.0], sample_rate=48_000), torch.full((3,), -12.0, dtype=torch.float64)
    )
    assert gain.group_delay([100.0, 10_000.0], sample_rate=48_000).abs().max() == 0


def test_gains_and_filters_commute():
    x = torch.randn(1, 500, dtype=torch.float64)
    before, after = fx.Gain(6.0) | fx.LowPass(800.0), fx.LowPass(800.0) | fx.Gain(6.0)
    torch.testing.assert_close(before(x, sample_rate=8000), after(x, sample_rate=8000))


def test_each_example_has_its_own_gain():
    gains = torch.tensor([0.0, 6.0, -6.0], dtype=torch.float64)
    y = fx.Gain(gains)(torch.ones(3, 1, 4, dtype=torch.float64), sample_rate=8000)
    torch.testing.assert_close(y[:, 0, 0], 10 ** (gains / 20))
