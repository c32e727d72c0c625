"""The checks of notebook 4."""

import math

import pytest
import torch

from fxlab.course import check
from tests.support.course_answers import rejects


def spectrum(x, window=torch.hann_window, factor=2.0, log=20.0, transform=torch.fft.rfft):
    w = window(len(x), dtype=x.dtype)
    return log * (transform(w * x).abs() * factor / w.sum()).clamp(min=1e-12).log10()


def linear(x):
    return 10 ** (spectrum(x) / 20)


def test_right_answers():
    check.bin_frequency(2002.6)
    check.dft_length(2**14)
    check.spectrum_level(spectrum)
    check.spectrum_level(lambda x: spectrum(x).numpy())


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("bin_frequency", 93 * 44_100 / 1024, "half the sample rate"),
        ("bin_frequency", 94 * 44_100 / 2048, "counted from 0"),
        ("bin_frequency", 2 * math.pi * 93 / 2048, "rad/sample"),
        ("bin_frequency", 93 / 2048, "fraction of the sample rate"),
        ("bin_frequency", 2 * math.pi * 93 * 44_100 / 2048, "rad/s"),
        ("dft_length", 8192, "5.38 Hz"),
        ("dft_length", 8820, "power of two"),
        ("dft_length", 14, "exponent"),
        ("dft_length", 16_384 / 44_100, "seconds"),
        ("spectrum_level", lambda x: spectrum(x, factor=1.0), "half of it is missing"),
        ("spectrum_level", lambda x: spectrum(x, log=10.0), "20 times the logarithm"),
        ("spectrum_level", lambda x: spectrum(x, factor=len(x) / 2), "not divided by anything"),
        ("spectrum_level", lambda x: spectrum(x, transform=torch.fft.fft), "Does it use rfft"),
        ("spectrum_level", lambda x: spectrum(x, window=torch.ones), "multiplied by the window"),
        ("spectrum_level", lambda x: spectrum(x, window=torch.blackman_window), "-1.42 dB"),
        ("spectrum_level", linear, "not a level in dB"),
        ("spectrum_level", torch.fft.rfft, "complex"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)
