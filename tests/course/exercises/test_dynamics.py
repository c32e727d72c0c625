"""The checks of notebook 14."""

import pytest
import torch

from fxlab.course import WrongAnswerError, check
from tests.support.course_answers import rejects


def gain(level_db, threshold_db, ratio):
    return min(0.0, (threshold_db - level_db) * (1 - 1 / ratio))


def test_right_answers():
    check.compressor_curve(3, -23.5)
    check.compressor_gain(gain)
    check.harmonic_distortion(10.54)
    check.third_harmonic(lambda x: torch.cos(3 * torch.arccos(x.clamp(-1, 1))))
    check.third_harmonic(lambda x: 3 * x - 4 * x**3)


def test_the_threshold_of_the_compressor_is_asked_for_too():
    with pytest.raises(WrongAnswerError, match="`threshold_db`: -19 dB: that is an output level"):
        check.compressor_curve(3.0, -19.0)
    with pytest.raises(WrongAnswerError, match="`threshold_db`: the answer is None"):
        check.compressor_curve(3.0)


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("compressor_curve", 1 / 3, "the ratio is its inverse"),
        ("compressor_curve", 1.9, "by their differences"),
        ("compressor_curve", "3:1", "is text"),
        ("compressor_gain", lambda *args: args[0] + gain(*args), "level of the output"),
        ("compressor_gain", lambda *args: -gain(*args), "wrong sign"),
        ("compressor_gain", lambda *args: 10 ** (gain(*args) / 20), "is a ratio of amplitudes"),
        (
            "compressor_gain",
            lambda level, threshold, ratio: (threshold - level) * (1 - 1 / ratio),
            "below the threshold",
        ),
        ("harmonic_distortion", 14.16, "the powers add"),
        ("harmonic_distortion", 0.1054, "is a fraction"),
        ("harmonic_distortion", 1.11, "ratio of the powers"),
        ("harmonic_distortion", -19.55, "percent is asked for"),
        ("third_harmonic", lambda x: x**3, "the fundamental with an amplitude of 0.75"),
        ("third_harmonic", lambda x: 2 * x**2 - 1, "the second harmonic"),
        ("third_harmonic", lambda x: 2 * x**3 - 1.5 * x, "an amplitude of 0.5"),
        ("third_harmonic", lambda x: 4 * x**3 - 3 * x + 1, "a constant part with an amplitude of 1"),
        ("third_harmonic", lambda x: torch.cos(5 * torch.arccos(x.clamp(-1, 1))), "has an amplitude of"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)
