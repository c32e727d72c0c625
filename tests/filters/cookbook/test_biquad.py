"""LowPass, HighPass and Peak: the cookbook's numbers, SciPy's answers, and what a textbook says they do."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal
from torchaudio import functional as ta

import fxlab as fx
from tests.support import analog_prototypes as analog
from tests.support.grouped_cases import run_cases

RATES = [8000.0, 44_100.0, 48_000.0, 192_000.0]
KINDS = [fx.LowPass, fx.HighPass, fx.Peak]


def grid(rates=(8000.0, 44_100.0, 192_000.0), corners=(0.002, 0.07, 0.45), qs=(0.1, 0.7071, 5.0)):
    """Filters of every kind over rate, corner (as a share of the rate), q and gain."""
    for rate, corner, q in itertools.product(rates, corners, qs):
        yield fx.LowPass(corner * rate, q), rate
        yield fx.HighPass(corner * rate, q), rate
        for gain_db in (-24.0, 9.0):
            yield fx.Peak(corner * rate, gain_db, q), rate


GRID = list(grid())
# Where digits are lost, if any are: 5 Hz at 192 kHz, close to half the rate, far from and far into resonance.
EXTREMES = list(grid([44_100.0, 192_000.0], [5 / 192_000, 0.499], [0.1, 1000.0]))


def decibel(value: torch.Tensor) -> torch.Tensor:
    return 20 * torch.log10(value.abs())


# -- coefficients ---------------------------------------------------------------------------------------------------


def test_the_cookbooks_low_pass_at_1_khz():
    """W3C, Audio EQ Cookbook, LPF at 1 kHz, 48 kHz, q 1/sqrt(2): b0 = b2, b1 = 2 b0, and a."""
    expected = [0.0039161267, 0.0078322533, 0.0039161267, 1.0, -1.8153410827, 0.8310055893]
    sos = fx.LowPass(1000.0).sos(48_000)
    assert sos.shape == (1, 6)
    assert sos.dtype == torch.float64
    assert sos[0].tolist() == pytest.approx(expected, abs=5e-11)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("share", [0.001, 0.1, 0.45])
def test_at_q_root_half_it_is_butterworths(rate, share):
    for module, kind in ((fx.LowPass(share * rate), "lowpass"), (fx.HighPass(share * rate), "highpass")):
        expected = signal.butter(2, share * rate, kind, fs=rate, output="sos")
        np.testing.assert_allclose(module.sos(rate).numpy(), expected, rtol=1e-9)


@run_cases(GRID)
def test_coefficients_are_the_bilinear_transform_of_the_analog_prototype(module, rate):
    np.testing.assert_allclose(module.sos(rate)[0].numpy(), analog.bilinear(module, rate), rtol=1e-9, atol=1e-14)


@run_cases(GRID)
def test_sound_equals_scipy_and_torchaudio(module, rate):
    x = torch.randn(2, 600, dtype=torch.float64)
    y = module(x, sample_rate=rate)
    expected = signal.sosfilt(module.sos(rate).numpy(), x.numpy())
    np.testing.assert_allclose(y.numpy(), expected, rtol=0, atol=1e-9 * np.abs(expected).max())
    if isinstance(module, fx.Peak):
        other = ta.equalizer_biquad(x, int(rate), module.frequency, module.gain_db, module.q)
    else:
        other = (ta.lowpass_biquad if isinstance(module, fx.LowPass) else ta.highpass_biquad)(
            x, int(rate), module.cutoff, module.q
        )
    inside = expected.__abs__().max() < 1  # torchaudio's functions clamp their output to +-1
    if inside:
        torch.testing.assert_close(y, other, rtol=0, atol=1e-6)


@pytest.mark.parametrize("corner", [0.01, 5.0, 20.0])
def test_the_numerator_of_a_low_low_pass_keeps_its_digits(corner):
    """`1 - cos(w)` would have lost six of them at 5 Hz; `2 sin(w / 2)^2` loses none."""
    w = 2 * math.pi * corner / 192_000
    b0 = math.sin(w / 2) ** 2 / (1 + math.sin(w) / math.sqrt(2))
    assert fx.LowPass(corner).sos(192_000)[0, :3].tolist() == pytest.approx([b0, 2 * b0, b0], rel=1e-14)


# -- answers --------------------------------------------------------------------------------------------------------


@run_cases(GRID)
def test_response_and_group_delay_equal_scipys(module, rate):
    f = analog.points(module, rate)
    b, a = np.split(module.sos(rate)[0].numpy(), 2)
    _, expected = signal.freqz_sos(module.sos(rate).numpy(), f, fs=rate)
    np.testing.assert_allclose(module.response(f, rate).numpy(), expected, rtol=1e-7, atol=1e-9 * abs(expected).max())
    heard = f[f > 1e-3 * rate]  # SciPy's own difference of polynomials has no digits left below
    _, delay = signal.group_delay((b, a), heard, fs=rate)
    np.testing.assert_allclose(module.group_delay(heard, rate).numpy(), delay, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
@run_cases(GRID + EXTREMES)
def test_answers_are_those_of_the_analog_prototype_to_the_last_digits(module, rate):
    f = analog.points(module, rate)
    # The corner's own rounding to the coefficients: an error of eps in them is eps / w0^2 in the response.
    corner = analog.corner(module)
    tolerance = 1e-11 + 2e-16 / (np.pi * min(corner, rate / 2 - corner) / rate) ** 2
    if module.q > 100:
        tolerance *= module.q
    expected = analog.response(module, f, rate)
    np.testing.assert_allclose(np.abs(module.response(f, rate).numpy()), np.abs(expected), rtol=tolerance)
    phase = analog.phase(module, f, rate)
    np.testing.assert_allclose(module.phase(f, rate).numpy(), phase, rtol=0, atol=10 * tolerance)
    turned = module.phase_delay(f, rate).numpy() * (2 * np.pi * f / rate)
    np.testing.assert_allclose(turned, -phase, rtol=0, atol=10 * tolerance)
    delay = analog.group_delay(module, f, rate)
    np.testing.assert_allclose(module.group_delay(f, rate).numpy(), delay, rtol=20 * tolerance, atol=20 * tolerance)


@run_cases(GRID)
def test_roots_equal_scipys_and_lie_inside(module, rate):
    zeros, poles, gain = signal.tf2zpk(*np.split(module.sos(rate)[0].numpy(), 2))
    for found, expected in ((module.zeros(rate), zeros), (module.poles(rate), poles)):
        assert found.dtype == torch.complex128
        np.testing.assert_allclose(np.sort_complex(found.numpy()), np.sort_complex(expected), atol=2e-7)
    assert module.is_stable(rate)
    rebuilt = signal.zpk2tf(module.zeros(rate).numpy(), module.poles(rate).numpy(), gain)
    np.testing.assert_allclose(np.concatenate(rebuilt), module.sos(rate)[0].numpy(), rtol=1e-12, atol=1e-15)


@run_cases(EXTREMES)
def test_at_the_extremes_sound_stays_stable_and_precise(module, rate):
    assert module.is_stable(rate)
    x = torch.randn(1, 20_000, dtype=torch.float64)
    expected = torch.from_numpy(signal.sosfilt(module.sos(rate).numpy(), x.numpy()))
    scale = expected.abs().max()
    torch.testing.assert_close(module(x, sample_rate=rate), expected, rtol=0, atol=float(1e-7 * scale))
    single = module(x.float(), sample_rate=rate).double()
    error = (single - expected).square().mean().sqrt() / x.square().mean().sqrt().maximum(scale)
    assert 20 * math.log10(error) < -100


# -- what a textbook says -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("share", [0.001, 0.03, 0.3, 0.49])
@pytest.mark.parametrize("q", [0.1, 0.5, math.sqrt(0.5), 4.0, 20.0])
def test_the_gain_at_the_corner_is_q(rate, share, q):
    for kind in (fx.LowPass, fx.HighPass):
        gain = kind(share * rate, q).response(share * rate, rate)
        assert gain.shape == ()
        assert gain.abs().item() == pytest.approx(q, rel=1e-7)
    quarter = fx.LowPass(share * rate, q).response(share * rate, rate).angle().item()
    assert quarter == pytest.approx(-math.pi / 2, abs=1e-7)


@pytest.mark.parametrize("rate", RATES)
def test_minus_three_db_at_the_corner_and_twelve_db_an_octave(rate):
    corner = 0.005 * rate
    low, high = fx.LowPass(corner), fx.HighPass(corner)
    assert decibel(low.response(corner, rate)).item() == pytest.approx(-3.0103, abs=1e-4)
    assert decibel(high.response(corner, rate)).item() == pytest.approx(-3.0103, abs=1e-4)
    above = decibel(low.response([8 * corner, 16 * corner], rate))
    below = decibel(high.response([corner / 16, corner / 8], rate))
    assert (above[0] - above[1]).item() == pytest.approx(12.04, abs=0.35)  # the transform steepens it a little
    assert (below[1] - below[0]).item() == pytest.approx(12.04, abs=0.01)
    passed = torch.cat([low.response([0.0, corner / 20], rate), high.response([20 * corner, rate / 2], rate)])
    torch.testing.assert_close(decibel(passed), torch.zeros(4, dtype=torch.float64), rtol=0, atol=1e-3)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("corner", [5.0, 100.0, 3900.0])
def test_ends_of_the_band_are_exact(rate, corner):
    assert fx.HighPass(corner).response(0.0, rate).abs().item() == 0.0
    assert fx.HighPass(corner).response(rate / 2, rate).abs().item() == pytest.approx(1, abs=1e-9)
    assert fx.LowPass(corner).response(0.0, rate).abs().item() == pytest.approx(1, rel=1e-6)
    assert fx.LowPass(corner).response(rate / 2, rate).abs().item() == 0.0
    ends = fx.Peak(corner, 20.0).response([0.0, rate / 2], rate).abs()
    torch.testing.assert_close(ends, torch.ones(2, dtype=torch.float64), rtol=0, atol=1e-6)


@given(
    share=st.floats(0.001, 0.48),
    gain_db=st.floats(-24, 24),
    q=st.floats(0.1, 20),
    rate=st.sampled_from(RATES),
)
def test_a_peak_has_its_gain_at_the_center_and_half_its_db_at_the_edges(share, gain_db, q, rate):
    center = share * rate
    peak = fx.Peak(center, gain_db, q)
    assert decibel(peak.response(center, rate)).item() == pytest.approx(gain_db, abs=1e-6)
    half = 1 / (2 * q)
    edges = np.array([np.sqrt(half**2 + 1) - half, np.sqrt(half**2 + 1) + half])  # their product is 1, their width 1/q
    hertz = rate / np.pi * np.arctan(edges * np.tan(np.pi * share))
    np.testing.assert_allclose(decibel(peak.response(hertz, rate)).numpy(), gain_db / 2, atol=1e-6)
    if share < 0.01 and q > 2:
        assert center / (hertz[1] - hertz[0]) == pytest.approx(q, rel=2e-3)


@given(share=st.floats(0.001, 0.48), gain_db=st.floats(-24, 24), q=st.floats(0.1, 20))
def test_cut_undoes_boost(share, gain_db, q):
    x = torch.randn(1, 300, dtype=torch.float64)
    back = (fx.Peak(share * 48_000, gain_db, q) | fx.Peak(share * 48_000, -gain_db, q))(x, sample_rate=48_000)
    torch.testing.assert_close(back, x, rtol=0, atol=1e-8)


def test_a_flat_peak_does_nothing():
    x = torch.randn(2, 500, dtype=torch.float64)
    torch.testing.assert_close(fx.Peak(gain_db=0.0)(x, sample_rate=44_100), x, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_tone_comes_out_with_the_gain_and_phase_of_the_response(kind):
    rate, hertz = 48_000.0, 1500.0
    module = kind(1200.0, q=2.0) if kind is not fx.Peak else kind(1200.0, 9.0, 2.0)
    t = torch.arange(9600, dtype=torch.float64) / rate
    y = module(torch.sin(2 * math.pi * hertz * t), sample_rate=rate)[-4800:]
    late = t[-4800:]
    carrier = torch.polar(torch.ones_like(late), -2 * math.pi * hertz * late)
    heard = 2j * (y * carrier).mean()  # the settled tone's complex amplitude, against a sine
    assert abs(heard - module.response(hertz, rate)).item() < 1e-9


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [44_100.0, 48_000.0])
def test_at_or_above_half_the_sample_rate_says_what_to_do(kind, rate):
    name = "frequency" if kind is fx.Peak else "cutoff"
    for value in (rate / 2, rate):
        with pytest.raises(fx.ParameterError) as caught:
            kind(value)(torch.zeros(1, 8), sample_rate=rate)
        message = str(caught.value)
        assert message.startswith(f"{kind.__name__}: {name} is {value:.6g} Hz; it must be above 0 Hz and below half")
        assert f"({rate / 2:g} Hz)" in message
        assert "lower the value, or use a signal with a higher sample rate" in message
    kind(rate * 0.4999)(torch.zeros(1, 8), sample_rate=rate)


def test_a_gain_or_q_that_no_float_can_hold_is_said_not_played():
    for module in (fx.Peak(gain_db=30_000.0), fx.LowPass(q=1e-320)):
        with pytest.raises(fx.FxlabError, match="finite"):
            module(torch.zeros(1, 8), sample_rate=48_000)
