import io
import math

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab import Signal
from fxlab.display import player as player_module
from fxlab.display.player import encode_clip, player_html
from fxlab.signal import noise, silence, sine


def decode(clip):
    with soundfile.SoundFile(io.BytesIO(clip.flac)) as file:
        assert (file.format, file.subtype, file.samplerate) == ("FLAC", f"PCM_{clip.bits}", clip.rate)
        return file.read(dtype="int32", always_2d=True).T


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([16, 24]),
    st.integers(1, 2),
    st.integers(1, 400),
    st.sampled_from([8000, 11_025, 16_000, 44_100, 48_000, 96_000, 192_000]),
    st.integers(0, 99),
)
def test_samples_of_16_and_24_bits_are_stored_exactly(bits, channels, frames, rate, seed):
    top = 2 ** (bits - 1)
    integers = np.random.default_rng(seed).integers(-top, top, (channels, frames))
    integers[0, 0] = 1  # odd, so that 24 bits are distinguishable from 16
    clip = encode_clip(Signal((integers / top).astype(np.float32), rate))
    assert clip.bits == bits
    assert clip.notes == ()
    assert np.array_equal(decode(clip), integers << (32 - bits))


def test_other_samples_are_rounded_and_full_scale_is_not_an_overload():
    tone = sine(997.0, duration=0.5, level_db=0.0)
    clip = encode_clip(tone)
    assert (clip.bits, clip.notes) == (16, ())
    error = decode(clip) / 2**31 - tone.numpy()
    assert np.abs(error).max() <= 2.0**-15
    rms = 20 * math.log10(np.sqrt(np.mean(error**2)))
    assert rms == pytest.approx(-101.1, abs=0.5)


def test_a_soft_signal_gets_24_bits_and_is_not_amplified():
    tone = sine(997.0, duration=0.5, level_db=-60.0)
    clip = encode_clip(tone)
    assert clip.bits == 24
    assert clip.notes == ()
    assert np.abs(decode(clip) / 2**31 - tone.numpy()).max() <= 2.0**-24


@pytest.mark.parametrize("level_db", [0.05, 3.0, 12.34, 600.0])
def test_an_overload_is_scaled_down_and_the_note_says_by_how_much(level_db):
    tone = sine(997.0, duration=0.2, level_db=-6.0).to(torch.float64)
    tone = tone * (10 ** (level_db / 20) / tone.samples.abs().max().item())
    clip = encode_clip(tone)
    down = math.ceil(level_db * 10 - 1e-3) / 10
    assert len(clip.notes) == 1
    assert f"is {down:.1f} dB softer" in clip.notes[0]
    assert "over full scale" in clip.notes[0]
    expected = tone.numpy() * 10 ** (-down / 20)
    assert np.abs(decode(clip) / 2**31 - expected).max() <= 2.0**-15
    assert clip.notes[0] in player_html(tone)


def test_the_first_minute_of_a_long_signal_is_embedded_with_a_note():
    clip = encode_clip(noise("brown", duration=75.0, sample_rate=8000, level_db=-20.0))
    assert decode(clip).shape == (1, 60 * 8000)
    assert "the first 60 s of 75 s" in clip.notes[0]
    assert "panel" in clip.notes[0]
    assert "save" in clip.notes[0]


def test_a_signal_that_compresses_badly_is_cut_to_the_maximum_of_bytes(monkeypatch):
    monkeypatch.setattr(player_module, "MAX_BYTES", 100_000)
    sound = noise("white", duration=10.0, level_db=-20.0)
    clip = encode_clip(sound)
    assert 60_000 < len(clip.flac) <= 100_000
    kept = decode(clip)
    assert np.abs(kept / 2**31 - sound.numpy()[:, : kept.shape[1]]).max() <= 2.0**-15
    assert "the first" in clip.notes[0]


def test_more_than_two_channels_are_mixed_to_mono():
    samples = torch.arange(-4.0, 4.0)[:, None].repeat(1, 64) / 64
    clip = encode_clip(Signal(samples, 48_000))
    assert clip.notes == ("The player has the mean of the 8 channels.",)
    assert np.array_equal(decode(clip), np.full((1, 64), round(-0.5 / 64 * 2**31)))


@pytest.mark.parametrize(("rate", "new_rate"), [(384_000, 192_000), (6000, 48_000), (1000, 48_000)])
def test_a_rate_that_browsers_do_not_play_is_resampled_with_a_note(rate, new_rate):
    tone = sine(300.0, duration=0.5, sample_rate=rate)
    clip = encode_clip(tone)
    assert clip.rate == new_rate
    assert "resampled" in clip.notes[0]
    got = decode(clip)[0] / 2**31
    assert len(got) / new_rate == pytest.approx(0.5, abs=0.001)
    expected = 10 ** (-6 / 20) * np.sin(2 * np.pi * 300 * np.arange(len(got)) / new_rate)
    inside = slice(len(got) // 4, -len(got) // 4)
    assert np.abs(got - expected)[inside].max() < 0.01


def test_a_fractional_rate_is_rounded_with_a_note():
    clip = encode_clip(Signal(torch.zeros(100), 44_100.4))
    assert clip.rate == 44_100
    assert "44100 Hz instead of 44100.4 Hz" in clip.notes[0]


def test_a_rate_too_low_for_audible_sound_has_no_player_html():
    assert encode_clip(Signal(torch.zeros(100), 50)) is None
    assert "<audio" not in player_html(Signal(torch.zeros(100), 50))
    assert "50 Hz" in player_html(Signal(torch.zeros(100), 50))


def test_the_signal_is_not_modified():
    loud = sine(440.0, duration=0.1, level_db=9.0, channels=3)
    before = loud.samples.clone()
    encode_clip(loud)
    assert torch.equal(loud.samples, before)
    half = Signal(silence(0.1).samples.to(torch.bfloat16), 8000)
    assert np.array_equal(decode(encode_clip(half)), np.zeros((1, half.frames)))
