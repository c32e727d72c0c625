"""`PitchTrack` by autocorrelation: torchaudio's pitches, short medians, near limits, and errors."""

from __future__ import annotations

import pytest
import torch
from torchaudio.functional import detect_pitch_frequency

import fxlab as fx

RATE = 16_000
NOISE = torch.randn(2, RATE, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def tracker(**values: object) -> fx.PitchTrack:
    return fx.PitchTrack(method="autocorrelation", **values)


def tone(frequency: float, samples: int = RATE) -> torch.Tensor:
    return torch.sin(2 * torch.pi * frequency / RATE * torch.arange(samples, dtype=torch.float64))


@pytest.mark.parametrize(
    ("hop", "smoothing", "low", "high"),
    [(512, 3, 65, 2093), (160, 30, 65, 2093), (100, 31, 200, 500), (512, 4, 85, 3400)],
)
def test_the_pitches_are_those_of_torchaudio(hop, smoothing, low, high):
    x = NOISE + tone(230.0)
    ours = tracker(hop_length=hop, smoothing=smoothing, f_min=float(low), f_max=float(high))(x, sample_rate=RATE)
    theirs = detect_pitch_frequency(x, RATE, hop / RATE, smoothing, low, high)
    assert torch.equal(ours, theirs.double())


@pytest.mark.parametrize(("smoothing", "frames"), [(1, 32), (2, 31), (3, 31), (4, 30)])
def test_a_median_leaves_out_the_last_frames(smoothing, frames):
    y = tracker(smoothing=smoothing)(NOISE, sample_rate=RATE)
    assert y.shape == (2, frames)
    plain = tracker(smoothing=1)(NOISE, sample_rate=RATE)
    before = (smoothing - 1) // 2
    padded = torch.cat([plain[:, :1].expand(-1, before), plain], -1)
    # The lower of two periods is the higher of two pitches.
    parts = -(-padded).unfold(-1, smoothing, 1).median(-1).values
    assert torch.equal(y, parts)


@pytest.mark.parametrize("smoothing", [1, 2])
def test_a_tone_with_a_short_median(smoothing):
    y = tracker(smoothing=smoothing)(tone(200.0), sample_rate=RATE)
    assert torch.equal(y[:-2], torch.full_like(y[:-2], 200.0))


def test_near_limits():
    y = tracker(f_min=300.0, f_max=310.0)(NOISE, sample_rate=RATE)
    assert set((RATE / y).round().unique().tolist()) == {53.0, 54.0}
    with pytest.raises(
        fx.ParameterError, match=r"no period of whole samples lies between f_min=300 Hz and f_max=300\.5"
    ):
        tracker(f_min=300.0, f_max=300.5)(NOISE, sample_rate=RATE)


def test_a_limit_below_1_hz():
    assert tracker(f_min=0.5, f_max=3.0, hop_length=25, smoothing=1)(NOISE[:, :100], sample_rate=100).shape == (2, 4)


@pytest.mark.parametrize(("smoothing", "least"), [(1, 1), (2, 513), (3, 513), (30, 7681)])
def test_the_shortest_sound(smoothing, least):
    module = tracker(smoothing=smoothing)
    assert module(NOISE[:, :least], sample_rate=RATE).shape == (2, 1)
    with pytest.raises(
        fx.SignalError, match=rf"the sound has {least - 1} samples; it must have at least {least}, since"
    ):
        module(NOISE[:, : least - 1], sample_rate=RATE)


def test_frames_have_the_length_of_the_hop():
    """8000 · (2007 / 8000) is above 2007 in floating point."""
    module, x = tracker(smoothing=1, hop_length=2007), NOISE[:, : 3 * 2007].clone()
    x[:, :2007] = 0.0
    silence = module(torch.zeros_like(x), sample_rate=8000)
    assert torch.equal(module(x, sample_rate=8000)[:, 0], silence[:, 0])
