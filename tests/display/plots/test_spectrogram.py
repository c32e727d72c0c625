import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.display.canvas.axis import frequency_axis, from_scale, to_scale
from fxlab.display.plots.spectrogram import MIN_FRAMES, spectrogram
from fxlab.display.plots.waveform_envelope import waveform_envelope

ROWS, COLUMNS = 80, 120


def mel(rate):
    return frequency_axis(0.0, rate / 2, "mel", 160, gap=15)


def row_frequencies(rate):
    edges = from_scale(np.linspace(0, to_scale(rate / 2, "mel"), ROWS + 1), "mel")
    return edges[::-1]


@pytest.mark.parametrize("frequency", [150.0, 440.0, 1000.0, 5000.0, 15_000.0])
def test_a_tone_appears_in_its_row_at_its_level(frequency):
    rate = 44_100
    tone = 0.5 * np.sin(2 * np.pi * frequency * np.arange(2 * rate) / rate)[None]
    found = spectrogram(tone, rate, mel(rate), ROWS, COLUMNS)
    middle = found.db[:, COLUMNS // 2]
    row = int(middle.argmax())
    edges = row_frequencies(rate)
    bin_width = rate / found.window
    assert edges[row + 1] - bin_width <= frequency <= edges[row] + bin_width
    assert middle[row] == pytest.approx(-6.0, abs=1.5)


def test_a_sweep_rises_and_a_click_appears_at_its_time():
    rate = 16_000
    time = np.arange(2 * rate) / rate
    sweep = np.sin(2 * np.pi * (200 * time + 1500 * time**2))[None]
    rows = spectrogram(sweep, rate, mel(rate), ROWS, COLUMNS).db.argmax(0)
    assert (np.diff(rows[3:-3]) <= 1).all()
    assert rows[5] - rows[-5] > ROWS // 3
    click = np.zeros((1, rate))
    click[0, 12_000] = 1.0
    loud = spectrogram(click, rate, mel(rate), ROWS, COLUMNS).db.max(0)
    assert abs(int(loud.argmax()) - 12_000 / rate * COLUMNS) <= 4


def test_the_power_of_channels_is_averaged_so_that_opposite_ones_do_not_cancel():
    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000)
    alone = spectrogram(tone[None], 16_000, mel(16_000), ROWS, COLUMNS).db
    opposite = spectrogram(np.stack([tone, -tone]), 16_000, mel(16_000), ROWS, COLUMNS).db
    assert opposite == pytest.approx(alone, abs=1e-3)


def test_the_columns_cover_a_long_signal_evenly():
    rate, seconds = 8000, 60
    noise = np.random.default_rng(0).standard_normal((1, rate * seconds)).astype(np.float32)
    noise[:, : rate * seconds // 2] *= 0.1
    found = spectrogram(noise, rate, mel(rate), ROWS, COLUMNS).db
    left, right = found[:, : COLUMNS // 2 - 2].mean(), found[:, COLUMNS // 2 + 2 :].mean()
    assert right - left == pytest.approx(20, abs=0.5)


@settings(max_examples=40, deadline=None)
@given(st.integers(MIN_FRAMES, 3000), st.integers(1, 8), st.sampled_from([0.5, 1000.0, 8000.0, 44_100.0, 192_000.0]))
def test_any_length_gives_a_complete_picture(frames, channels, rate):
    signal = np.random.default_rng(frames).uniform(-1, 1, (channels, frames)).astype(np.float32)
    found = spectrogram(signal, rate, mel(rate), ROWS, COLUMNS)
    assert found.db.shape == (ROWS, COLUMNS)
    assert np.isfinite(found.db).all()
    assert found.window <= max(MIN_FRAMES, frames // 4)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 500), st.integers(1, 3), st.integers(1, 60))
def test_the_envelope_contains_every_sample(frames, channels, columns):
    signal = np.random.default_rng(frames).uniform(-1, 1, (channels, frames))
    low, high = waveform_envelope(signal, columns)
    assert low.shape == high.shape == (channels, min(frames, columns))
    assert low.min(-1) == pytest.approx(signal.min(-1))
    assert high.max(-1) == pytest.approx(signal.max(-1))
    assert (low <= high).all()
    if frames % columns == 0:
        parts = signal.reshape(channels, columns, -1)
        assert np.array_equal(low, parts.min(-1))
        assert np.array_equal(high, parts.max(-1))
