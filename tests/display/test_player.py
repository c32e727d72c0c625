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
from fxlab.display.player import clip, player
from fxlab.signal import noise, silence, sine


def decoded(made):
    with soundfile.SoundFile(io.BytesIO(made.flac)) as file:
        assert (file.format, file.subtype, file.samplerate) == ("FLAC", f"PCM_{made.bits}", made.rate)
        return file.read(dtype="int32", always_2d=True).T


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([16, 24]),
    st.integers(1, 2),
    st.integers(1, 400),
    st.sampled_from([8000, 11_025, 16_000, 44_100, 48_000, 96_000, 192_000]),
    st.integers(0, 99),
)
def test_samples_of_16_and_24_bits_are_kept_exactly(bits, channels, frames, rate, seed):
    top = 2 ** (bits - 1)
    whole = np.random.default_rng(seed).integers(-top, top, (channels, frames))
    whole[0, 0] = 1  # odd: 24 bits cannot be mistaken for 16
    made = clip(Signal((whole / top).astype(np.float32), rate))
    assert made.bits == bits
    assert made.notes == ()
    assert np.array_equal(decoded(made), whole << (32 - bits))


def test_other_samples_are_rounded_to_the_nearest_step_and_full_scale_is_no_overload():
    tone = sine(997.0, duration=0.5, level_db=0.0)
    made = clip(tone)
    assert (made.bits, made.notes) == (16, ())
    error = decoded(made) / 2**31 - tone.numpy()
    assert np.abs(error).max() <= 2.0**-15
    rms = 20 * math.log10(np.sqrt(np.mean(error**2)))
    assert rms == pytest.approx(-101.1, abs=0.5)


def test_a_soft_sound_gets_24_bits_and_is_not_made_louder():
    tone = sine(997.0, duration=0.5, level_db=-60.0)
    made = clip(tone)
    assert made.bits == 24
    assert made.notes == ()
    assert np.abs(decoded(made) / 2**31 - tone.numpy()).max() <= 2.0**-24


@pytest.mark.parametrize("level_db", [0.05, 3.0, 12.34, 600.0])
def test_what_is_over_full_scale_is_turned_down_as_a_whole_and_it_is_said_by_how_much(level_db):
    tone = sine(997.0, duration=0.2, level_db=-6.0).to(torch.float64)
    tone = tone * (10 ** (level_db / 20) / tone.samples.abs().max().item())
    made = clip(tone)
    down = math.ceil(level_db * 10 - 1e-3) / 10
    assert len(made.notes) == 1
    assert f"is {down:.1f} dB softer" in made.notes[0]
    assert "over full scale" in made.notes[0]
    wanted = tone.numpy() * 10 ** (-down / 20)
    assert np.abs(decoded(made) / 2**31 - wanted).max() <= 2.0**-15
    assert made.notes[0] in player(tone)


def test_the_first_minute_of_a_long_sound_is_embedded_and_that_is_said():
    made = clip(noise("brown", duration=75.0, sample_rate=8000, level_db=-20.0))
    assert decoded(made).shape == (1, 60 * 8000)
    assert "the first 60 s of 75 s" in made.notes[0]
    assert "panel" in made.notes[0]
    assert "save" in made.notes[0]


def test_a_sound_that_packs_badly_is_cut_by_its_bytes(monkeypatch):
    monkeypatch.setattr(player_module, "MOST_BYTES", 100_000)
    sound = noise("white", duration=10.0, level_db=-20.0)
    made = clip(sound)
    assert 60_000 < len(made.flac) <= 100_000
    kept = decoded(made)
    assert np.abs(kept / 2**31 - sound.numpy()[:, : kept.shape[1]]).max() <= 2.0**-15
    assert "the first" in made.notes[0]


def test_more_than_two_channels_are_played_as_their_mean():
    samples = torch.arange(-4.0, 4.0)[:, None].repeat(1, 64) / 64
    made = clip(Signal(samples, 48_000))
    assert made.notes == ("The player has the mean of the 8 channels.",)
    assert np.array_equal(decoded(made), np.full((1, 64), round(-0.5 / 64 * 2**31)))


@pytest.mark.parametrize(("rate", "played"), [(384_000, 192_000), (6000, 48_000), (1000, 48_000)])
def test_a_rate_that_browsers_refuse_is_resampled_and_that_is_said(rate, played):
    tone = sine(300.0, duration=0.5, sample_rate=rate)
    made = clip(tone)
    assert made.rate == played
    assert "resampled" in made.notes[0]
    got = decoded(made)[0] / 2**31
    assert len(got) / played == pytest.approx(0.5, abs=0.001)
    wanted = 10 ** (-6 / 20) * np.sin(2 * np.pi * 300 * np.arange(len(got)) / played)
    inside = slice(len(got) // 4, -len(got) // 4)
    assert np.abs(got - wanted)[inside].max() < 0.01


def test_a_rate_that_is_no_whole_number_is_played_at_the_next_and_that_is_said():
    made = clip(Signal(torch.zeros(100), 44_100.4))
    assert made.rate == 44_100
    assert "44100 Hz instead of 44100.4 Hz" in made.notes[0]


def test_where_there_is_nothing_to_hear_there_is_no_player():
    assert clip(Signal(torch.zeros(100), 50)) is None
    assert "<audio" not in player(Signal(torch.zeros(100), 50))
    assert "50 Hz" in player(Signal(torch.zeros(100), 50))


def test_the_signal_is_left_as_it_was():
    loud = sine(440.0, duration=0.1, level_db=9.0, channels=3)
    before = loud.samples.clone()
    clip(loud)
    assert torch.equal(loud.samples, before)
    half = Signal(silence(0.1).samples.to(torch.bfloat16), 8000)
    assert np.array_equal(decoded(clip(half)), np.zeros((1, half.frames)))
