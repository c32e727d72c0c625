"""The checks of notebook 2."""

import math

import pytest

import fxlab as fx
from fxlab.course import check
from tests.support.course_answers import rejects


def downsample(signal, factor, cutoff=0.4, order=12, rate=None):
    rate = rate or signal.sample_rate / factor
    filtered = signal | fx.Butterworth(cutoff * signal.sample_rate / factor, order=order) if order else signal
    return fx.Signal(filtered.samples[:, ::factor], rate)


def test_right_answers():
    check.alias_frequencies((3500, 2800, 500, 1100, 2700))
    check.true_frequency(7000)
    check.downsample(downsample)
    check.downsample(lambda signal, factor: signal | fx.Resample(signal.sample_rate // factor))
    check.true_peak_above_samples(3.01)


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("alias_frequencies", [3500, 5200, 8500, 14_900, 21_300], "the second number, 5200 Hz, is above half"),
        ("alias_frequencies", [3500, -2800, 500, -1100, -2700], "the second number, -2800 Hz, has a sign"),
        ("alias_frequencies", [500, 1100, 2700, 2800, 3500], "order"),
        ("alias_frequencies", [3500, 2800, 500, 1100], "has 4 numbers"),
        ("alias_frequencies", 3500, "single number"),
        ("alias_frequencies", [f * 2 * math.pi for f in (3500, 2800, 500, 1100, 2700)], "rad/s"),
        ("alias_frequencies", [f / 8000 for f in (3500, 2800, 500, 1100, 2700)], "fraction of the sample rate"),
        ("true_frequency", 9000, "sampled at 10000 Hz, this tone appears at 1000 Hz"),
        ("true_frequency", 3000, "sampled at 8000 Hz, this tone appears at 3000 Hz"),
        ("true_frequency", 7.0, "kHz"),
        ("true_frequency", 2 * math.pi * 7000, "rad/s"),
        ("downsample", lambda s, m: downsample(s, m, order=0), "a tone of 9000 Hz appears at 3000 Hz"),
        ("downsample", lambda s, m: downsample(s, m, rate=s.sample_rate), "too fast"),
        ("downsample", lambda s, m: downsample(s, m, cutoff=0.1), "changes by"),
        ("downsample", lambda s, m: downsample(s, m).samples, "A Signal is asked for"),
        ("downsample", lambda s, m: s, "sampled at 48000 Hz"),
        ("downsample", fx.Resample, "class"),
        ("true_peak_above_samples", math.sqrt(2), "ratio of amplitudes"),
        ("true_peak_above_samples", -3.01, "sign"),
        ("true_peak_above_samples", 1.505, "half"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)
