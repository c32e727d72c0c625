"""`Resample` and `Speed`: rates of Signals and chains, streams, lengths, and bad input."""

from __future__ import annotations

import math

import pytest
import torch

import fxlab as fx

RATE = 48_000


def test_the_output_is_a_signal_of_the_new_rate():
    sound = fx.sine(frequency=1000.0, duration=0.5, sample_rate=RATE)
    y = sound | fx.Resample(rate=16_000)
    assert (y.sample_rate, y.duration) == (16_000, 0.5)
    expected = fx.sine(frequency=1000.0, duration=0.5, sample_rate=16_000)
    assert (y.samples - expected.samples)[:, 100:-100].abs().max() < 1e-4


def test_the_next_stage_of_a_chain_runs_at_the_new_rate():
    sound = fx.noise(duration=0.2, sample_rate=RATE, seed=1)
    chain = fx.Gain(-6.0) | fx.Resample(rate=16_000) | fx.LowPass(3000.0) | fx.Delay(delay_ms=10.0, tail="ring")
    assert chain.output_rate(RATE) == 16_000
    y = chain(sound)
    half = fx.Resample(rate=16_000)(fx.Gain(-6.0)(sound))
    torch.testing.assert_close(y.samples, (half | fx.LowPass(3000.0) | chain[3]).samples)
    stream = chain.stream(RATE)
    blocks = [stream(block) for block in torch.split(sound.samples, 700, -1)]
    torch.testing.assert_close(torch.cat([*blocks, stream.flush()], -1), y.samples, rtol=0, atol=1e-5)
    with pytest.raises(fx.ParameterError, match="LowPass"):  # above half the new rate
        (fx.Resample(rate=16_000) | fx.LowPass(9000.0))(sound)


def test_branches_of_different_rates_are_refused():
    sound = fx.noise(duration=0.1, sample_rate=RATE, seed=1)
    for made in (fx.Mix(fx.Resample(rate=16_000)), fx.Gain() + fx.Resample(rate=16_000)):
        with pytest.raises(fx.SignalError, match=r"different sample rates \(16000, 48000 Hz\)"):
            made(sound)
        with pytest.raises(fx.SignalError, match=r"different sample rates \(16000, 48000 Hz\)"):
            made.stream(48_000)(torch.ones(1, 480))
    both = (fx.Resample(rate=16_000) | fx.Gain(6.0)) + fx.Resample(rate=16_000)
    assert both(sound).sample_rate == 16_000


@pytest.mark.parametrize("module", [fx.Resample(rate=44_100), fx.Resample(rate=96_000), fx.Speed(1.37)], ids=repr)
@pytest.mark.parametrize("size", [1, 7, 512])
def test_blocks_equal_one_call(module, size):
    x = torch.randn(2, 900, dtype=torch.float64)
    stream = module.stream(RATE)
    blocks = torch.cat([*(stream(block) for block in x.split(size, -1)), stream.flush()], -1)
    torch.testing.assert_close(blocks, module(x, sample_rate=RATE), rtol=0, atol=1e-12)


@pytest.mark.parametrize("speed", [0.5, 1.0, 1.25, 2.0])
def test_speed_changes_pitch_and_length(speed):
    sound = fx.sine(frequency=1000.0, duration=1.0, sample_rate=RATE)
    y = fx.Speed(speed)(sound)
    assert y.samples.shape[-1] == math.ceil(RATE / speed)
    assert y.sample_rate == RATE
    spectrum = torch.fft.rfft(y.samples[0].double() * torch.hann_window(y.samples.shape[-1]))
    peak = int(spectrum.abs().argmax()) * RATE / y.samples.shape[-1]
    assert peak == pytest.approx(1000 * speed, abs=3)


def test_bad_values_are_refused():
    with pytest.raises(fx.ParameterError, match="rate is 0"):
        fx.Resample(rate=0)
    with pytest.raises(fx.ParameterError, match=r"rate is 0; it must be at least 0\.05"):
        fx.Speed(0.0)
    with pytest.raises(fx.ParameterError, match="rate is from 1 to 2; it must be the same for all examples"):
        fx.Speed(torch.tensor([1.0, 2.0]))(torch.zeros(2, 1, 10), sample_rate=RATE)


def test_the_panel_plays_at_the_rate_of_the_input():
    from fxlab.panel.rendering.full_render import FullRender
    from fxlab.panel.rendering.renderer import Renderer

    sound = fx.sine(frequency=1000.0, duration=6.0, sample_rate=8000)
    render = FullRender(Renderer(fx.Resample(rate=16_000), sound, "cpu"))
    while not render.finished:
        render.advance()
    assert render.frames_done == 48_000
    assert (render.read(0, 48_000) - sound.samples)[:, 500:-500].abs().max() < 1e-3
