"""The checks of notebook 6."""

import math

import pytest
import scipy.signal
import torch

from fxlab.course import check
from tests.support.course_answers import rejects


def density(x, size, rate, factor=2.0, window=torch.hann_window, hop=2):
    w = window(size, dtype=x.dtype)
    X = torch.fft.rfft(x.unfold(0, size, size // hop) * w)
    return factor * X.abs().square().mean(0) / (rate * w.square().sum())


def scipys(x, size, rate):
    return scipy.signal.welch(x.numpy(), rate, "hann", size, detrend=False)[1]


def test_right_answers():
    check.noise_in_band(-33.43)
    check.power_density(density)
    check.power_density(scipys)
    check.white_noise_octaves(15.05)


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("noise_in_band", -46.87, "10 times the logarithm"),
        ("noise_in_band", -13.43, "that is the part"),
        ("noise_in_band", -36.44, "half the sample rate"),
        ("noise_in_band", 0.01 * 1000 / 22_050, "that is the power"),
        ("power_density", lambda x, N, rate: density(x, N, rate, factor=1.0), "one-sided"),
        ("power_density", lambda x, N, rate: density(x, N, 1.0), "not per Hz"),
        ("power_density", lambda x, N, rate: density(x, N, rate, window=torch.ones), "differ from Welch's"),
        ("power_density", lambda x, N, rate: density(x, N, rate) * 3 / 8, "squared window, not by N"),
        ("power_density", lambda x, N, rate: 10 * density(x, N, rate).log10(), "in dB"),
        ("power_density", lambda x, N, rate: density(x, N, rate)[:-1], "(257,) is asked for"),
        ("power_density", lambda x, N, rate: x.unfold(0, N, N // 2), "take the mean"),
        ("white_noise_octaves", 32, "ratio of the powers"),
        ("white_noise_octaves", 20 * math.log10(32), "10 times the logarithm"),
        ("white_noise_octaves", 0, "pink"),
        ("white_noise_octaves", -15.05, "sign"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)
