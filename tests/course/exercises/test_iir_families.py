"""The checks of notebook 10."""

import math

import pytest
from scipy.signal import bilinear_zpk, buttord

import fxlab as fx
from fxlab.course import check
from tests.support.course_answers import rejects


def test_right_answers():
    check.butterworth_order(buttord(1.0, 4.0, 3.0102, 60.0, analog=True)[0])
    check.bilinear_pole(bilinear_zpk([], [-5000.0], 5000.0, 16_000)[1].real)
    check.prewarping(15_279)
    check.antialiasing_filter(fx.Elliptic(7000.0, order=8, ripple_db=0.5, attenuation_db=60.0))
    check.antialiasing_filter(
        fx.design("lowpass", 7000.0, 8000.0, ripple_db=0.5, attenuation_db=60.0, sample_rate=48_000)
    )


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("butterworth_order", 4, "48.2 dB"),
        ("butterworth_order", 6, "lower order"),
        ("butterworth_order", 4.98, "whole number of poles"),
        ("butterworth_order", 0, "whole number of poles"),
        ("bilinear_pole", math.exp(-5000 / 16_000), "another map"),
        ("bilinear_pole", 37 / 27, "outside the unit circle"),
        ("bilinear_pole", 11 / 21, "factor 2"),
        ("bilinear_pole", -27 / 37, "wrong sign"),
        ("prewarping", 12_000, "too low"),
        ("prewarping", 96_000, "rad/s"),
        ("prewarping", 10_172, "would come out"),
        ("prewarping", 15.279, "kHz"),
        ("antialiasing_filter", fx.Chebyshev1(7000.0, order=8, ripple_db=0.5), "at 8000 Hz"),
        ("antialiasing_filter", fx.Elliptic(7000.0, order=9, ripple_db=0.5, attenuation_db=60.0), "order 9"),
        ("antialiasing_filter", fx.Elliptic(7000.0, order=8, attenuation_db=60.0), "at least −0.5 dB"),
        ("antialiasing_filter", fx.Kaiser(7500.0, width=1000.0, attenuation_db=60.0), "at most 8"),
        (
            "antialiasing_filter",
            fx.Elliptic(7000.0, order=8, ripple_db=0.5, attenuation_db=60.0) | fx.Gain(gain_db=1.0),
            "at most 0",
        ),
        ("antialiasing_filter", fx.Butterworth(7000.0, sample_rate=16_000), "sample_rate=16000"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)
