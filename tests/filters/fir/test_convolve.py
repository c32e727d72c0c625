"""Convolution with a recorded impulse response: rates, channels, long tails, blocks."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
import torch
from scipy import signal

import fxlab as fx

RATE = 44_100


def room(channels=1, seconds=0.1, rate=RATE, seed=0):
    draw = np.random.default_rng(seed)
    frames = int(seconds * rate)
    return fx.Signal(draw.standard_normal((channels, frames)) * np.exp(-np.arange(frames) / frames * 7), rate)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("seconds", [0.001, 0.1, 3.0])
def test_the_sound_is_that_of_scipys_convolution_whole_and_in_blocks(channels, seconds):
    heard = room(channels, seconds)
    x = torch.randn(2, RATE, dtype=torch.float64)
    expected = np.stack(
        [signal.fftconvolve(row, heard.numpy()[n % channels])[:RATE] for n, row in enumerate(x.numpy())]
    )
    made = fx.Convolve(heard)
    size = np.abs(expected).max()
    y = made(x, sample_rate=RATE)
    np.testing.assert_allclose(y.numpy(), expected, atol=1e-10 * size)
    stream = made.stream(RATE)
    blocks = [stream(x[:, a:b]) for a, b in itertools.pairwise([0, 64, 1000, 20_000, RATE])]
    np.testing.assert_allclose(torch.cat(blocks, -1).numpy(), expected, atol=1e-10 * size)
    several = made(x.expand(3, 2, RATE), sample_rate=RATE)
    torch.testing.assert_close(several[1], y)


def test_a_signal_brings_its_rate_and_another_is_refused():
    made = fx.Convolve(room())
    assert made.rate == RATE
    with pytest.raises(
        fx.ParameterError, match=r"was recorded at 44100 Hz and the signal has 48000 Hz, .* resample one"
    ):
        made(fx.noise(duration=0.1, sample_rate=48_000))
    with pytest.raises(fx.ParameterError, match="has a sample rate of 44100 Hz and rate is 48000; omit rate"):
        fx.Convolve(room(), rate=48_000)
    with pytest.raises(fx.ParameterError, match=r"rate is -1; it must be a number of Hz above 0, or None"):
        fx.Convolve([1.0], rate=-1)
    samples = fx.Convolve(room().samples, 44_100)
    x = fx.noise(duration=0.1, sample_rate=RATE)
    assert torch.equal(samples(x).samples, made(x).samples)
    any_rate = fx.Convolve([0.5, 0.5])
    assert any_rate.rate is None
    assert any_rate(x).frames == x.frames
    made.samples = room(rate=8000)
    assert made.rate == 8000


def test_channels_go_one_by_one_or_one_for_all():
    made = fx.Convolve(room(3))
    for wrong in (torch.zeros(2, 8), torch.zeros(1, 8), torch.zeros(8)):
        with pytest.raises(fx.SignalError, match="the impulse response has 3 channels and the signal"):
            made(wrong, sample_rate=RATE)
    assert made(torch.zeros(5, 3, 8), sample_rate=RATE).shape == (5, 3, 8)
    assert fx.Convolve(room())(torch.zeros(8), sample_rate=RATE).shape == (8,)
    heard = made.impulse_response(RATE)
    torch.testing.assert_close(heard, room(3).samples)
    assert made.impulse_response(RATE, duration=1.0).shape == (3, RATE)
    assert made.response([100.0, 200.0], RATE).shape == (1, 3, 2)  # one example, three channels
    with pytest.raises(fx.ParameterError, match=r"shape \(1, 1, 5\); it must be \(time,\) or \(channels, time\)"):
        fx.Convolve(torch.zeros(1, 1, 5))


def test_energy_leaves_the_level_of_noise():
    x = fx.noise(duration=4.0, sample_rate=RATE, seed=1)
    y = fx.Convolve(room(), normalize="energy")(x)
    level = 20 * np.log10(np.std(y.numpy()) / np.std(x.numpy()))
    assert abs(level) < 0.3
    both = fx.Convolve(room(2), normalize="energy").kernel(RATE)
    assert both.square().sum(-1).mean().item() == pytest.approx(1)
    with pytest.raises(fx.ParameterError, match="is silent, so normalize='energy' cannot scale it"):
        fx.Convolve([0.0, 0.0], normalize="energy")(x)


def test_it_is_written_down_learned_and_shown():
    made = fx.Convolve(room(2, 0.01), normalize="energy")
    back = fx.Module.from_dict(json.loads(json.dumps(made.to_dict())))
    x = torch.randn(2, 300)
    assert torch.equal(back(x, sample_rate=RATE), made(x, sample_rate=RATE))
    assert back.rate == RATE
    assert "2 × 441" in repr(made)
    small = fx.Convolve([1.0, 0.25], 8000)
    assert repr(small) == "Convolve(impulse_response=[[1.0, 0.25]], rate=8000.0)"
    taps = torch.nn.Parameter(torch.tensor([[0.5, 0.1]], dtype=torch.float64))
    learned = fx.Convolve(taps)
    assert next(iter(learned.parameters())) is taps
    assert torch.autograd.gradcheck(lambda h: fx.Convolve(h)(x[:, :20].double(), sample_rate=RATE), (taps,))
    page = made._repr_mimebundle_()[0]["text/html"]
    assert "could not be drawn" not in page
