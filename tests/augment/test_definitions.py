"""Augmentations against their definitions: physics, statistics and standards."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab import augment
from fxlab.augment.filters.air_absorption import air_attenuation

RATE = 16_000


# ISO 9613-2, table 2, in dB per km: the octave bands from 63 Hz to 8 kHz.
AIR = {
    (10.0, 70.0): (0.1, 0.4, 1.0, 1.9, 3.7, 9.7, 32.8, 117.0),
    (20.0, 70.0): (0.1, 0.3, 1.1, 2.8, 5.0, 9.0, 22.9, 76.6),
    (30.0, 70.0): (0.1, 0.3, 1.0, 3.1, 7.4, 12.7, 23.1, 59.3),
    (15.0, 20.0): (0.3, 0.6, 1.2, 2.7, 8.2, 28.2, 88.8, 202.0),
    (15.0, 50.0): (0.1, 0.5, 1.2, 2.2, 4.2, 10.8, 36.2, 129.0),
    (15.0, 80.0): (0.1, 0.3, 1.1, 2.4, 4.1, 8.3, 23.7, 82.8),
}


@pytest.mark.parametrize("air", AIR)
def test_air_absorption_agrees_with_the_table_of_iso_9613_2(air):
    bands = 1000 * 10.0 ** (0.3 * torch.arange(-4, 4, dtype=torch.float64))  # exact centers of the octaves
    found = 1000 * air_attenuation(bands, *torch.tensor(air, dtype=torch.float64))
    expected = torch.tensor(AIR[air], dtype=torch.float64)
    # The table has one decimal, or three digits.
    assert ((found - expected).abs() <= torch.maximum(torch.tensor(0.06), 0.006 * expected)).all()


def test_air_absorption_attenuates_a_tone_by_that():
    x = fx.sine(4000.0, duration=1.0, sample_rate=RATE).samples
    y = augment.AirAbsorption(temperature=20.0, humidity=70.0, distance=100.0, p=1.0)(x, RATE)
    middle = slice(4000, 12_000)
    loss = 10 * math.log10(float(x[..., middle].square().mean() / y[..., middle].square().mean()))
    assert loss == pytest.approx(100 * float(air_attenuation(*torch.tensor([4000.0, 20.0, 70.0]).double())), abs=0.02)


@pytest.mark.parametrize("decay", [-2.0, 0.0, 1.0, 2.0])
def test_colored_noise_has_its_slope_and_level(decay):
    x = 0.1 * torch.ones(40, 1, RATE)
    noise = augment.AddColoredNoise(decay=decay, snr_db=10.0, p=1.0, seed=1)(x, RATE) - x
    assert 10 * math.log10(float(noise.square().mean() / 0.01)) == pytest.approx(-10.0, abs=0.01)
    power = torch.fft.rfft(noise.double()).abs().square().mean((0, 1))
    octaves = [10 * math.log10(float(power[f : 2 * f].mean())) for f in (125, 250, 500, 1000, 2000)]
    # 40 realizations of at least 125 bins: a standard deviation of 0.06 dB for an octave.
    assert np.diff(octaves) == pytest.approx([-3.0103 * decay] * 4, abs=0.35)


def test_the_ratio_of_a_background_is_that_of_the_powers():
    x = torch.randn(4, 2, 8000) * 0.3
    noise = augment.AddBackgroundNoise(fx.noise(duration=0.2, sample_rate=RATE, seed=1), snr_db=6.0, p=1.0)(x, RATE) - x
    ratio = 10 * torch.log10(x.square().mean((1, 2)) / noise.square().mean((1, 2)))
    torch.testing.assert_close(ratio, torch.full((4,), 6.0), atol=1e-3, rtol=0)
    assert torch.allclose(noise[:, 0], noise[:, 1], atol=1e-6)


def test_an_impulse_response_of_another_rate_is_resampled_and_its_delay_removed():
    # A sample at 8 kHz is a sinc at 16 kHz with a passband of 3.6 kHz: a tone in it changes its level, and no more.
    click = fx.Signal(torch.cat([torch.zeros(80), torch.ones(1), torch.zeros(80)]), 8000)
    x = fx.sine(500.0, duration=0.1, sample_rate=16_000).samples
    y = augment.ApplyImpulseResponse(click, compensate_delay=True, p=1.0)(x, 16_000)
    middle = slice(400, 1200)
    gain = (y * x)[..., middle].sum() / x[..., middle].square().sum()
    torch.testing.assert_close(y[..., middle], gain * x[..., middle], atol=2e-3, rtol=0)
    assert 1.9 < gain < 2.2
    delayed = augment.ApplyImpulseResponse(click, p=1.0)(x, 16_000)
    torch.testing.assert_close(delayed[..., 160:], y[..., :-160], atol=1e-4, rtol=0)


def test_splice_out_removes_what_it_cuts():
    x = torch.arange(1.0, 8001.0)[None, None]
    augmentation = augment.SpliceOut(width_s=0.05, intervals=3, fade_ms=0.0, p=1.0, seed=2)
    y = augmentation(x, RATE).flatten()
    assert (y[-2400:] == 0).all()
    kept = y[:-2400]
    assert (kept.diff() >= 1).all()
    assert int((kept.diff() > 1).sum()) == 3


def test_trim_keeps_the_loud_part_of_every_example():
    x = torch.zeros(2, 1, RATE)
    x[0, 0, 4000:8000] = 0.5
    x[1, 0, 6000:10_000] = 0.5
    y = augment.Trim(frame_ms=10.0, p=1.0)(x, RATE)
    assert 6000 <= y.shape[-1] < 6500
    assert float(y.square().sum()) == float(x.square().sum())


def test_a_change_of_rate_reaches_the_next_stage_and_the_signal():
    heard = []
    probe = fx.wrap(lambda x, sample_rate: heard.append(sample_rate) or x)
    augmentation = augment.Compose([augment.Resample(rate=8000, p=1.0), probe, augment.LowPass(cutoff=3000.0)])
    y = augmentation(fx.sine(440.0, duration=0.5, sample_rate=RATE))
    assert (y.sample_rate, y.frames) == (8000, 4000)
    assert heard == [8000]


@pytest.mark.parametrize("width", ["per_example", "per_batch"])
def test_a_crop_is_a_part_of_each_sound(width):
    x = torch.arange(1000.0).expand(20, 1, 1000)
    y = augment.RandomCrop(duration_s=0.1, places=width, p=1.0, seed=1)(x, 1000)
    assert torch.equal(y - y[..., :1], torch.arange(100.0).expand(20, 1, 100))
    assert (len(y[:, 0, 0].unique()) == 1) is (width == "per_batch")


# -- bad recordings ---------------------------------------------------------------------------------------------------


def test_bad_recordings_are_rejected(tmp_path):
    with pytest.raises(fx.ParameterError, match="contains no sound files"):
        augment.AddBackgroundNoise(tmp_path)
    with pytest.raises(fx.ParameterError, match="does not exist"):
        augment.AddBackgroundNoise(tmp_path / "nothing")
    with pytest.raises(fx.ParameterError, match="is empty"):
        augment.ApplyImpulseResponse([])
    fx.silence(0.5, sample_rate=RATE).save(tmp_path / "silent.wav")
    with pytest.raises(fx.SignalError, match="silent"):
        augment.AddBackgroundNoise(tmp_path, p=1.0)(torch.ones(1, 100), RATE)
    (tmp_path / "damaged.flac").write_bytes(b"no sound at all")
    with pytest.raises(fx.FileError, match=r"damaged\.flac"):
        augment.AddBackgroundNoise(tmp_path / "damaged.flac", p=1.0)(torch.ones(1, 100), RATE)


def test_recordings_of_mixed_rates_and_channels_are_used(tmp_path):
    fx.noise(duration=0.3, sample_rate=44_100, seed=1).save(tmp_path / "a.wav")
    stereo = fx.noise(duration=0.2, sample_rate=8000, seed=2).samples.expand(2, -1).clone()
    fx.Signal(stereo, 8000).save(tmp_path / "b.flac", overload="clip")
    augmentation = augment.AddBackgroundNoise(tmp_path, p=1.0, seed=1)
    assert torch.isfinite(augmentation(torch.randn(8, 1, 4000), RATE)).all()
    assert set(augmentation.last_draw["values"]["sound"]) == {0, 1}


def test_mp3_has_limits():
    with pytest.raises(fx.ParameterError, match="from 32 to 320 kbit/s"):
        augment.Mp3Compression(bitrate_kbps=8.0, p=1.0)(torch.zeros(1, 4000), 44_100)
    with pytest.raises(fx.SignalError, match="no sample rate of 15000 Hz"):
        augment.Mp3Compression(p=1.0)(torch.zeros(1, 4000), 15_000)
