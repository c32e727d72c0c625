"""`measure_tone` on synthesized tones with known harmonics and noise, and its errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import fxlab as fx

RATE = 48_000


def tone(frequency, levels_db, *, time=RATE, rate=RATE, seed=0):
    """Return a tone with harmonics of the given peaks in dBFS, fundamental first, at random phases."""
    phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, len(levels_db))
    t = np.arange(time) / rate
    return sum(
        10 ** (level / 20) * np.sin(2 * np.pi * order * frequency * t + phase)
        for order, (level, phase) in enumerate(zip(levels_db, phases, strict=True), start=1)
    )


def signal(samples, rate=RATE):
    return fx.Signal(torch.as_tensor(samples, dtype=torch.float64), rate)


@settings(max_examples=25, deadline=None)
@given(
    frequency=st.floats(60.0, 4000.0),
    levels=st.lists(st.floats(-120.0, -20.0), min_size=1, max_size=4),
    fundamental=st.floats(-20.0, 0.0),
    seed=st.integers(0, 9),
)
def test_harmonics_between_the_bins_are_measured_to_a_hundredth_of_a_db(frequency, levels, fundamental, seed):
    x = tone(frequency, [fundamental, *levels], time=24_000, seed=seed)
    found = fx.measure_tone(signal(0.3 + x), harmonics=1 + len(levels))
    assert found.frequency == pytest.approx(frequency, rel=1e-7)
    assert found.fundamental_db == pytest.approx(fundamental, abs=0.001)
    assert found.orders == tuple(range(2, 2 + len(levels)))
    relative = np.array(levels) - fundamental
    np.testing.assert_allclose(found.harmonics_db.numpy(), relative, atol=0.01)
    total = 10 * math.log10(sum(10 ** (relative / 10)))
    assert found.thd_db == pytest.approx(total, abs=0.01)
    assert found.thd_n_db == pytest.approx(total, abs=0.01)
    assert found.sinad_db == -found.thd_n_db
    assert found.thd_percent == pytest.approx(100 * 10 ** (total / 20), rel=0.002)


def test_a_harmonic_may_be_stronger_than_the_fundamental_if_that_is_given():
    x = signal(tone(440.3, [-20.0, -6.0, -30.0]))
    assert fx.measure_tone(x).frequency == pytest.approx(880.6, abs=1e-4)
    found = fx.measure_tone(x, 440.0, harmonics=3)
    assert found.frequency == pytest.approx(440.3, abs=1e-4)
    np.testing.assert_allclose(found.harmonics_db.numpy(), [14.0, -10.0], atol=0.01)


@pytest.mark.parametrize("level_db", [-60.0, -100.0])
def test_hum_counts_as_noise(level_db):
    x = tone(997.0, [-1.0, -80.0]) + tone(50.3, [level_db])
    found = fx.measure_tone(signal(x), harmonics=5)
    assert found.snr_db == pytest.approx(-1.0 - level_db, abs=0.01)
    assert found.harmonics_db[0].item() == pytest.approx(-79.0, abs=0.01)
    assert found.thd_n_db == pytest.approx(10 * math.log10(10**-7.9 + 10 ** ((level_db + 1) / 10)), abs=0.01)


def test_white_noise_and_quantization_have_the_snr_of_the_formulas():
    noise = np.random.default_rng(1).standard_normal(4 * RATE)
    x = tone(1001.7, [-6.0], time=4 * RATE) + 1e-4 * noise
    expected = 10 * math.log10(10**-0.6 / 2 / 1e-8)
    found = fx.measure_tone(signal(x))
    # The standard deviation of the estimate is 4.34 sqrt(2 B / N) dB, with a noise bandwidth B of the window of 2.7.
    assert found.snr_db == pytest.approx(expected, abs=0.1)
    assert found.sinad_db == pytest.approx(expected, abs=0.1)
    sixteen_bits = np.round(tone(1001.7, [0.0], time=4 * RATE) * 32767) / 32768
    assert fx.measure_tone(signal(sixteen_bits)).sinad_db == pytest.approx(6.02 * 16 + 1.76, abs=0.3)


def test_it_agrees_with_thd_of_the_module():
    module = fx.wrap(lambda x: x + 0.1 * x**2 + 0.02 * x**3)
    ours = fx.measure_tone(signal(module(torch.from_numpy(tone(997.0, [-3.0])), sample_rate=RATE)))
    theirs = fx.thd(module, 997.0, RATE, level_db=-3.0)
    assert ours.thd_db == pytest.approx(theirs.thd_db, abs=0.001)
    assert ours.fundamental_db == pytest.approx(theirs.fundamental_db, abs=0.001)


def test_harmonics_end_below_half_the_sample_rate():
    assert fx.measure_tone(signal(tone(5000.0, [0.0, -40.0]))).orders == (2, 3, 4)
    assert fx.measure_tone(signal(tone(11_000.0, [0.0, -40.0]))).orders == (2,)


def test_channels_have_their_own_levels_and_float32_is_enough():
    left, right = tone(700.2, [0.0, -60.0]), tone(700.2, [-20.0, -50.0])
    found = fx.measure_tone(fx.Signal(torch.tensor(np.stack([left, right]), dtype=torch.float32), RATE), harmonics=2)
    assert found.thd_db.tolist() == pytest.approx([-60.0, -30.0], abs=0.01)
    assert found.harmonics_db.shape == (2, 1)
    assert "2 channels" in repr(found)
    mono = fx.measure_tone(signal(left), harmonics=2)
    assert mono.harmonics_db.shape == (1,)
    assert "700.2 Hz at 0.00 dB: THD -60.0 dB (0.1 %)" in repr(mono)


@pytest.mark.parametrize(
    ("samples", "options", "error", "words"),
    [
        (np.zeros(RATE), {}, fx.SignalError, "is silent, so it has no fundamental"),
        (np.full(RATE, 0.3), {}, fx.SignalError, "is silent"),
        (np.stack([tone(500.0, [0.0]), np.zeros(RATE)]), {}, fx.SignalError, "channel 1 of .* is silent"),
        (tone(500.0, [0.0], time=60), {}, fx.SignalError, "has 60 samples; at least 64 are needed"),
        (tone(100.0, [0.0], time=4800), {}, fx.SignalError, "10 periods of .* Hz; at least 17 are needed"),
        (tone(15_000.0, [0.0]), {}, fx.SignalError, "fundamental is 15000 Hz, and its second harmonic is not below"),
        (np.random.default_rng(0).standard_normal(RATE), {}, fx.SignalError, "no component stands out by 20 dB"),
        (tone(500.0, [0.0]), {"frequency": 24_000.0}, fx.ParameterError, "frequency is 24000.0; it must be a number"),
        (tone(500.0, [0.0]), {"frequency": -1.0}, fx.ParameterError, "frequency is -1.0"),
        (tone(500.0, [0.0]), {"frequency": True}, fx.ParameterError, "frequency is True"),
        (tone(500.0, [0.0]), {"harmonics": 1}, fx.ParameterError, "harmonics is 1; it must be an integer of at least"),
    ],
)
def test_what_cannot_be_measured_raises(samples, options, error, words):
    with pytest.raises(error, match=words):
        fx.measure_tone(signal(samples), **options)


def test_modules_and_signals_are_told_apart():
    with pytest.raises(fx.SignalError, match="the input is Gain, not a Signal"):
        fx.measure_tone(fx.Gain())
    with pytest.raises(fx.ParameterError, match=r"Measure a recorded tone with fx\.measure_tone"):
        fx.thd(signal(tone(500.0, [0.0])))
