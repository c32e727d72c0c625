"""The polyphase resampler: passband, stopband, phase, round trips, and SciPy's resampler as a reference."""

from __future__ import annotations

import math

import pytest
import torch
from scipy.signal import resample_poly

from fxlab.engine.resampling.polyphase import Polyphase, convert_rate

RATES = [(44_100, 48_000), (48_000, 44_100), (48_000, 16_000), (16_000, 48_000), (44_100, 44_101), (192_000, 44_100)]


def tone(frequency: float, rate: float, seconds: float = 0.2) -> torch.Tensor:
    return torch.sin(2 * math.pi * frequency * torch.arange(round(seconds * rate), dtype=torch.float64) / rate + 0.3)


@pytest.mark.slow
@pytest.mark.parametrize(("source", "target"), RATES)
def test_tones_of_the_passband_keep_their_level_and_phase(source, target):
    for share in (0.01, 0.5, 0.9):
        frequency = share * min(source, target) / 2
        y = convert_rate(tone(frequency, source), source, target)
        expected = tone(frequency, target)
        edge = round(70 * max(1, target / source))
        count = min(len(y), len(expected)) - 2 * edge
        error = (y - expected[: len(y)])[edge : edge + count] if len(y) <= len(expected) else None
        error = (y[: len(expected)] - expected)[edge : edge + count] if error is None else error
        assert error.abs().max() < 2e-5


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_the_response_is_flat_in_the_passband_and_98_db_down_in_the_stopband(factor):
    click = torch.zeros(400, dtype=torch.float64)
    click[200] = 1.0
    level = 20 * torch.fft.rfft(convert_rate(click, 8000, 8000 * factor) / factor, 1 << 18).abs().log10()
    position = torch.linspace(0.0, factor, len(level))  # relative to half the lower rate
    assert level[position <= 0.9].abs().max() < 0.0002
    assert level[position >= 1.0].max() < -98.0


@pytest.mark.parametrize(("source", "target"), [(48_000, 44_100), (48_000, 16_000), (192_000, 44_100)])
def test_tones_of_the_stopband_vanish(source, target):
    for share in (1.0, 1.07, 1.5):
        if share * target >= source:
            continue
        y = convert_rate(tone(share * target / 2, source), source, target)
        assert y[100:-100].abs().max() < 2e-5  # -94 dB; the tone is 0 dB


def test_it_agrees_with_scipys_resampler_in_the_passband():
    x = torch.randn(4800, dtype=torch.float64)
    x = torch.fft.irfft(torch.fft.rfft(x) * (torch.arange(2401) < 1500), 4800)  # up to 15 kHz
    ours = convert_rate(x, 48_000, 44_100).numpy()
    theirs = resample_poly(x.numpy(), 147, 160, window=("kaiser", 5.0))
    assert abs(ours - theirs[: len(ours)])[200:-200].max() < 2e-2 * abs(theirs).max()


@pytest.mark.slow
@pytest.mark.parametrize(("source", "target"), RATES)
def test_there_and_back_returns_the_sound(source, target):
    low = 0.85 * min(source, target) / 2
    x = tone(low, source) + tone(0.3 * low, source)
    back = convert_rate(convert_rate(x, source, target), target, source)[: len(x)]
    edge = round(150 * max(1, source / target))
    assert (back - x)[edge : -edge - 20].abs().max() < 5e-5


def test_a_constant_stays_the_same_and_lengths_are_rounded_up():
    ones = torch.ones(3000, dtype=torch.float64)
    y = convert_rate(ones, 44_100, 16_000)
    assert len(y) == math.ceil(3000 * 16_000 / 44_100)
    torch.testing.assert_close(y[100:-100], torch.ones(len(y) - 200, dtype=torch.float64))
    assert convert_rate(ones, 8000, 8000) is ones


def test_gradients_are_exact():
    resampler = Polyphase.of(3, 2)
    assert torch.autograd.gradcheck(resampler.resample, torch.randn(2, 9, dtype=torch.float64, requires_grad=True))
