"""OnePole, DCBlock, PreEmphasis and DeEmphasis against SciPy, torchaudio and textbook results."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal
from torchaudio import functional as ta

import fxlab as fx

RATES = [8000.0, 44_100.0, 192_000.0, 768_000.0]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("share", [1e-5, 0.001, 0.1, 0.45, 0.499])
def test_one_poles_match_scipys_first_order_butterworth(rate, share):
    modules = [(fx.OnePole(share * rate, kind), kind) for kind in ("lowpass", "highpass")]
    for module, kind in (*modules, (fx.DCBlock(share * rate), "highpass")):
        expected = signal.butter(1, share * rate, kind, fs=rate, output="sos")
        np.testing.assert_allclose(module.sos(rate).numpy(), expected, rtol=1e-9, atol=1e-15)


@given(share=st.floats(1e-4, 0.49), rate=st.sampled_from(RATES))
def test_minus_three_db_at_the_corner_and_both_kinds_sum_to_one(share, rate):
    low, high = (fx.OnePole(share * rate, kind) for kind in ("lowpass", "highpass"))
    for module in (low, high):
        assert 20 * math.log10(module.response(share * rate, rate).abs()) == pytest.approx(-3.0103, abs=1e-4)
    frequencies = np.linspace(0, rate / 2, 60)
    np.testing.assert_allclose((low + high).response(frequencies, rate).numpy(), 1, atol=1e-9)
    power = low.response(frequencies, rate).abs() ** 2 + high.response(frequencies, rate).abs() ** 2
    np.testing.assert_allclose(power.numpy(), 1, atol=1e-9)


def test_slope_is_six_db_per_octave():
    rate = 192_000.0
    below = fx.OnePole(2000.0, "highpass").response([50.0, 100.0], rate).abs()
    above = fx.OnePole(100.0).response([2000.0, 4000.0], rate).abs()
    assert 20 * math.log10(below[1] / below[0]) == pytest.approx(6.02, abs=0.02)
    assert 20 * math.log10(above[0] / above[1]) == pytest.approx(6.02, abs=0.06)


def test_dc_block_removes_the_offset_and_keeps_the_signal():
    rate = 48_000
    tone = fx.sine(frequency=440.0, duration=2.0, sample_rate=rate)
    y = fx.DCBlock(10.0)(tone.samples + 0.25, sample_rate=rate)
    assert y[..., rate:].mean().abs().item() < 1e-6
    torch.testing.assert_close(y[..., rate:].std(), tone.samples[..., rate:].std(), rtol=1e-3, atol=0)


@given(coefficient=st.floats(-0.95, 0.97))
def test_emphasis_matches_torchaudio_and_de_emphasis_inverts_it(coefficient):
    x = 0.1 * torch.randn(2, 300, dtype=torch.float64)
    up = fx.PreEmphasis(coefficient)(x, sample_rate=16_000)
    torch.testing.assert_close(up, ta.preemphasis(x, coefficient), rtol=0, atol=1e-12)
    down = fx.DeEmphasis(coefficient)(up, sample_rate=16_000)
    torch.testing.assert_close(down, x, rtol=0, atol=1e-12)
    torch.testing.assert_close(down, ta.deemphasis(up, coefficient), rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", [fx.OnePole, fx.DCBlock, fx.PreEmphasis, fx.DeEmphasis])
def test_gradients_are_exact(kind):
    x = torch.randn(2, 40, dtype=torch.float64)
    (name,) = (name for name, declared in kind.declarations.items() if isinstance(declared, fx.Param))

    def run(value):
        module = kind()
        setattr(module, name, value)
        return module(x, sample_rate=8000.0)

    start = 0.7 if name == "coefficient" else 300.0
    assert torch.autograd.gradcheck(run, torch.tensor(start, dtype=torch.float64, requires_grad=True))


@pytest.mark.parametrize("kind", [fx.PreEmphasis, fx.DeEmphasis])
def test_a_coefficient_of_magnitude_one_or_more_raises(kind):
    for value in (1.0, -1.0, 2.0):
        with pytest.raises(fx.ParameterError, match="above -1 and below 1"):
            kind(value)
