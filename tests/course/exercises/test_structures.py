"""The checks of notebook 12."""

import math

import pytest

from fxlab.course import check
from tests.support.course_answers import rejects


def largest_fixed_point(factor):
    """Return the largest whole number that multiplication by `factor` and rounding to the nearest does not change."""
    return max(y for y in range(1000) if math.floor(factor * y + 0.5) == y)


def test_right_answers():
    check.word_length(14)
    check.coefficient_bits(11)
    check.headroom_bits(5)
    check.dead_band(largest_fixed_point(0.985))


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("word_length", 12, "52.5 dB"),
        ("word_length", 16, "fewer are enough"),
        ("word_length", 13.5, "not a whole number"),
        ("word_length", 1000, "far away"),
        ("coefficient_bits", 9, "off by 0.85 dB"),
        ("coefficient_bits", 5, "off by"),
        ("coefficient_bits", 12, "fewer are enough"),
        ("headroom_bits", 4, "factor of 16"),
        ("headroom_bits", 20, "largest factor"),
        ("headroom_bits", 26, "in dB"),
        ("headroom_bits", 6, "fewer are enough"),
        ("dead_band", 34, "not stuck"),
        ("dead_band", 32, "larger number"),
        ("dead_band", 67, "half a step"),
        ("dead_band", 12, "0.96"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)
