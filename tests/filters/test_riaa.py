"""RIAA against the analog curve of IEC 60098 and torchaudio's filter; playback inverts recording."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchaudio import functional as ta

import fxlab as fx


def analog(hertz):
    """Return the level of the curve in dB, 0 dB at 1 kHz, from its time constants."""

    def power(f):
        bass, middle, treble = (1 + (2 * np.pi * f * seconds) ** 2 for seconds in (3180e-6, 318e-6, 75e-6))
        return middle / (bass * treble)

    return 10 * np.log10(power(np.asarray(hertz)) / power(1000.0))


def test_analog_curve_matches_the_standards_table():
    """Level in dB at the frequencies of the standard's table."""
    table = {20: 19.274, 50: 16.946, 100: 13.088, 500: 2.648, 1000: 0.0, 2000: -2.589, 5000: -8.210, 10_000: -13.734}
    np.testing.assert_allclose(analog(list(table)), list(table.values()), atol=2e-3)


@pytest.mark.parametrize(
    ("rate", "top"), [(44_100.0, 20_000.0), (48_000.0, 20_000.0), (96_000.0, 20_000.0), (192_000.0, 20_000.0)]
)
def test_level_matches_the_analog_curve(rate, top):
    f = np.geomspace(10, top, 400)
    level = 20 * fx.RIAA().response(f, rate).abs().log10().numpy()
    np.testing.assert_allclose(level, analog(f), atol=0.5 if rate < 88_000 else 0.05)
    np.testing.assert_allclose(level[f < 10_000], analog(f[f < 10_000]), atol=0.25)


@pytest.mark.parametrize("rate", [44_100, 48_000, 88_200, 96_000])
def test_error_is_close_to_torchaudios_and_lower_below_10_khz(rate):
    impulse = torch.zeros(1, rate, dtype=torch.float64)
    impulse[0, 0] = 1 / 64  # torchaudio clamps at 1
    f = np.arange(20, 20_000)
    theirs = 20 * (64 * torch.fft.rfft(ta.riaa_biquad(impulse, rate))[0, 20:20_000].abs()).log10().numpy()
    theirs = abs(theirs - theirs[1000 - 20] - analog(f))
    ours = abs(20 * fx.RIAA().response(f, rate).abs().log10().numpy() - analog(f))
    assert ours.max() < theirs.max() + 0.03
    assert ours[f < 10_000].max() < theirs[f < 10_000].max()


@pytest.mark.parametrize("rate", [8000.0, 44_100.0, 768_000.0])
def test_playback_inverts_recording(rate):
    x = torch.randn(2, 2000, dtype=torch.float64)
    both = fx.RIAA("recording") | fx.RIAA("playback")
    torch.testing.assert_close(both(x, sample_rate=rate), x, atol=1e-9, rtol=0)
    assert fx.RIAA("recording").is_stable(rate)
    assert fx.RIAA("playback").is_stable(rate)
