"""A ring modulator: its side bands, and its mix with the input."""

import math

import pytest
import torch

import fxlab as fx

RATE = 48_000


def tone(frequency: float) -> torch.Tensor:
    return torch.sin(2 * math.pi * frequency * torch.arange(RATE, dtype=torch.float64) / RATE)[None]


def levels(y: torch.Tensor) -> torch.Tensor:
    return torch.fft.rfft(y[0]).abs() * 2 / RATE


def test_a_tone_becomes_the_sum_and_the_difference_of_the_frequencies():
    spectrum = levels(fx.RingModulator(frequency=300.0)(tone(1000), sample_rate=RATE))
    assert spectrum[[700, 1300]].tolist() == pytest.approx([0.5, 0.5], abs=1e-9)
    spectrum[[700, 1300]] = 0
    assert spectrum.max() < 1e-9


def test_the_mix_keeps_a_part_of_the_input():
    spectrum = levels(fx.RingModulator(frequency=300.0, mix=0.25)(tone(1000), sample_rate=RATE))
    assert spectrum[[700, 1000, 1300]].tolist() == pytest.approx([0.125, 0.75, 0.125], abs=1e-9)
    dry = tone(440)
    assert torch.equal(fx.RingModulator(mix=0.0)(dry, sample_rate=RATE), dry)


def test_a_carrier_that_moves_is_the_integral_of_its_frequency():
    sweep = fx.Ramp(start=100.0, end=400.0, duration=1.0)
    y = fx.RingModulator(frequency=sweep)(torch.ones(1, RATE, dtype=torch.float64), sample_rate=RATE)[0]
    crossings = int((torch.diff(torch.sign(y)) != 0).sum())
    # On the logarithmic scale of the frequency the mean of the sweep is 300 / ln 4 Hz: twice as many zero crossings.
    assert crossings == pytest.approx(2 * 300 / math.log(4), abs=3)


def test_a_frequency_above_half_the_sample_rate_is_refused():
    with pytest.raises(fx.ParameterError, match="frequency is 30000 Hz"):
        fx.RingModulator(frequency=30_000.0)(tone(100), sample_rate=RATE)
    with pytest.raises(fx.ParameterError, match="frequency is nan"):
        fx.RingModulator(frequency=math.nan)
