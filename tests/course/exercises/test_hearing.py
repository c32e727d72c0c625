"""The checks of notebook 15."""

import math

import pytest
import scipy.fft
import torch

import fxlab as fx
from fxlab.course import check
from tests.support.course_answers import rejects

VOICE = fx.examples.voice()


def a_weighting(frequency, *, constant=2.0, factor=20):
    """Return the A-weighting by the rational function of s = j 2π f that is equal to the formula of the standard."""
    s = 2j * math.pi * frequency
    poles = [2 * math.pi * corner for corner in (20.6, 20.6, 107.7, 737.9, 12_194.0, 12_194.0)]
    gain = abs(poles[4] ** 2 * s**4 / math.prod(s + pole for pole in poles))
    return factor * math.log10(gain) + constant


def dct(x, **options):
    return scipy.fft.dct(x.numpy(), norm="ortho", **options)


def test_right_answers():
    check.a_weighting(a_weighting)
    check.program_loudness(VOICE | fx.Gain(gain_db=-8.517))
    check.mel_middle(1768)
    check.cosine_transform(dct)
    check.cosine_transform(lambda x: torch.from_numpy(dct(x)).float())


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("a_weighting", lambda f: a_weighting(f, constant=0.0), "is the constant 2.00 dB missing?"),
        ("a_weighting", lambda f: a_weighting(f, factor=10), "at 1000 Hz"),
        ("a_weighting", lambda f: 10 ** (a_weighting(f) / 20), "is a ratio of amplitudes"),
        ("program_loudness", VOICE, "the loudness is -14.5 LUFS"),
        ("program_loudness", VOICE | fx.Gain(gain_db=8.517), "wrong sign"),
        ("program_loudness", VOICE * (10 ** (-23 / 20) / float(VOICE.samples.abs().max())), "the peak is at −23 dB"),
        ("program_loudness", VOICE | fx.LowPass(1000.0), "not the voice with a gain"),
        ("program_loudness", VOICE.between(0.0, 1.0), "s long"),
        ("program_loudness", -23.0, "A Signal is asked for"),
        ("mel_middle", 4000, "middle in Hz"),
        ("mel_middle", 1420, "that is the number of mel"),
        ("mel_middle", 11_107, "is an angular frequency"),
        ("cosine_transform", lambda x: dct(x, type=3), "inverse transform"),
        ("cosine_transform", lambda x: scipy.fft.dct(x.numpy()) / 2, "factors s are missing"),
        ("cosine_transform", lambda x: dct(x)[:4], "shape"),
        ("cosine_transform", lambda x: dct(x)[::-1].copy(), "is wrong"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)
