"""The checks of notebook 13."""

import pytest
import torch

import fxlab as fx
from fxlab.course import check
from tests.support.course_answers import rejects


def late(x, delay):
    """Return `x`, delayed by linear interpolation between two whole delays."""
    whole, part = divmod(delay, 1)
    n = torch.arange(len(x)) - int(whole)
    first, second = (torch.where(k >= 0, x[k.clamp(min=0)], 0.0) for k in (n, n - 1))
    return (1 - part) * first + part * second


def gain(delay_ms, decay_s):
    return 0.001 ** (delay_ms / 1000 / decay_s)


def all_pass(delay_ms):
    return fx.Gain(gain_db=-3.098) | fx.Comb(delay_ms, -1 / 0.7) | fx.Comb(delay_ms, 0.7, kind="feedback")


def schroeder(decay_s, delays=(29.7, 37.1, 41.1, 43.7)):
    first, second, third, fourth = (fx.Comb(each, gain(each, decay_s), kind="feedback") for each in delays)
    return first + second + third + fourth


def test_right_answers():
    check.comb_delay(1.25)
    check.fractional_delay(late)
    check.fractional_delay(lambda x, delay: late(x, delay).tolist())
    check.loop_gain(gain)
    check.schroeder_reverb(schroeder(1.2) | all_pass(5.0) | all_pass(1.7))


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("comb_delay", 2.5, "period of the lowest notch"),
        ("comb_delay", 0.00125, "is a time in s"),
        ("comb_delay", 800, "distance between two notches in Hz"),
        ("fractional_delay", lambda x, delay: late(x, round(delay)), "nearest whole delay"),
        ("fractional_delay", lambda x, delay: late(x, int(delay)), "whole samples alone"),
        ("fractional_delay", lambda x, delay: late(x, int(delay) + 1 - delay % 1), "interchanged"),
        ("fractional_delay", lambda x, delay: torch.roll(x, int(delay)), "sample"),
        ("fractional_delay", lambda x, delay: late(x, delay)[1:], "shape"),
        ("loop_gain", lambda delay_ms, decay_s: gain(1000 * delay_ms, decay_s), "in the same unit"),
        ("loop_gain", lambda delay_ms, decay_s: gain(2 * delay_ms, decay_s), "120 dB"),
        ("loop_gain", lambda delay_ms, decay_s: 1.0, "does not decay"),
        ("schroeder_reverb", schroeder(1.2), "there are only"),
        ("schroeder_reverb", schroeder(2.0) | all_pass(5.0), "too long"),
        ("schroeder_reverb", schroeder(1.0) | all_pass(5.0), "too short"),
        ("schroeder_reverb", fx.Comb(1.0, gain=0.5), "nothing is left"),
        ("schroeder_reverb", schroeder, "A filter is asked for"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)
