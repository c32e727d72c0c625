"""A constant-power pan: gains, power, stereo input, and the number of channels."""

import math

import pytest
import torch

import fxlab as fx

RATE = 48_000


@pytest.mark.parametrize("position", [-1.0, -0.6, 0.0, 0.25, 1.0])
def test_the_power_of_a_mono_sound_is_constant(position):
    x = torch.randn(1, 1000, dtype=torch.float64)
    y = fx.Pan(position)(x, sample_rate=RATE)
    assert y.shape == (2, 1000)
    torch.testing.assert_close(y.square().sum(0), x[0].square())
    angle = (position + 1) * math.pi / 4
    torch.testing.assert_close(y[0], math.cos(angle) * x[0])


def test_the_ends_are_one_channel_alone_and_the_middle_is_equal():
    x = torch.randn(1, 10)
    left, middle, right = (fx.Pan(place)(x, sample_rate=RATE) for place in (-1.0, 0.0, 1.0))
    torch.testing.assert_close(left[0], x[0])
    torch.testing.assert_close(right[1], x[0])
    assert left[1].abs().max() < 1e-6 > right[0].abs().max()
    torch.testing.assert_close(middle[0], middle[1])
    torch.testing.assert_close(middle[0], x[0] * math.sqrt(0.5))


@pytest.mark.parametrize(
    ("position", "left", "right"),
    [  # outputs for the inputs (1, 0) and (0, 1), by the algorithm of the Web Audio API
        (0.0, (1, 0), (0, 1)),
        (-1.0, (1, 0), (1, 0)),
        (1.0, (0, 1), (0, 1)),
        (-2 / 3, (1, 0), (math.cos(math.pi / 6), math.sin(math.pi / 6))),
        (1 / 3, (math.cos(math.pi / 6), math.sin(math.pi / 6)), (0, 1)),
    ],
)
def test_a_stereo_sound_moves_as_in_the_web_audio_api(position, left, right):
    x = torch.eye(2, dtype=torch.float64)
    y = fx.Pan(position)(x, sample_rate=RATE)
    expected = torch.tensor([left, right], dtype=torch.float64).mT
    torch.testing.assert_close(y, expected, rtol=0, atol=1e-12)


def test_the_position_may_move_and_differ_by_example():
    x = torch.ones(2, 1, 48, dtype=torch.float64)
    y = fx.Pan(torch.tensor([-1.0, 1.0], dtype=torch.float64))(x, sample_rate=RATE)
    torch.testing.assert_close(y[:, 0, 0], torch.tensor([1.0, 0.0], dtype=torch.float64), atol=1e-12, rtol=0)
    swept = fx.Pan(fx.Ramp(-1.0, 1.0, duration=0.001))(x[0], sample_rate=RATE)
    torch.testing.assert_close(swept.square().sum(0), torch.ones(48, dtype=torch.float64))
    assert (swept[1].diff() > 0).all()


def test_more_than_two_channels_and_invalid_positions_are_refused():
    with pytest.raises(fx.SignalError, match="Pan: the input has 3 channels; it must be mono or stereo"):
        fx.Pan()(torch.ones(3, 4), sample_rate=RATE)
    with pytest.raises(fx.ParameterError, match=r"position is 1\.5"):
        fx.Pan(1.5)
    with pytest.raises(fx.ParameterError, match="Pan: position has 2 values and the sound one channel"):
        fx.Pan(torch.tensor([-0.5, 0.5]))(torch.ones(1, 4), sample_rate=RATE)


def test_a_mono_signal_becomes_stereo_within_a_chain():
    y = fx.Signal(torch.ones(100), RATE) | (fx.Gain(6.0) | fx.Pan(0.5) | fx.LowPass())
    assert y.channels == 2
