"""The checks of notebook 11."""

import math

import pytest
import torch

import fxlab as fx
from fxlab.course import check
from fxlab.course.exercises.equalizers import LEVELS
from tests.notebooks.test_course_form import COURSE, cells_of
from tests.support.course_answers import rejects


def peak(frequency, gain_db, q, sample_rate, *, exponent=40.0):
    """Return the coefficients of a bell by the formulas of the cookbook; `exponent` makes the usual mistake."""
    w = 2 * math.pi * frequency / sample_rate
    alpha, gain = math.sin(w) / (2 * q), 10 ** (gain_db / exponent)
    return [1 + alpha * gain, -2 * math.cos(w), 1 - alpha * gain], [
        1 + alpha / gain,
        -2 * math.cos(w),
        1 - alpha / gain,
    ]


def equalizer(low=150.0, dip=-6.0, high=5000.0):
    return fx.LowShelf(low, gain_db=4.0) | fx.Peak(800.0, gain_db=dip, q=1.5) | fx.HighShelf(high, gain_db=5.0)


def test_right_answers():
    check.peak_coefficients(peak)
    check.peak_coefficients(lambda *args: tuple(3 * torch.tensor(each) for each in peak(*args)))
    check.octave_q(math.sqrt(2))
    check.eq_match(equalizer())
    check.eq_match(fx.SOS(equalizer(dip=-5.8).sos(44_100)))
    check.crossover_tweeter(fx.LinkwitzRiley(2000.0, order=2, kind="highpass") | fx.Invert())


def test_the_table_of_the_notebook_is_the_one_that_is_checked():
    (path,) = (path for path in COURSE if "equalizers" in path.stem)
    (text,) = (cell.source for cell in cells_of(path) if "| Hz |" in cell.source)
    rows = [line.strip("| ").split("|")[1:] for line in text.splitlines() if line.startswith(("| Hz", "| dB"))]
    frequencies, levels = ([float(cell.replace(" ", "").replace("−", "-")) for cell in row] for row in rows)
    assert dict(zip(frequencies, levels, strict=True)) == LEVELS


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("peak_coefficients", lambda *args: peak(*args, exponent=20.0), "twice what it should be"),
        ("peak_coefficients", lambda *args: peak(*args, exponent=80.0), "half of what it should be"),
        ("peak_coefficients", lambda *args: peak(*args)[::-1], "is negative"),
        ("peak_coefficients", lambda f, g, q, rate: peak(f, g, 2 * q, rate), "the gain at 500 Hz is"),
        ("peak_coefficients", lambda *args: peak(*args)[0], "return two lists"),
        ("peak_coefficients", lambda *args: (peak(*args)[0], [1.0]), "`a`: the answer has 1 numbers"),
        ("octave_q", 1.5, "geometric mean"),
        ("octave_q", math.sqrt(0.5), "bandwidth divided by the center"),
        ("octave_q", 1.0, "lower edge"),
        ("eq_match", equalizer(dip=-4.0), "at 800 Hz the gain is 2.0 dB too high"),
        ("eq_match", equalizer(high=9000.0), "too low"),
        ("eq_match", fx.SOS(equalizer().sos(48_000)), "At a sample rate of 48000 Hz it would be right"),
        ("eq_match", [4.0, -6.0, 5.0], "A filter is asked for"),
        ("crossover_tweeter", fx.LinkwitzRiley(2000.0, order=2, kind="highpass"), "the sum has a gain of"),
        ("crossover_tweeter", fx.Gain(gain_db=0.0), "not a high-pass"),
        ("crossover_tweeter", fx.LinkwitzRiley(2500.0, order=2, kind="highpass") | fx.Invert(), "the sum"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)
