"""The A, C and K weightings against the numbers of their standards."""

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


def analog(curve, hertz):
    """Return the level in dB that IEC 61672-1, annex E, defines."""
    f = np.asarray(hertz) ** 2
    level = 12194.217**2 * f / ((f + 20.598997**2) * (f + 12194.217**2))
    if curve == "A":
        level = level * f / np.sqrt((f + 107.65265**2) * (f + 737.86223**2))
    return 20 * np.log10(level)


def decibel(module, hertz, rate):
    return 20 * np.log10(module.response(hertz, rate).abs().numpy())


@pytest.mark.parametrize("rate", [44_100.0, 48_000.0, 96_000.0])
def test_a_and_c_match_the_standards_table(rate):
    hertz = 1000 * 10 ** (np.array(list(TABLE)) / 10)
    for column, curve in enumerate("AC"):
        expected = [row[column] for row in TABLE.values()]
        # The table is rounded to 0.1 dB, an error of up to 0.05 dB; the filter may add 0.05 dB.
        np.testing.assert_allclose(decibel(fx.Weighting(curve), hertz, rate), expected, atol=0.1)


@pytest.mark.parametrize("rate", [8000.0, 16_000.0, 32_000.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0])
@pytest.mark.parametrize("curve", ["A", "C"])
def test_a_and_c_follow_the_analog_curve(curve, rate):
    hertz = np.geomspace(10, 0.499 * rate, 300)
    error = np.abs(decibel(fx.Weighting(curve), hertz, rate) - analog(curve, hertz) + analog(curve, 1000.0))
    assert error.max() < 1.1
    if rate >= 44_100:
        assert error[hertz <= 10_000].max() < 0.05
        assert error[hertz <= rate / 4].max() < 0.1


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


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_k_weighting_matches_torchaudio_loudness(rate):
    """The gates of a loudness meter do not affect steady noise: its loudness is the level of the weighted signal."""
    x = 0.1 * torch.randn(1, 4 * rate, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    weighted = fx.Weighting("K")(x, sample_rate=rate)
    ours = -0.691 + 10 * torch.log10(weighted[:, rate // 10 :].square().mean())
    assert ours.item() == pytest.approx(ta.loudness(x, rate).item(), abs=0.05)


@pytest.mark.parametrize(("curve", "least"), [("A", 2000), ("C", 2000), ("K", 3364)])
def test_a_sample_rate_too_low_for_the_curve_raises(curve, least):
    with pytest.raises(
        fx.ParameterError, match=rf"Weighting: the sample rate is 1000 Hz; the {curve} .* above {least} Hz"
    ):
        fx.Weighting(curve)(torch.zeros(1, 8), sample_rate=1000.0)
