"""True peak: the signals of EBU Tech 3341; crest factor: its values for known waveforms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.signal
import torch

import fxlab as fx
from fxlab.analysis import peaks

RATE = 48_000


@pytest.mark.parametrize(
    ("period", "amplitude", "degrees", "expected"),
    [(4, 0.5, 0.0, -6.0), (4, 0.5, 45.0, -6.0), (6, 0.5, 60.0, -6.0), (8, 0.5, 67.5, -6.0), (4, 1.41, 45.0, 3.0)],
)
@pytest.mark.parametrize("oversample", [4, 8])
def test_ebu_tech_3341_tones(period, amplitude, degrees, expected, oversample):
    """EBU Tech 3341, cases 15 to 19: tones whose samples miss the crests; the tolerance is +0.2 and -0.4 dB.

    The tones fade in and out, as the standard's do, since an abrupt start has a true peak of its own.
    """
    n = np.arange(RATE // 4)
    fade = scipy.signal.windows.tukey(len(n), 0.2)
    x = amplitude * np.sin(2 * np.pi * n / period + math.radians(degrees)) * fade
    found = fx.true_peak(fx.Signal(x, RATE), oversample=oversample)
    assert expected - 0.4 < found < expected + 0.2
    assert found == pytest.approx(20 * math.log10(amplitude), abs=0.02)


@pytest.mark.parametrize("offset", range(4))
def test_ebu_tech_3341_inter_sample_peak(offset):
    """EBU Tech 3341, cases 20 to 23: one period at full scale, sampled at four offsets, has a true peak of 0 dBTP."""
    n = np.arange(4 * RATE // 4)
    dense = 0.5 * np.sin(2 * np.pi * n / 24)  # a sixth of the sample rate, at four times that rate
    middle = len(n) // 2 // 24 * 24
    dense[middle : middle + 24] *= 2
    dense *= scipy.signal.windows.tukey(len(n), 0.2)
    lowpass = scipy.signal.firwin(401, 0.9 / 4)
    x = np.convolve(dense, lowpass, "same")[offset::4]
    found = fx.true_peak(fx.Signal(x, RATE))
    assert -0.4 < found < 0.2
    assert found == pytest.approx(20 * math.log10(np.abs(np.convolve(dense, lowpass, "same")).max()), abs=0.05)


def test_scipy_agrees_and_chunks_do_not_matter(monkeypatch):
    """The Fourier interpolation of a band-limited periodic signal is exact."""
    generator = torch.Generator().manual_seed(2)
    spectrum = torch.zeros(2, 2001, dtype=torch.complex128)
    spectrum[:, 10:1700] = torch.randn(2, 1690, dtype=torch.complex128, generator=generator)
    x = torch.fft.irfft(spectrum, 4000)
    x = (x * torch.from_numpy(scipy.signal.windows.tukey(4000, 0.1)) / x.abs().max()).repeat(1, 2)
    expected = 20 * math.log10(np.abs(scipy.signal.resample(x.numpy(), 64 * 8000, axis=-1)).max())
    whole = fx.true_peak(fx.Signal(x, RATE), oversample=64)
    assert whole == pytest.approx(expected, abs=0.01)
    monkeypatch.setattr(peaks, "CHUNK", 1000)
    assert fx.true_peak(fx.Signal(x, RATE), oversample=64) == pytest.approx(whole, abs=1e-6)


def test_true_peak_bounds():
    """It is at least the sample peak, which is that of factor 1; a single sample and tiny values are measured."""
    noise = fx.noise(duration=0.2, seed=1)
    sample_peak = 20 * math.log10(float(noise.samples.abs().max()))
    assert fx.true_peak(noise, oversample=1) == pytest.approx(sample_peak, abs=1e-6)
    assert fx.true_peak(noise) >= sample_peak
    assert fx.true_peak(fx.Signal(torch.tensor([0.5]), RATE)) == pytest.approx(-6.02, abs=0.01)
    assert fx.true_peak(noise * 1e-30) == pytest.approx(fx.true_peak(noise) - 600, abs=1e-3)
    assert fx.true_peak(fx.silence(0.1)) == -math.inf


def test_crest_factors_of_known_waveforms():
    """Sine 3.01 dB, square 0 dB, sawtooth and triangle 4.77 dB; it does not depend on the level."""
    t = torch.arange(48_000, dtype=torch.float64) / 480
    triangle = (2 * (t - t.floor()) - 1).abs() * 2 - 1
    for x, expected in (
        (torch.sin(2 * math.pi * t), 3.01),
        (torch.sign(torch.sin(2 * math.pi * (t + 1e-4))), 0.0),
        (triangle, 4.77),
    ):
        for gain in (1.0, 1e-30, 1e30):
            assert fx.crest_factor(fx.Signal(gain * x, RATE)) == pytest.approx(expected, abs=0.02)
    assert math.isnan(fx.crest_factor(fx.silence(1.0)))


def test_invalid_arguments():
    """Errors name the function, the value and what is allowed."""
    for factor in (0, 65, 2.0, True):
        with pytest.raises(fx.ParameterError, match=r"true_peak: oversample is .* integer from 1 to 64"):
            fx.true_peak(fx.silence(0.1), oversample=factor)
    for function in (fx.true_peak, fx.crest_factor):
        with pytest.raises(fx.SignalError, match="the input is list, not a Signal"):
            function([0.0])
