"""The stereo width, and middle and sides processed apart."""

import pytest
import torch

import fxlab as fx

RATE = 48_000


def stereo(length: int = 400) -> torch.Tensor:
    return torch.randn(2, length, dtype=torch.float64)


def test_the_width_scales_the_side_and_keeps_the_middle():
    x = stereo()
    for width in (0.0, 0.5, 1.0, 2.0):
        y = fx.StereoWidth(width)(x, sample_rate=RATE)
        torch.testing.assert_close(y[0] + y[1], x[0] + x[1])
        torch.testing.assert_close(y[0] - y[1], width * (x[0] - x[1]))
    assert torch.equal(fx.StereoWidth(2.0)(x[:1], sample_rate=RATE), x[:1])
    with pytest.raises(fx.ParameterError, match=r"width is -0\.5; it must be at least 0"):
        fx.StereoWidth(-0.5)


def test_mid_side_without_anything_changes_nothing():
    x = stereo()
    torch.testing.assert_close(fx.MidSide()(x, sample_rate=RATE), x)
    torch.testing.assert_close(fx.MidSide()(x[0], sample_rate=RATE), x[0])


def test_gains_of_middle_and_sides():
    x = stereo()
    y = fx.MidSide(mid_gain_db=-6.0, side_gain_db=12.0)(x, sample_rate=RATE)
    torch.testing.assert_close(y[0] + y[1], (x[0] + x[1]) * 10 ** (-6 / 20))
    torch.testing.assert_close(y[0] - y[1], (x[0] - x[1]) * 10 ** (12 / 20))


def test_modules_process_the_middle_and_the_sides_alone():
    x, low, high = stereo(), fx.LowPass(900.0), fx.HighPass(300.0, q=2.0)
    y = fx.MidSide(mid=low, side=high)(x, sample_rate=RATE)
    torch.testing.assert_close(y[0] + y[1], low((x[0] + x[1])[None], sample_rate=RATE)[0])
    torch.testing.assert_close(y[0] - y[1], high((x[0] - x[1])[None], sample_rate=RATE)[0])


def test_blocks_equal_one_call_and_the_tail_follows():
    module = fx.MidSide(
        mid=fx.Compressor(-30.0), side=fx.Delay(delay_ms=2.0, feedback=0.4, tail="ring") | fx.HighPass(200.0)
    )
    x = stereo(2000)
    whole = module(x, sample_rate=8000)
    assert whole.shape[-1] == 2000 + module.tail_samples(8000) > 2000
    for size in (7, 512):
        stream = module.stream(8000)
        y = torch.cat([*(stream(block) for block in x.split(size, -1)), stream.flush()], -1)
        torch.testing.assert_close(y, whole, rtol=0, atol=1e-12)


def test_mid_side_is_restored_from_its_text_and_its_dictionary():
    module = fx.MidSide(fx.Gain(2.0), fx.HighPass(150.0) | fx.Gain(-3.0), side_gain_db=1.5)
    assert (
        repr(module)
        == "MidSide(mid=Gain(gain_db=2.0), side=HighPass(cutoff=150.0) | Gain(gain_db=-3.0), side_gain_db=1.5)"
    )
    x = stereo()
    for again in (fx.Module.from_dict(module.to_dict()), eval(repr(module), vars(fx))):
        assert repr(again) == repr(module)
        assert torch.equal(again(x, sample_rate=RATE), module(x, sample_rate=RATE))
    assert [name for name, *_ in module.walk()][:3] == ["mid_gain_db", "side_gain_db", "align"]


def test_a_sound_without_channels_has_a_silent_middle():
    module = fx.MidSide(fx.Gain(2.0), fx.Gain(-3.0))
    assert module(torch.zeros(0, 3), sample_rate=RATE).shape == (0, 3)
