"""The cards of signals."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import fxlab as fx
from fxlab.display import signal_bundle
from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import DENSITY
from fxlab.signal import impulse, noise, silence, sine
from tests.support.card_html import KINDS, read
from tests.support.pictures import bundle_pixels, color_mask, embedded_sound


def test_the_card_of_a_signal_has_picture_properties_and_player():
    tone = sine(1000.0, duration=1.5, sample_rate=48_000, level_db=-12.0, channels=2)
    bundle = tone._repr_mimebundle_()
    data, _ = bundle
    assert set(data) == KINDS
    assert data["text/plain"] == repr(tone)
    _, found = read(bundle)
    alt = dict(found)["img"]["alt"]
    for words in ("2 channels", "1.5 s", "48 kHz", "peak −12.0 dBFS", "RMS −15.0 dBFS", "spectrogram"):
        assert words in alt
    samples, rate, subtype = embedded_sound(data["text/html"])
    assert (rate, subtype) == (48_000, "PCM_16")
    assert np.abs(samples / 2**31 - tone.numpy()).max() <= 2.0**-15
    assert "softer" not in data["text/html"]


def test_the_waveform_reaches_its_peak_and_is_red_beyond_full_scale():
    waveform = slice(30 * DENSITY, 114 * DENSITY), slice(44 * DENSITY, 664 * DENSITY)
    half = bundle_pixels(signal_bundle(sine(50.0, duration=2.0, level_db=-6.02))[0])
    rows = np.flatnonzero(color_mask(half, colors.MAIN)[waveform].any(1))
    assert (np.ptp(rows) + 1) / DENSITY == pytest.approx(82 / 2, abs=2)
    assert not color_mask(half, colors.ALARM).any()
    over = signal_bundle(sine(50.0, duration=2.0, level_db=3.0))
    assert color_mask(bundle_pixels(over[0]), colors.ALARM)[waveform].sum() > 500 * DENSITY**2
    assert "3.0 dB softer" in read(over)[0]


def test_a_note_says_that_a_signal_is_too_short_for_a_spectrogram():
    words, found = read(signal_bundle(impulse(duration=0.0005)))
    assert "22 samples: too short for a spectrogram" in words
    assert [tag for tag, _ in found if tag == "audio"]


def test_eight_channels_are_drawn_and_a_note_says_so():
    words, _ = read(signal_bundle(noise(duration=0.2, channels=12)))
    assert "the first 8 of 12 channels" in words
    assert "mean of the 12 channels" in words


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 3000),
    st.sampled_from([1, 2, 3, 8, 11]),
    st.sampled_from([0.3, 1.0, 999.0, 8000, 44_100, 44_100.5, 192_000, 1e6]),
    st.sampled_from(["noise", "silence", "constant", "click"]),
    st.sampled_from([1e-300, 1e-9, 0.5, 1.0, 7.0, 1e30, 1e300]),
    st.sampled_from([torch.float32, torch.float64, torch.float16, torch.bfloat16]),
)
def test_every_signal_has_a_card(frames, channels, rate, kind, size, dtype):
    shape = (channels, frames)
    samples = {
        "noise": lambda: torch.randn(shape, generator=torch.Generator().manual_seed(frames), dtype=torch.float64),
        "silence": lambda: torch.zeros(shape, dtype=torch.float64),
        "constant": lambda: torch.ones(shape, dtype=torch.float64),
        "click": lambda: torch.nn.functional.one_hot(torch.tensor(frames // 2), frames).double().expand(shape),
    }[kind]()
    samples = (samples * size).to(dtype)
    if not torch.isfinite(samples).all():
        return
    signal = fx.Signal(samples, rate)
    bundle = signal_bundle(signal)
    assert set(bundle[0]) == KINDS
    assert bundle[0]["text/plain"] == repr(signal)
    words, found = read(bundle)
    assert "could not be drawn" not in words, words
    assert ("audio" in dict(found)) == (rate >= 1000)


def test_a_silent_signal_is_described_as_silent():
    assert "silent" in dict(read(signal_bundle(silence(1.0)))[1])["img"]["alt"]
