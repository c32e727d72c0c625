"""The checks of notebook 8."""

import cmath
import math

import numpy as np
import pytest

import fxlab as fx
from fxlab.course import WrongAnswerError, check
from tests.support.course_answers import rejects


def is_stable(a):
    return np.all(np.abs(np.roots(a)) < 1)


def notch(sample_rate, radius=0.998):
    zero = cmath.rect(1.0, 2 * math.pi * 50 / sample_rate)
    roots = [zero, zero.conjugate()]
    return fx.ZPK(zeros=roots, poles=[radius * root for root in roots], gain=radius)


def test_right_answers():
    check.coefficients([0.3, 0.2], [1.0, -1.2, 0.5])
    check.coefficients(np.array([0.6, 0.4, 0.0]), (2.0, -2.4, 1.0))
    check.pole_radius(0.001 ** (1 / 88_200))
    check.stability(is_stable)
    check.hum_notch(notch(16_000))
    check.hum_notch(fx.Notch(50.0, q=2.0))


@pytest.mark.parametrize(
    ("b", "a", "reason"),
    [
        ([0.3, 0.2], [1.0, 1.2, -0.5], "signs of the right side"),
        ([0.3, 0.2], [-1.2, 0.5], "lacks the coefficient of y"),
        ([0.3, 0.2], [0.0, 1.0], "is 0 or missing"),
        ([0.3, 0.2], [1.0, -1.2], "`a` does not contain"),
        ([0.3, 0.2], "1, -1.2, 0.5", "is text"),
        ([1.0, -1.2, 0.5], [1.0], "interchanged"),
        ([0.2, 0.3], [1.0, -1.2, 0.5], "`b` does not contain"),
    ],
)
def test_wrong_coefficients(b, a, reason):
    with pytest.raises(WrongAnswerError, match=reason):
        check.coefficients(b, a)


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("coefficients", [0.3, 0.2], "`a`: the answer is None"),
        ("pole_radius", math.sqrt(0.001), "(2 samples)"),
        ("pole_radius", 0.9998, "60 dB in 0.783 s"),
        ("pole_radius", 1.0, "does not decay"),
        ("pole_radius", -0.5, "above 0"),
        ("stability", lambda a: True, "distance of 1.200 from 0"),
        ("stability", lambda a: np.all(np.abs(a[1:]) < 1), "returns False"),
        ("stability", lambda a: bool(np.all(np.abs(np.roots(a)) <= 1 + 1e-9)), "1.000 from 0"),
        ("stability", np.roots, "True or False is needed"),
        ("hum_notch", fx.Notch(60.0, q=2.0), "at 50 Hz"),
        ("hum_notch", fx.Notch(50.0, q=0.3), "at 100 Hz"),
        ("hum_notch", notch(44_100), "At a sample rate of 44100 Hz it would be right"),
        ("hum_notch", notch(16_000, radius=1.002), "on or outside the unit circle"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)
