"""`TimeStretch`, `PitchShift` and `Reverse`: pitches, lengths, levels, and reasons why they do not stream."""

from __future__ import annotations

import math

import pytest
import torch

import fxlab as fx
from fxlab.effects.pitch.nearest_peaks import by_running_maxima, nearest_peaks

RATE = 44_100


def pitch(samples: torch.Tensor, near: float) -> float:
    """The frequency of a tone in the middle of the sound, by the parabola through the peak of its spectrum."""
    middle = samples[len(samples) // 4 : -len(samples) // 4].double()
    level = torch.fft.rfft(middle * torch.hann_window(len(middle)), 8 * len(middle)).abs().log()
    low, high = (round(near * factor * 8 * len(middle) / RATE) for factor in (0.94, 1.06))
    peak = low + int(level[low:high].argmax())
    left, top, right = level[peak - 1 : peak + 2].tolist()
    return (peak + 0.5 * (left - right) / (left - 2 * top + right)) * RATE / (8 * len(middle))


@pytest.mark.parametrize("semitones", [-12.0, -5.0, -0.3, 0.0, 1.0, 7.0, 12.0])
def test_the_pitch_is_within_five_cents_and_the_length_is_exact(semitones):
    for frequency in (220.0, 1000.0):
        tone = fx.sine(frequency=frequency, duration=0.8, sample_rate=RATE)
        y = fx.PitchShift(semitones)(tone)
        assert y.samples.shape == tone.samples.shape
        expected = frequency * 2 ** (semitones / 12)
        assert abs(1200 * math.log2(pitch(y.samples[0], expected) / expected)) < 1.0


@pytest.mark.parametrize("rate", [0.25, 0.8, 1.0, 1.3, 3.0])
def test_a_stretch_keeps_pitch_and_level(rate):
    tone = fx.sine(frequency=440.0, duration=2.0, sample_rate=RATE, level_db=-6.0)
    y = fx.TimeStretch(rate)(tone).samples[0]
    assert len(y) == round(2 * RATE / rate)
    assert abs(1200 * math.log2(pitch(y, 440.0) / 440)) < 1.0
    middle = slice(len(y) // 4, -len(y) // 4)
    before, after = tone.samples[0].square().mean().sqrt(), y[middle].square().mean().sqrt()
    assert abs(20 * math.log10(after / before)) < 0.3


def test_the_partials_of_a_harmonic_sound_keep_their_frequencies():
    time = torch.arange(2 * RATE, dtype=torch.float64) / RATE
    sound = sum(torch.sin(2 * math.pi * 200 * k * time + k) / k for k in (1, 2, 3, 5))
    y = fx.TimeStretch(0.7)(sound[None], sample_rate=RATE)[0]
    for k in (1, 2, 3, 5):
        assert abs(1200 * math.log2(pitch(y, 200.0 * k) / (200 * k))) < 2.0


def test_a_rate_of_1_returns_the_sound():
    x = torch.randn(2, 5000, dtype=torch.float64)
    torch.testing.assert_close(fx.TimeStretch(1.0)(x, sample_rate=RATE), x, rtol=0, atol=1e-12)
    assert torch.equal(fx.PitchShift(0.0)(x, sample_rate=RATE), x)


def test_events_come_at_the_stretched_times():
    x = torch.zeros(1, RATE)
    for second in (0.2, 0.6):
        x[0, round(second * RATE)] = 1.0
    y = fx.TimeStretch(0.5)(x, sample_rate=RATE)[0]
    for second in (0.4, 1.2):
        near = y[round((second - 0.15) * RATE) : round((second + 0.15) * RATE)].square()
        center = (near * torch.arange(len(near))).sum() / near.sum() / RATE
        assert center.item() == pytest.approx(0.15, abs=0.03)


def test_examples_have_their_own_shift():
    x = torch.randn(3, 2, 3000, dtype=torch.float64)
    y = fx.PitchShift(torch.tensor([3.0, -4.0, 3.0]))(x, sample_rate=RATE)
    for row, shift in enumerate((3.0, -4.0, 3.0)):
        torch.testing.assert_close(y[row], fx.PitchShift(shift)(x[row], sample_rate=RATE))


@pytest.mark.parametrize("module", [fx.PitchShift(4.0), fx.TimeStretch(0.8), fx.PitchShift(-7.5)], ids=repr)
def test_extremes(module):
    for rate in (8000, 192_000):
        silence = torch.zeros(8, 6000)
        assert not module(silence, sample_rate=rate).any()
    ones = torch.ones(1, 3 * RATE, dtype=torch.float64)
    y = module(ones, sample_rate=RATE)[0]
    torch.testing.assert_close(y[RATE : RATE + 5000], torch.ones(5000, dtype=torch.float64), rtol=0, atol=2e-3)
    square = torch.sign(torch.sin(torch.arange(20_000) * 0.03))[None]
    assert module(square, sample_rate=RATE).abs().max() < 4
    assert module(torch.tensor([[0.5]]), sample_rate=RATE).shape == (1, 1)


@pytest.mark.parametrize("module", [fx.PitchShift(4.0), fx.TimeStretch(0.8)], ids=repr)
def test_the_gradient_of_the_input_is_exact(module):
    x = torch.randn(1, 200, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: module(x, sample_rate=2000), x, fast_mode=True, atol=1e-6)


@pytest.mark.parametrize("module", [fx.PitchShift(2.0), fx.TimeStretch(0.8), fx.Reverse()], ids=repr)
def test_a_stream_is_refused_with_the_reason(module):
    with pytest.raises(fx.FxlabError, match=r"cannot stream: .* Process the whole signal in one call"):
        module.stream(RATE)(torch.zeros(1, 10))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fx.PitchShift(math.nan), "semitones is nan"),
        (lambda: fx.PitchShift(40.0), "semitones is 40 semitones; it must be at least -36"),
        (lambda: fx.TimeStretch(0.0), "rate is 0"),
        (lambda: fx.TimeStretch(-1.0), "rate is -1"),
    ],
)
def test_bad_values_are_refused(make, message):
    with pytest.raises(fx.ParameterError, match=message):
        make()


@pytest.mark.parametrize("bins", [5, 8, 33])
@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_peaks_by_counts_are_those_by_running_maxima(bins, levels):
    power = torch.randint(0, levels, (300, bins), generator=torch.Generator().manual_seed(bins)).float()
    power[::7] = 0.0  # silent frames have no peaks
    assert torch.equal(nearest_peaks(power), by_running_maxima(power))


@pytest.mark.parametrize("rate", [1.0, 1.25])
def test_a_batch_without_examples(rate):
    assert fx.TimeStretch(rate)(torch.zeros(0, 2, 1000), 8000).shape == (0, 2, round(1000 / rate))
