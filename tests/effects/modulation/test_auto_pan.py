"""An automatic panner: constant power, the sides that it reaches, and numbers of channels other than two."""

import math

import pytest
import torch

import fxlab as fx

RATE = 8000
ONES = torch.ones(2, RATE, dtype=torch.float64)


@pytest.mark.parametrize("shape", ["sine", "triangle", "square"])
@pytest.mark.parametrize("depth", [0.0, 0.4, 1.0])
def test_the_power_is_constant(shape, depth):
    gains = fx.AutoPan(rate_hz=2.0, depth=depth, shape=shape)(ONES, sample_rate=RATE)
    torch.testing.assert_close(gains.square().sum(0), torch.full((RATE,), 2.0, dtype=torch.float64))


def test_it_starts_at_the_center_and_reaches_the_right_side_first():
    left, right = fx.AutoPan(rate_hz=2.0)(ONES, sample_rate=RATE)
    assert (left[0].item(), right[0].item()) == pytest.approx((1.0, 1.0))
    quarter = RATE // 8  # of a cycle at 2 Hz
    assert (left[quarter].item(), right[quarter].item()) == pytest.approx((0.0, math.sqrt(2)), abs=1e-9)
    assert (left[3 * quarter].item(), right[3 * quarter].item()) == pytest.approx((math.sqrt(2), 0.0), abs=1e-9)


def test_half_the_depth_moves_half_as_far():
    left, right = fx.AutoPan(rate_hz=2.0, depth=0.5)(ONES, sample_rate=RATE)
    angle = torch.atan2(right, left) - math.pi / 4
    assert angle.abs().max().item() == pytest.approx(math.pi / 8, abs=1e-6)


def test_channels_are_pairs_and_one_without_a_partner_stays():
    x = torch.randn(5, 300, dtype=torch.float64)
    y = fx.AutoPan(rate_hz=30.0)(x, sample_rate=RATE)
    pair = fx.AutoPan(rate_hz=30.0)(x[:2], sample_rate=RATE)
    torch.testing.assert_close(y[:2], pair)
    torch.testing.assert_close(y[2:4] / x[2:4], pair / x[:2])
    assert torch.equal(y[4], x[4])
    for mono in (x[:1], x[0]):
        assert torch.equal(fx.AutoPan(rate_hz=30.0)(mono, sample_rate=RATE), mono)


def test_gradients_of_a_stereo_sound_are_exact():
    def run(x, rate, depth):
        return fx.AutoPan(rate_hz=rate, depth=depth)(x, sample_rate=100)

    inputs = (torch.randn(2, 2, 12), torch.tensor([3.0, 7.0]), torch.tensor([[0.5, 0.4], [0.3, 0.8]]))
    assert torch.autograd.gradcheck(run, [value.double().requires_grad_() for value in inputs])


def test_examples_have_their_own_values():
    x = torch.randn(3, 2, 200, dtype=torch.float64)
    rates = torch.tensor([10.0, 20.0, 30.0])
    y = fx.AutoPan(rate_hz=rates)(x, sample_rate=RATE)
    for rate, sound, expected in zip(rates.tolist(), x, y, strict=True):
        torch.testing.assert_close(fx.AutoPan(rate_hz=rate)(sound, sample_rate=RATE), expected)


def test_invalid_values_are_refused():
    with pytest.raises(fx.ParameterError, match="depth is 2"):
        fx.AutoPan(depth=2.0)
    with pytest.raises(fx.ParameterError, match="rate_hz is 0"):
        fx.AutoPan(rate_hz=0.0)
