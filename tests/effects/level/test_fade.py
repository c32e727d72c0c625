"""Fades: their shapes, where they begin and end, sounds shorter than a fade, and streams."""

import math

import pytest
import torch
import torchaudio

import fxlab as fx

RATE = 1000
NAMES = {
    "linear": "linear",
    "quarter sine": "quarter_sine",
    "half sine": "half_sine",
    "exponential": "exponential",
    "logarithmic": "logarithmic",
}


@pytest.mark.parametrize("shape", NAMES)
def test_the_gain_is_that_of_torchaudio(shape):
    """torchaudio counts both ends, and its logarithmic fade reaches full level before its end."""
    x = torch.ones(1, 2000)
    ours = fx.Fade(in_s=0.5, out_s=0.3, shape=shape)(x, sample_rate=RATE)
    theirs = torchaudio.transforms.Fade(501, 301, NAMES[shape])(x)
    if shape == "logarithmic":
        assert (ours - theirs).abs().max() < 0.05
        assert (ours[0, 0].item(), ours[0, 500].item()) == pytest.approx((0.0, 1.0), abs=1e-6)
    else:
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


def test_quarter_sines_keep_the_power_of_a_crossfade():
    x = torch.ones(1, 101, dtype=torch.float64)
    rising = fx.Fade(0.1, 0.0, "quarter sine")(x, sample_rate=RATE)
    falling = fx.Fade(0.0, 0.1, "quarter sine")(x, sample_rate=RATE)
    torch.testing.assert_close(rising.square() + falling.square(), x)


@pytest.mark.parametrize("shape", NAMES)
def test_every_shape_rises_from_silence_to_full_level(shape):
    y = fx.Fade(0.1, 0.0, shape)(torch.ones(1, 200, dtype=torch.float64), sample_rate=RATE)[0]
    assert y[0].item() == pytest.approx(0.0, abs=1e-12)
    assert (y[:101].diff() > 0).all()
    assert (y[100:] == 1).all()


def test_a_sound_shorter_than_a_fade_gets_a_part_of_it():
    y = fx.Fade(in_s=1.0, out_s=0.0)(torch.ones(1, 100), sample_rate=RATE)
    torch.testing.assert_close(y[0], torch.arange(100) / 1000)


@pytest.mark.parametrize("size", [1, 7, 512])
def test_a_stream_holds_back_the_end_and_equals_one_call(size):
    fade, x = fx.Fade(0.05, 0.1, "half sine"), torch.randn(2, 400, dtype=torch.float64)
    stream = fade.stream(RATE)
    blocks = [stream(block) for block in x.split(size, -1)]
    assert sum(block.shape[-1] for block in blocks) == 300
    torch.testing.assert_close(torch.cat([*blocks, stream.flush()], -1), fade(x, sample_rate=RATE))


def test_each_example_has_its_own_duration_and_gradients_are_exact():
    durations = torch.tensor([0.01, 0.05], dtype=torch.float64)
    x = torch.randn(2, 1, 100, dtype=torch.float64)
    y = fx.Fade(durations, durations)(x, sample_rate=RATE)
    for number, duration in enumerate(durations.tolist()):
        torch.testing.assert_close(y[number], fx.Fade(duration, duration)(x[number], sample_rate=RATE))

    def run(start, end):
        return fx.Fade(start, end, "half sine")(torch.ones(1, 30, dtype=torch.float64), sample_rate=100)

    values = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (0.123, 0.077)]
    assert torch.autograd.gradcheck(run, values)


def test_bad_durations_are_refused_and_a_duration_does_not_move():
    with pytest.raises(fx.ParameterError, match="in_s is -1 s; it must be at least 0 s"):
        fx.Fade(in_s=-1.0)
    with pytest.raises(fx.ParameterError, match="out_s is nan s"):
        fx.Fade(out_s=math.nan)
    with pytest.raises(fx.ParameterError, match=r"in_s cannot be .* a fade happens once"):
        fx.Fade(in_s=fx.LFO())
