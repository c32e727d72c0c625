"""The first-order filters against SciPy, torchaudio and published formulas."""

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


def coefficients_of(module, rate):
    b0, b1, _, _, a1, _ = module.sos(rate)[0].tolist()
    return b0, b1, a1


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("share", [1e-5, 0.001, 0.1, 0.45, 0.499])
def test_first_order_all_pass_is_dafxs_and_the_bilinear_transform_of_the_analog_one(rate, share):
    module, tangent = fx.FirstOrderAllPass(share * rate), math.tan(math.pi * share)
    c = (tangent - 1) / (tangent + 1)  # DAFX: A(z) = (c + z^-1) / (1 + c z^-1)
    assert coefficients_of(module, rate) == pytest.approx((c, 1.0, c), rel=1e-12, abs=1e-15)
    b, a = signal.bilinear([-1, 1], [1, 1], 1 / (2 * tangent))
    np.testing.assert_allclose(module.sos(rate)[0].numpy(), [*b, 0, *a, 0], rtol=1e-9, atol=1e-12)
    hertz = np.array([0.0, share * rate, rate / 2])
    np.testing.assert_allclose(module.response(hertz, rate).numpy(), [1, -1j, -1], atol=1e-9)
    np.testing.assert_allclose(module.response(np.linspace(0, rate / 2, 99), rate).abs().numpy(), 1, atol=1e-12)


@pytest.mark.parametrize("cutoff", [30.0, 1000.0, 21_000.0])
def test_sum_and_difference_of_all_pass_and_input_are_the_one_poles(cutoff):
    x = torch.randn(2, 500, dtype=torch.float64)
    passed = fx.FirstOrderAllPass(cutoff)(x, 48_000)
    for y, kind in (((x + passed) / 2, "lowpass"), ((x - passed) / 2, "highpass")):
        torch.testing.assert_close(y, fx.OnePole(cutoff, kind)(x, 48_000), rtol=0, atol=1e-12)


def test_the_corner_of_the_all_pass_may_jump():
    """Blocks with other corners equal `modulated`, and after a pulse the state only shrinks, for any corner."""
    rate, module = 48_000, fx.FirstOrderAllPass()
    x = torch.randn(1, 4000, dtype=torch.float64)
    corners = torch.tensor([20.0, 20_000.0, 300.0, 8000.0]).double().repeat(10).repeat_interleave(100)
    stream, blocks = module.stream(rate), []
    for block, corner in zip(x.split(100, -1), corners[::100].tolist(), strict=True):
        module.cutoff = corner
        blocks.append(stream(block))
    torch.testing.assert_close(torch.cat(blocks, -1), module.modulated(x, corners, rate), rtol=0, atol=1e-12)
    pulse = torch.zeros(1, 4000, dtype=torch.float64)
    pulse[0, 0] = 1.0
    y = module.modulated(pulse, 50 * 400 ** torch.rand(4000, dtype=torch.float64), rate)
    assert y.abs().max() <= 1.0
    assert y[..., -100:].abs().max() < 1e-9


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("share", [1e-5, 0.01, 0.2, 0.49])
@pytest.mark.parametrize("gain_db", [-24.0, -3.0, 0.0, 12.0])
def test_first_order_shelves_are_those_of_valimaki_and_reiss(rate, share, gain_db):
    gain, tangent = 10 ** (gain_db / 20), math.tan(math.pi * share)
    root = math.sqrt(gain)
    low = np.array([gain * tangent + root, gain * tangent - root, 0, tangent + root, tangent - root, 0])
    high = np.array([root * tangent + gain, root * tangent - gain, 0, root * tangent + 1, root * tangent - 1, 0])
    for kind, published in ((fx.FirstOrderLowShelf, low), (fx.FirstOrderHighShelf, high)):
        sos = kind(share * rate, gain_db).sos(rate)[0].numpy()
        np.testing.assert_allclose(sos, published / published[3], rtol=1e-10, atol=1e-14)


@given(share=st.floats(1e-3, 0.49), gain_db=st.floats(-24, 24))
def test_first_order_shelves_have_half_the_gain_at_the_corner_and_never_overshoot(share, gain_db):
    rate = 48_000.0
    for kind, ends in ((fx.FirstOrderLowShelf, (gain_db, 0.0)), (fx.FirstOrderHighShelf, (0.0, gain_db))):
        shelf = kind(share * rate, gain_db)
        level = shelf.magnitude_db([0.0, share * rate, rate / 2], rate)
        np.testing.assert_allclose(level.numpy(), [ends[0], gain_db / 2, ends[1]], atol=1e-6)
        steps = shelf.magnitude_db(np.linspace(0, rate / 2, 200), rate).diff() * math.copysign(1, ends[1] - ends[0])
        assert steps.min() > -1e-9
        flat = (shelf | kind(share * rate, -gain_db)).magnitude_db(np.linspace(0, rate / 2, 50), rate)
        np.testing.assert_allclose(flat.numpy(), 0, atol=1e-8)


def test_first_order_shelves_rise_by_at_most_six_db_per_octave():
    octaves = 192_000 / 2 ** np.arange(3.0, 14.0)
    for shelf in (fx.FirstOrderLowShelf(500.0, 24.0), fx.FirstOrderHighShelf(500.0, 24.0)):
        assert 4.0 < shelf.magnitude_db(octaves, 192_000).diff().abs().max() < 6.02


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


@pytest.mark.parametrize("kind", [fx.FirstOrderLowShelf, fx.FirstOrderHighShelf])
def test_gradients_of_the_shelves_are_exact(kind):
    x = torch.randn(2, 3, 20, dtype=torch.float64)
    leaves = [torch.tensor([300.0, 3000.0]).double(), torch.tensor([[6.0, -9.0, 1.0]]).double()]

    def run(cutoff, gain_db):
        return kind(cutoff, gain_db)(x, sample_rate=8000.0)

    assert torch.autograd.gradcheck(run, [leaf.requires_grad_() for leaf in leaves], fast_mode=True)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [fx.OnePole, fx.FirstOrderAllPass, fx.DCBlock, fx.PreEmphasis, fx.DeEmphasis])
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
