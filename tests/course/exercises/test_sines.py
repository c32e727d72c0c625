"""The checks of notebook 1."""

import math

import pytest

from fxlab.course import check
from tests.support.course_answers import rejects


def test_right_answers():
    check.equal_amplitude_phase(120)
    check.to_decibels(lambda ratio: 20 * math.log10(ratio))
    check.beat_rate(5.0)
    check.string_frequency(114)


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("equal_amplitude_phase", 2 * math.pi / 3, "radians"),
        ("equal_amplitude_phase", 60, "1.73 times"),
        ("equal_amplitude_phase", 118.5, "is close"),
        ("to_decibels", lambda ratio: 10 * math.log10(ratio), "half"),
        ("to_decibels", lambda ratio: 20 * math.log(ratio), "natural logarithm"),
        ("to_decibels", lambda ratio: ratio, "ratio of amplitudes"),
        ("to_decibels", 20.0, "A function is asked for"),
        ("beat_rate", 2.5, "twice"),
        ("beat_rate", 330, "pitch"),
        ("beat_rate", 2 * math.pi * 5, "rad/s"),
        ("beat_rate", 0.2, "period"),
        ("string_frequency", 106, "more slowly"),
        ("string_frequency", 2 * math.pi * 114, "rad/s"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)
