"""`Feature`: axes, levels, conversion, inverse, chains; and errors about bad input."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest
import torch

import fxlab as fx

RATE = 16_000
TONE = fx.sine(1000.0, duration=0.5, sample_rate=RATE, level_db=0.0)


@pytest.mark.parametrize("window", ["hann", "hamming", "blackman"])
@pytest.mark.parametrize("power", ["power", "magnitude", "complex"])
@pytest.mark.parametrize("normalized", ["none", "window", "frame_length"])
def test_a_full_scale_sine_has_0_db(window, power, normalized):
    feature = TONE | fx.Spectrogram(n_fft=512, window=window, power=power, normalized=normalized)
    assert float(feature.levels()[0, :, 10].max()) == pytest.approx(0.0, abs=0.01)
    assert feature.frequency.values[feature.levels()[0, :, 10].argmax()] == 1000.0
    assert feature.level_unit == "dB re a full-scale sine"


def test_times_are_the_centers_of_the_frames():
    click = torch.zeros(RATE)
    click[8000] = 1.0
    for center in (True, False):
        feature = fx.Signal(click, RATE) | fx.Spectrogram(n_fft=512, hop_length=100, center=center)
        loudest = feature.data[0].sum(0).argmax()
        assert float(feature.time.values[loudest]) == pytest.approx(0.5, abs=0.5 * 100 / RATE + 1e-9)


def test_numpy_and_xarray():
    feature = TONE | fx.MelSpectrogram(n_fft=1024, n_mels=20)
    assert np.array_equal(feature.numpy(), feature.data.numpy())
    array = feature.to_xarray()
    assert array.dims == ("channel", "frequency", "time")
    assert array.frequency.attrs["units"] == "Hz"
    assert np.allclose(array.time, feature.time.values)


@pytest.mark.parametrize(
    "options", [{}, {"n_fft": 512, "hop_length": 100}, {"center": False}, {"pad": 50}, {"normalized": True}]
)
def test_a_complex_spectrogram_is_inverted_exactly(options):
    voice = fx.examples.voice().between(0.0, 1.0)
    back = (voice | fx.Spectrogram(power=None, **options)).inverse()
    assert back.frames == voice.frames
    # Without centering, the first and last samples lie at the ends of windows, which are 0.
    inner = slice(1, -400) if options.get("center") is False else slice(None)
    assert (back.samples - voice.samples)[:, inner].abs().max() < 1e-5


@pytest.mark.parametrize(
    "module", [fx.Spectrogram(512), fx.MelSpectrogram(1024, n_mels=80), fx.MFCC(n_fft=1024, n_mels=80)]
)
def test_an_estimated_sound_has_the_feature_that_it_was_made_from(module):
    voice = fx.examples.voice().between(0.5, 1.5)
    feature = voice | module
    again = feature.inverse() | module
    error = (
        (feature.data.sqrt() - again.data.sqrt())
        if module.takes_sound and feature.kind == "power"
        else feature.data - again.data
    )
    size = feature.data.sqrt() if feature.kind == "power" else feature.data
    assert error.norm() < 0.25 * size.norm()


def test_the_inverse_uses_the_parameters_that_the_feature_was_computed_with():
    module = fx.Spectrogram(n_fft=512, power=None)
    feature = TONE | module
    module.n_fft = 256
    assert (feature.inverse().samples - TONE.samples).abs().max() < 1e-5


def test_a_feature_without_an_inverse_says_so():
    with pytest.raises(fx.FxlabError, match="Chromagram has no inverse"):
        (TONE | fx.Chroma()).inverse()


def test_a_chain_of_effects_features_and_transforms():
    chain = fx.HighPass(100.0) | fx.LowPass(5000.0) | fx.MelSpectrogram(1024, n_mels=40) | fx.PCEN() | fx.Deltas()
    feature = TONE | chain
    assert isinstance(feature, fx.Feature)
    assert feature.name == "Deltas of PCEN of Mel spectrogram"
    tensor = chain(TONE.samples, sample_rate=RATE)
    assert torch.allclose(tensor, feature.data, atol=1e-6)
    stream = chain.stream(RATE)
    blocks = torch.cat([stream(TONE.samples[:, :3001]), stream(TONE.samples[:, 3001:]), stream.flush()], -1)
    assert torch.allclose(blocks, tensor, atol=1e-4)
    back = TONE | (fx.Spectrogram(power=None) | fx.InverseSpectrogram())
    assert isinstance(back, fx.Signal)
    assert (back.samples - TONE.samples).abs().max() < 1e-5


def test_levels_in_db_keep_the_range_of_the_picture():
    feature = TONE | fx.Spectrogram(n_fft=512) | fx.AmplitudeToDB()
    assert feature.unit == feature.level_unit == "dB"
    assert float(feature.data.max()) == pytest.approx(feature.limits[1], abs=0.01)


def test_copies_and_pickles():
    feature = TONE | fx.Spectrogram(power=None)
    for other in (copy.deepcopy(feature), pickle.loads(pickle.dumps(feature))):
        assert torch.equal(other.data, feature.data)
        assert torch.equal(other.inverse().samples, feature.inverse().samples)


def test_examples_of_a_batch_have_bands_of_their_own_with_gradients():
    edges = torch.tensor([100.0, 300.0], dtype=torch.float64, requires_grad=True)
    x = torch.randn(2, 1, 4000, dtype=torch.float64)
    batch = fx.MelSpectrogram(n_fft=1024, n_mels=10, f_min=edges)(x, sample_rate=RATE)
    for index in range(2):
        alone = fx.MelSpectrogram(n_fft=1024, n_mels=10, f_min=edges[index].item())(x[index], sample_rate=RATE)
        assert torch.allclose(batch[index], alone)
    batch.sum().backward()
    assert bool((edges.grad != 0).all())


def test_pcen_of_noise_hardly_changes_with_40_db():
    noise = fx.noise("white", duration=2.0, sample_rate=RATE, seed=1)
    loud = (noise | fx.MelSpectrogram(1024, n_mels=20) | fx.PCEN(time_constant=0.1)).data[..., 40:].mean()
    quiet = (noise * 0.01 | fx.MelSpectrogram(1024, n_mels=20) | fx.PCEN(time_constant=0.1)).data[..., 40:].mean()
    assert float(loud - quiet) < 0.2 * float(loud)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fx.Spectrogram(hop_length=-1), "hop_length is -1; it must be a whole number of at least 1 samples"),
        (lambda: fx.Spectrogram(n_fft=0), "n_fft is 0; it must be"),
        (
            lambda: TONE | fx.Spectrogram(n_fft=256, win_length=400),
            "win_length is 400 samples and n_fft 256.*n_fft to 400",
        ),
        (
            lambda: TONE | fx.MelSpectrogram(f_max=9000.0),
            r"f_max is 9000 Hz; it must be .*half the sample rate \(8000 Hz\)",
        ),
        (lambda: TONE | fx.MelSpectrogram(f_min=4000.0, f_max=3000.0), "f_min is 4000 Hz and f_max 3000 Hz"),
        (lambda: TONE | fx.MFCC(n_mfcc=50, n_mels=40), "n_mfcc is 50, and there are 40 bands"),
        (lambda: TONE | fx.Spectrogram(power=3), "power is 3; it must be one of 'power'"),
        (lambda: TONE | fx.Spectrogram(n_fft=16_384), "the sound has 8000 samples.*Use a longer sound"),
        (lambda: TONE | fx.Spectrogram(n_fft=16_384, center=False), "the sound has 8000 samples and a frame 16384"),
        (lambda: fx.Spectrogram()(torch.tensor([0.0, math.nan]), sample_rate=RATE), "1 of 2 samples are NaN"),
        (lambda: fx.Deltas()(TONE), "processes a feature, not a sound"),
        (lambda: TONE | fx.Deltas(), "processes a feature, not a sound"),
        (lambda: TONE | fx.Chroma() | fx.AmplitudeToDB(), "neither a power nor a magnitude"),
        (lambda: TONE | fx.Spectrogram(power=1) | fx.AmplitudeToDB(), "set stype='magnitude'"),
        (lambda: TONE | fx.ConstantQ(n_bins=96), "the highest of 96 bins, at 7902.1 Hz"),
        (lambda: TONE | fx.PitchTrack(f_min=20.0, frame_length=512), "a period of f_min=20 Hz has 800 samples"),
        (lambda: TONE | fx.SpectralContrast(n_bands=8), "highest of 8 octaves"),
        (lambda: fx.MFCC().stream(RATE)(TONE.samples), "cannot stream with top_db"),
        (lambda: fx.Spectrogram(pad_mode="circular").stream(RATE)(TONE.samples), "pad_mode='circular'"),
        (lambda: fx.MelSpectrogram(f_min=fx.LFO(1.0, 20.0, 90.0)), "all frames of a feature have the same parameters"),
        (lambda: fx.InverseSpectrogram(512)(torch.zeros(201, 5, dtype=torch.complex64)), "n_fft=512 has"),
        (lambda: fx.InverseSpectrogram()(torch.zeros(201, 5)), "are real, without phases"),
        ((TONE | fx.Spectrogram(power=None, hop_length=500)).inverse, "hop of 500 samples is too long"),
        (lambda: TONE | fx.Spectrogram, "is a class"),
    ],
)
def test_bad_input_is_said_with_what_to_do(call, message):
    with pytest.raises(fx.FxlabError, match=message):
        call()


def test_empty_bands_are_said_with_the_n_fft_that_fills_them():
    with pytest.warns(UserWarning, match=r"bands are empty.*With n_fft=(\d+)") as caught:
        fx.MelSpectrogram(n_fft=300, n_mels=100)(TONE)
    n_fft = int(str(caught[0].message).split("With n_fft=")[1].split()[0])
    bank = fx.MelSpectrogram(n_fft=n_fft, n_mels=100).bank(RATE, torch.float64, torch.device("cpu"))
    assert bool((bank.amax(0) > 0).all())


def test_a_batch_without_examples():
    assert fx.Spectrogram(n_fft=64, hop_length=32)(torch.zeros(0, 2, 320), 8000).shape[:3] == (0, 2, 33)


@pytest.mark.parametrize("power", ["power", "complex"])
def test_many_channels_may_be_short(power):
    many = fx.Signal(torch.randn(70, 200), RATE).between(0.0, 40 / RATE)
    feature = many | fx.Spectrogram(n_fft=16, hop_length=4, power=power)
    assert feature.inverse().samples.shape == (70, 40)
    if power == "complex":
        assert (feature | fx.InverseSpectrogram(n_fft=16, hop_length=4)).samples.shape == (70, 40)
