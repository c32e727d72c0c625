"""`ConstantQ` against its definition, evaluated sample by sample; `PitchTrack` and `Chroma` on known notes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.signal
import torch

import fxlab as fx

RATE = 8000


@pytest.mark.parametrize(
    "options", [{}, {"scale": False, "window": "blackman"}, {"filter_scale": 0.5, "bins_per_octave": 24}]
)
def test_each_bin_is_the_correlation_with_a_windowed_oscillation(options):
    module = fx.ConstantQ(f_min=110.0, n_bins=40, hop_length=300, power="complex", **options)
    x = np.random.default_rng(0).standard_normal(4000)
    ours = module(torch.from_numpy(x), sample_rate=RATE).numpy()
    per_octave = options.get("bins_per_octave", 12)
    ratio = 4 ** (1 / per_octave)
    quality = options.get("filter_scale", 1.0) * (ratio + 1) / (ratio - 1)
    padded = np.pad(x, 4000)
    for bin_, frame in ((0, 0), (0, 7), (13, 5), (39, 13)):
        frequency = 110.0 * 2 ** (bin_ / per_octave)
        length = quality * RATE / frequency
        before, after = math.ceil(length / 2), math.floor(length / 2)
        taps = scipy.signal.get_window(options.get("window", "hann"), before + after)[::-1]
        time = np.arange(1 - after, before + 1)
        scale = math.sqrt(length) if options.get("scale", True) else 1.0
        part = padded[4000 + 300 * frame + time]
        expected = scale * np.sum(part * taps * np.exp(-2j * np.pi * frequency / RATE * time)) / taps.sum()
        assert abs(ours[bin_, frame] - expected) < 1e-12 * scale * 10


def test_a_full_scale_sine_has_half_its_amplitude_without_scale():
    tone = torch.sin(2 * torch.pi * 440 * torch.arange(8000, dtype=torch.float64) / RATE)
    levels = fx.ConstantQ(f_min=110.0, n_bins=36, scale=False)(tone, sample_rate=RATE)
    assert levels[:, 8].argmax() == 24
    assert float(levels[24, 8]) == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize(("note", "frequency"), [(0, 261.626), (4, 329.628), (9, 440.0)])
def test_chroma_finds_the_pitch_class(note, frequency):
    tone = fx.sine(frequency, duration=0.5, sample_rate=22_050)
    chroma = (tone | fx.Chroma()).data[0, :, 10]
    assert chroma.argmax() == note
    assert float(chroma[note]) == 1.0


@pytest.mark.parametrize("frequency", [110.0, 311.1, 880.0])
def test_pitch_of_a_sawtooth(frequency):
    saw = fx.sawtooth(frequency, duration=0.6, sample_rate=2 * RATE)
    track = (saw | fx.PitchTrack()).data[0, 0]
    assert float(track[len(track) // 2]) == pytest.approx(frequency, rel=0.005)


def test_the_pitch_by_correlation_is_a_whole_number_of_samples():
    saw = fx.sawtooth(111.0, duration=0.6, sample_rate=2 * RATE)
    track = (saw | fx.PitchTrack(method="autocorrelation")).data[0, 0]
    assert float(track[len(track) // 2]) == pytest.approx(2 * RATE / 144, rel=1e-5)
