"""The frequency weightings against the numbers of their standards."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchaudio import functional as ta

import fxlab as fx

# IEC 61672-1:2013, table 3: exact frequencies 1000 * 10^(k / 10), A and C in dB, rounded to 0.1.
TABLE = {
    -20: (-70.4, -14.3), -19: (-63.4, -11.2), -18: (-56.7, -8.5), -17: (-50.5, -6.2), -16: (-44.7, -4.4),
    -15: (-39.4, -3.0), -14: (-34.6, -2.0), -13: (-30.2, -1.3), -12: (-26.2, -0.8), -11: (-22.5, -0.5),
    -10: (-19.1, -0.3), -9: (-16.1, -0.2), -8: (-13.4, -0.1), -7: (-10.9, 0.0), -6: (-8.6, 0.0), -5: (-6.6, 0.0),
    -4: (-4.8, 0.0), -3: (-3.2, 0.0), -2: (-1.9, 0.0), -1: (-0.8, 0.0), 0: (0.0, 0.0), 1: (0.6, 0.0), 2: (1.0, -0.1),
    3: (1.2, -0.2), 4: (1.3, -0.3), 5: (1.2, -0.5), 6: (1.0, -0.8), 7: (0.5, -1.3), 8: (-0.1, -2.0), 9: (-1.1, -3.0),
    10: (-2.5, -4.4),
}  # fmt: skip


# IEC 651 and ANSI S1.42, at the same frequencies from 20 Hz to 20 kHz: B in dB.
TABLE_B = dict(zip(range(-17, 14), (
    -24.2, -20.4, -17.1, -14.2, -11.6, -9.3, -7.4, -5.6, -4.2, -3.0, -2.0, -1.3, -0.8, -0.5, -0.3, -0.1, 0.0, 0.0, 0.0,
    0.0, -0.1, -0.2, -0.4, -0.7, -1.2, -1.9, -2.9, -4.3, -6.1, -8.4, -11.1,
), strict=True))  # fmt: skip

# IEC 537:1976: D in dB, rounded to 0.1.
TABLE_D = dict(zip(range(-17, 14), (
    -20.6, -18.7, -16.7, -14.7, -12.8, -10.9, -9.0, -7.2, -5.5, -4.0, -2.6, -1.6, -0.8, -0.4, -0.3, -0.5, -0.6, 0.0,
    2.0, 4.9, 7.9, 10.4, 11.6, 11.1, 9.6, 7.6, 5.5, 3.4, 1.4, -0.7, -2.7,
), strict=True))  # fmt: skip

# ITU-R BS.468-4, table 1: level in dB and tolerance in dB, by the frequency in Hz.
TABLE_468 = {
    31.5: (-29.9, 2.0), 63: (-23.9, 1.4), 100: (-19.8, 1.0), 200: (-13.8, 0.85), 400: (-7.8, 0.7), 800: (-1.9, 0.55),
    1000: (0.0, 0.5), 2000: (5.6, 0.5), 3150: (9.0, 0.5), 4000: (10.5, 0.5), 5000: (11.7, 0.5), 6300: (12.2, 0.0),
    7100: (12.0, 0.2), 8000: (11.4, 0.4), 9000: (10.1, 0.6), 10_000: (8.1, 0.8), 12_500: (0.0, 1.2),
    14_000: (-5.3, 1.4), 16_000: (-11.7, 1.6), 20_000: (-22.2, 2.0), 31_500: (-42.7, 2.8),
}  # fmt: skip

RATES = [2000.0, 2756.25, 3000.0, 4000.0, 8000.0, 11_025.0, 16_000.0, 22_050.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0]


def analog(curve, hertz):
    """Return the level in dB of the published formulas, with 0 dB at 1 kHz."""

    def magnitude(f):
        s = 2j * np.pi * f
        if curve == "D":  # IEC 537
            poles = (s + 1776.3) * (s + 7288.5) * (s**2 + 21_514 * s + 3.8836e8)
            return np.abs(s * (s**2 + 6532 * s + 4.0975e7) / poles)
        if curve == "468":  # the network of ITU-R BS.468-4, figure 1
            even = -4.737338981378384e-24 * f**6 + 2.043828333606125e-15 * f**4 - 1.363894795463638e-7 * f**2 + 1
            odd = 1.306612257412824e-19 * f**5 - 2.118150887518656e-11 * f**3 + 5.559488023498642e-4 * f
            return f / np.hypot(even, odd)
        level = f**2 / ((f**2 + 20.598997**2) * (f**2 + 12194.217**2))  # IEC 61672-1, annex E
        if curve == "A":
            level = level * f**2 / np.sqrt((f**2 + 107.65265**2) * (f**2 + 737.86223**2))
        return level * f / np.hypot(f, 158.48932) if curve == "B" else level

    return 20 * np.log10(magnitude(np.asarray(hertz, np.float64)) / magnitude(np.float64(1000.0)))


def decibel(module, hertz, rate):
    return 20 * np.log10(module.response(hertz, rate).abs().numpy())


@pytest.mark.parametrize("rate", [44_100.0, 48_000.0, 96_000.0])
def test_a_and_c_match_the_standards_table(rate):
    hertz = 1000 * 10 ** (np.array(list(TABLE)) / 10)
    for column, curve in enumerate("AC"):
        expected = [row[column] for row in TABLE.values()]
        # The table is rounded to 0.1 dB, an error of up to 0.05 dB; the filter may add 0.03 dB.
        np.testing.assert_allclose(decibel(fx.Weighting(curve), hertz, rate), expected, atol=0.08)


@pytest.mark.parametrize("rate", [48_000.0, 96_000.0])
@pytest.mark.parametrize(("curve", "table", "tolerance"), [("B", TABLE_B, 0.08), ("D", TABLE_D, 0.12)])
def test_b_and_d_match_their_tables(curve, table, tolerance, rate):
    """The table of D was printed for nominal frequencies, which differ by up to 1 % from the exact ones."""
    hertz = 1000 * 10 ** (np.array(list(table)) / 10)
    np.testing.assert_allclose(decibel(fx.Weighting(curve), hertz, rate), list(table.values()), atol=tolerance)


@pytest.mark.parametrize("rate", [44_100.0, 48_000.0, 96_000.0, 192_000.0])
def test_468_is_within_the_tolerances_of_the_recommendation(rate):
    hertz = np.array([f for f in TABLE_468 if f < 0.45 * rate])
    expected, tolerance = np.array([TABLE_468[f] for f in hertz]).T
    error = decibel(fx.Weighting("468"), hertz, rate) - expected
    # The table is rounded to 0.1 dB; at 6.3 kHz its tolerance is 0.
    assert (np.abs(error) <= np.maximum(tolerance, 0.05)).all(), dict(zip(hertz, error, strict=True))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("curve", ["A", "B", "C", "D", "468"])
def test_curves_follow_the_analog_ones_at_every_rate_from_2_khz(curve, rate):
    hertz = np.geomspace(1.0, 0.4999 * rate, 400)
    error = np.abs(decibel(fx.Weighting(curve), hertz, rate) - analog(curve, hertz))
    assert error[hertz <= 0.45 * rate].max() < 0.07
    assert error.max() < (1.8 if curve == "468" else 0.9)
    assert fx.Weighting(curve).is_stable(rate)
    if rate >= 4000:
        assert abs(decibel(fx.Weighting(curve), 1000.0, rate)) < 1e-9


def test_k_matches_the_recommendations_coefficients_at_48_khz():
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585]
    low = [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621]
    sos = fx.Weighting("K").sos(48_000)
    np.testing.assert_allclose(sos.numpy(), [shelf, low], rtol=0, atol=1e-11)


@pytest.mark.parametrize("rate", [8000.0, 44_100.0, 96_000.0])
def test_k_has_the_same_curve_at_other_sample_rates(rate):
    hertz = np.geomspace(10, min(0.2 * rate, 9000), 100)
    expected = decibel(fx.Weighting("K"), hertz, 48_000)
    np.testing.assert_allclose(decibel(fx.Weighting("K"), hertz, rate), expected, atol=0.25)


@pytest.mark.parametrize("rate", [2000.0, 3000.0, 4000.0, 7999.0])
def test_k_at_low_rates_has_the_response_at_48_khz(rate):
    hertz = np.geomspace(5, 0.45 * rate, 200)
    expected = decibel(fx.Weighting("K"), hertz, 48_000)
    np.testing.assert_allclose(decibel(fx.Weighting("K"), hertz, rate), expected, atol=0.02)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_k_weighting_matches_torchaudio_loudness(rate):
    """The gates of a loudness meter do not affect steady noise: its loudness is the level of the weighted signal."""
    x = 0.1 * torch.randn(1, 4 * rate, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    weighted = fx.Weighting("K")(x, sample_rate=rate)
    ours = -0.691 + 10 * torch.log10(weighted[:, rate // 10 :].square().mean())
    assert ours.item() == pytest.approx(ta.loudness(x, rate).item(), abs=0.05)


@pytest.mark.parametrize("curve", ["A", "468", "K"])
def test_a_sample_rate_below_2_khz_raises(curve):
    message = rf"Weighting: the sample rate is 1999 Hz; the {curve} curve needs one of at least 2000 Hz\. Resample"
    with pytest.raises(fx.ParameterError, match=message):
        fx.Weighting(curve)(torch.zeros(1, 8), sample_rate=1999.0)


def test_an_unknown_curve_is_named():
    with pytest.raises(fx.ParameterError, match="curve is 468; it must be one of 'A', 'B', 'C', 'D', 'K', '468'"):
        fx.Weighting(468)
