"""`thd`: waveshapers whose harmonics have closed forms, and its errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import iv

import fxlab as fx

RATE = 48_000.0


def db(ratio):
    return 20 * math.log10(ratio)


def shaper(function):
    return fx.wrap(function)


@given(st.floats(0.01, 0.5), st.floats(0.01, 0.5), st.floats(-40.0, 0.0), st.floats(30.0, 7000.0))
def test_cubic_has_two_harmonics_of_known_level(a, b, level, frequency):
    A = 10 ** (level / 20)
    found = fx.thd(
        shaper(lambda x: x + a * x**2 + b * x**3), frequency, level_db=level, sample_rate=RATE, duration=0.2, settle=0.0
    )
    first, second, third = A + 0.75 * b * A**3, a * A**2 / 2, b * A**3 / 4
    assert found.fundamental_db == pytest.approx(db(first), abs=1e-9)
    assert found.harmonics_db[0].item() == pytest.approx(db(second / first), abs=1e-6)
    assert found.harmonics_db[1].item() == pytest.approx(db(third / first), abs=1e-6)
    assert bool((found.harmonics_db[2:] < -200).all())
    assert found.thd_db == pytest.approx(db(math.hypot(second, third) / first), abs=1e-6)
    assert found.thd_n_db == pytest.approx(found.thd_db, abs=1e-6)
    assert found.thd_percent == pytest.approx(100 * math.hypot(second, third) / first, rel=1e-6)


def test_harmonics_of_exponential_are_bessel_functions():
    # exp(z sin t) = I0(z) + 2 sum of In(z) cos or sin (n t): Abramowitz and Stegun, 9.6.34.
    found = fx.thd(shaper(torch.exp), 100.0, level_db=0.0, sample_rate=RATE, settle=0.0)
    for order, level in zip(found.orders, found.harmonics_db.tolist(), strict=True):
        assert level == pytest.approx(db(iv(order, 1.0) / iv(1, 1.0)), abs=1e-6)


def test_square_wave_has_odd_harmonics_of_one_over_n():
    found = fx.thd(shaper(torch.sign), 20.0, sample_rate=RATE, harmonics=9, settle=0.0)
    # The edges of the sampled square wave lie on samples: its aliases are a few thousandths of the fundamental.
    for order, level in zip(found.orders, found.harmonics_db.tolist(), strict=True):
        if order % 2:
            assert level == pytest.approx(db(1 / order), abs=0.02)
        else:
            assert level < -60
    # The total of all harmonics is sqrt(pi^2 / 8 - 1) times the fundamental.
    assert found.thd_n_percent == pytest.approx(100 * math.sqrt(math.pi**2 / 8 - 1), rel=0.01)


def test_hard_clipper_matches_its_fourier_series():
    # Clipped at c = sin(a): bn = 4/pi * integral of min(sin t, c) sin(n t) over a quarter period, for odd n.
    c = 0.5
    t = (np.arange(200_000) + 0.5) * (math.pi / 2 / 200_000)
    b = {n: float(np.mean(np.minimum(np.sin(t), c) * np.sin(n * t)) * 2) for n in range(1, 10, 2)}
    found = fx.thd(shaper(lambda x: x.clamp(-c, c)), 50.0, level_db=0.0, sample_rate=RATE, settle=0.0)
    assert found.fundamental_db == pytest.approx(db(b[1]), abs=1e-3)
    for n in (3, 5, 7, 9):
        assert found.harmonics_db[n - 2].item() == pytest.approx(db(abs(b[n]) / b[1]), abs=0.02)


@pytest.mark.parametrize(
    "module",
    [fx.LowPass(800.0), fx.HighPass(100.0), fx.Elliptic(3000.0, 8), fx.Mix(fx.Peak(700.0, 9.0), 0.5)],
    ids=lambda module: type(module).__name__,
)
def test_linear_module_has_no_distortion(module):
    found = fx.thd(module, 1000.0, sample_rate=RATE)
    assert found.thd_db < -200
    assert found.thd_n_db < -200
    gain = module.magnitude_db(found.frequency, RATE).item()
    assert found.fundamental_db == pytest.approx(-6.0 + gain, abs=1e-6)


def test_harmonics_above_nyquist_are_not_counted_and_aliases_are_noise():
    found = fx.thd(shaper(lambda x: x + 0.1 * x**3), 10_000.0, level_db=0.0, sample_rate=RATE, settle=0.0)
    assert found.orders == (2,)
    assert found.thd_db < -200  # the third harmonic, at 30 kHz, is aliased to 18 kHz
    assert found.thd_n_db == pytest.approx(db(0.025 / 1.075), abs=1e-6)
    # 1 kHz divides 48 kHz: at exactly 1 kHz the 47th harmonic would be aliased to the fundamental.
    clipped = fx.thd(shaper(lambda x: x.clamp(-0.1, 0.1)), 1000.0, level_db=0.0, sample_rate=RATE)
    assert clipped.frequency == pytest.approx(1000.0, rel=1e-4)
    assert clipped.frequency != 1000.0
    assert clipped.thd_n_db > clipped.thd_db


def test_thd_plus_n_of_noise_of_known_power():
    module = shaper(lambda x: x + 0.01 * torch.randn(x.shape, dtype=x.dtype))
    found = fx.thd(module, 1000.0, level_db=0.0, sample_rate=RATE)
    assert found.thd_n_db == pytest.approx(10 * math.log10(0.01**2 / 0.5), abs=0.1)
    assert found.thd_db < found.thd_n_db - 20


def test_batch_matches_single_examples():
    class Drive(fx.Module):
        gain = fx.Param(1.0, low=0.1, high=10.0)

        def forward(self, x, sample_rate):
            return torch.tanh(self.gain * x)

    gains = torch.tensor([0.5, 2.0, 8.0])
    batch = fx.thd(Drive(gains), sample_rate=RATE)
    for number, gain in enumerate(gains.tolist()):
        one = fx.thd(Drive(gain), sample_rate=RATE)
        assert batch.thd_db[number].item() == pytest.approx(one.thd_db, abs=1e-9)
        assert torch.allclose(batch.harmonics_db[number], one.harmonics_db, atol=1e-3)
    assert "a batch of 3" in repr(batch)


def test_measurement_changes_neither_module_nor_random_state():
    network = torch.nn.Sequential(torch.nn.Conv1d(1, 1, 5, padding=2), torch.nn.BatchNorm1d(1))
    module = fx.wrap(network)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    state = torch.random.get_rng_state()
    assert "THD" in repr(fx.thd(shaper(lambda x: x + 0.1 * torch.randn(x.shape, dtype=x.dtype)), sample_rate=RATE))
    assert torch.equal(torch.random.get_rng_state(), state)
    fx.thd(fx.wrap(torch.nn.Conv1d(1, 1, 5, padding=2)), sample_rate=RATE)  # float32 weights
    for name, value in module.state_dict().items():
        assert torch.equal(value, before[name])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"frequency": 0}, "frequency is 0; it must be a number of Hz above 0"),
        ({"frequency": 24_000.0}, "frequency is 24000 Hz; at a sample rate of 48000 Hz it must be below 24000 Hz"),
        ({"level_db": float("nan")}, "level_db is nan; it must be a number of dBFS"),
        ({"level_db": 1e6}, r"level_db is 1e\+06; it must be at most 600 dBFS"),
        ({"harmonics": 1}, "harmonics is 1; it must be an integer of at least 2"),
        ({"duration": -1.0}, "duration is -1.0; it must be a number of seconds above 0"),
        ({"settle": "long"}, "settle is 'long'"),
    ],
)
def test_invalid_arguments_raise(change, words):
    with pytest.raises(fx.ParameterError, match=words):
        fx.thd(fx.LowPass(), **({"sample_rate": RATE} | change))


def test_silence_missing_rate_and_nonfinite_output_raise():
    with pytest.raises(fx.SignalError, match="has no component at 1000 Hz"):
        fx.thd(shaper(torch.zeros_like), sample_rate=RATE)
    with pytest.raises(fx.SignalError, match="needs a sample rate"):
        fx.thd(fx.LowPass())
    with pytest.raises(fx.SignalError, match="not finite"):
        fx.thd(shaper(lambda x: x / 0), sample_rate=RATE)
