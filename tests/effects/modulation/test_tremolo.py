"""A tremolo: its spectrum, its range, and its phase in a stream."""

import math

import pytest
import torch

import fxlab as fx
from fxlab.module.parameters.clock import start_at

RATE = 48_000


@pytest.mark.parametrize("depth", [0.0, 0.3, 1.0])
def test_the_level_moves_between_full_and_one_minus_depth(depth):
    y = fx.Tremolo(rate_hz=4.0, depth=depth)(torch.ones(1, RATE, dtype=torch.float64), sample_rate=RATE)
    assert y.max().item() == pytest.approx(1.0)
    assert y.min().item() == pytest.approx(1 - depth, abs=1e-12)


def test_a_tone_gets_two_sidebands_at_the_modulation_frequency():
    tone = torch.sin(2 * math.pi * 1000 * torch.arange(RATE, dtype=torch.float64) / RATE)
    spectrum = torch.fft.rfft(fx.Tremolo(rate_hz=10.0, depth=0.8)(tone[None], sample_rate=RATE)[0]).abs() * 2 / RATE
    levels = {f: spectrum[f].item() for f in (990, 1000, 1010)}
    assert levels == pytest.approx({990: 0.2, 1000: 0.6, 1010: 0.2}, abs=1e-9)
    spectrum[[990, 1000, 1010]] = 0
    assert spectrum.max() < 1e-9


def test_the_phase_continues_in_a_stream():
    x = torch.randn(2, 5000, dtype=torch.float64)
    tremolo = fx.Tremolo(rate_hz=7.3, depth=0.9)
    stream = tremolo.stream(RATE)
    blocks = torch.cat([stream(block) for block in x.split([1, 7, 512, 4480], -1)], -1)
    torch.testing.assert_close(blocks, tremolo(x, sample_rate=RATE), rtol=0, atol=1e-12)


def test_each_example_has_its_own_rate_and_gradients_are_exact():
    rates = torch.tensor([1.0, 4.0], dtype=torch.float64)
    together = fx.Tremolo(rate_hz=rates)(torch.ones(2, 1, 2000, dtype=torch.float64), sample_rate=8000)
    for rate, y in zip(rates, together, strict=True):
        alone = fx.Tremolo(rate_hz=rate.item())(torch.ones(1, 2000, dtype=torch.float64), sample_rate=8000)
        torch.testing.assert_close(y, alone)

    def run(x, rate, depth):
        return fx.Tremolo(rate_hz=rate, depth=depth)(x, sample_rate=100)

    inputs = (torch.randn(1, 12), torch.tensor(5.0), torch.tensor(0.5))
    assert torch.autograd.gradcheck(run, [value.double().requires_grad_() for value in inputs])


@pytest.mark.parametrize(
    ("values", "message"),
    [({"rate_hz": 0.0}, "rate_hz is 0"), ({"depth": 1.5}, "depth is 1.5"), ({"depth": -0.1}, "depth is -0.1")],
)
def test_invalid_values_are_refused(values, message):
    with pytest.raises(fx.ParameterError, match=message):
        fx.Tremolo(**values)


def test_a_rate_above_half_the_sample_rate_is_refused():
    with pytest.raises(fx.ParameterError, match="rate_hz is 50 Hz"):
        fx.Tremolo(rate_hz=50.0)(torch.ones(1, 8), sample_rate=90)


@pytest.mark.parametrize(("shape", "mean"), [("sine", 0.5), ("triangle", 0.5), ("square", 0.5)])
def test_every_waveform_starts_at_full_level_and_has_its_period(shape, mean):
    ones = torch.ones(1, 8000, dtype=torch.float64)
    y = fx.Tremolo(rate_hz=4.0, depth=1.0, shape=shape)(ones, sample_rate=8000)[0]
    assert y[0] == 1.0
    assert y[1000] == pytest.approx(0.0, abs=1e-12)  # half a cycle
    torch.testing.assert_close(y[:2000], y[2000:4000])
    assert y.mean().item() == pytest.approx(mean, abs=1e-3)


def test_the_stereo_phase_moves_the_channels_apart():
    ones = torch.ones(3, 2000, dtype=torch.float64)
    y = fx.Tremolo(rate_hz=4.0, depth=1.0, stereo_phase=180.0)(ones, sample_rate=8000)
    torch.testing.assert_close(y[0] + y[1], torch.ones(2000, dtype=torch.float64))
    torch.testing.assert_close(y[0], y[2])


def test_gradients_of_the_stereo_phase_are_exact():
    def run(degrees):
        return fx.Tremolo(rate_hz=9.0, stereo_phase=degrees)(torch.ones(2, 12, dtype=torch.float64), sample_rate=100)

    for degrees in (0.0, 70.0):
        assert torch.autograd.gradcheck(run, torch.tensor(degrees, dtype=torch.float64, requires_grad=True))


def test_a_part_of_a_longer_sound_has_the_phase_that_it_has_there():
    x, tremolo = torch.ones(1, 8000, dtype=torch.float64), fx.Tremolo(rate_hz=3.3)
    with start_at(0.5):
        part = tremolo(x[:, 4000:], sample_rate=8000)
    torch.testing.assert_close(part, tremolo(x, sample_rate=8000)[:, 4000:])
