"""The checks of notebook 3."""

import math

import pytest
import torch

import fxlab as fx
from fxlab.course import check
from tests.support.course_answers import rejects


def quantize(x, bits, rounded=torch.round, more=0, limit=True):
    steps = 2 ** (bits - 1 + more)
    y = rounded(x * steps)
    return (y.clamp(-steps, steps - 1) if limit else y) / steps


def repeated_noise(count):
    first, second = torch.rand(2, count, generator=torch.Generator().manual_seed(1))
    return first - second


def test_right_answers():
    check.bits_for_snr(15)
    check.quantizer(quantize)
    check.quantizer(lambda x, bits: fx.Quantize(bits=bits, dither="none")(x, sample_rate=8000))
    check.quantizer(lambda x, bits: quantize(x, bits).numpy())
    check.triangular_noise(lambda count: torch.rand(count) - torch.rand(count))
    check.dither_noise_rise(4.77)


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("bits_for_snr", 14.66, "whole number"),
        ("bits_for_snr", 14, "86 dB"),
        ("bits_for_snr", 24, "too high"),
        ("quantizer", lambda x, bits: quantize(x, bits, torch.floor), "rounded down"),
        ("quantizer", lambda x, bits: quantize(x, bits, torch.trunc), "toward zero"),
        ("quantizer", lambda x, bits: quantize(x, bits, more=1), "half as large"),
        ("quantizer", lambda x, bits: quantize(x, bits, more=-1), "twice as large"),
        ("quantizer", lambda x, bits: torch.round(x * 2 ** (bits - 1)), "divide it"),
        ("quantizer", lambda x, bits: x, "Nothing has been rounded"),
        ("quantizer", lambda x, bits: quantize(x, bits, limit=False), "2 becomes 2"),
        ("quantizer", lambda x, bits: 0 * x, "0.0 dB"),
        ("quantizer", lambda x, bits: x[:10], "shape"),
        ("quantizer", quantize(torch.zeros(4), 8), "A function is asked for"),
        ("triangular_noise", lambda count: torch.rand(count) - 0.5, "up to 0.5"),
        ("triangular_noise", lambda count: 2 * torch.rand(count) - 1, "up to 1"),
        ("triangular_noise", lambda count: torch.rand(count) + torch.rand(count), "the mean is"),
        ("triangular_noise", torch.randn, "largest number"),
        (
            "triangular_noise",
            repeated_noise,
            "same numbers",
        ),
        ("triangular_noise", lambda count: (torch.rand(count) - torch.rand(count)) / 2, "variance"),
        ("dither_noise_rise", 3, "ratio of the powers"),
        ("dither_noise_rise", 3.0103, "not twice"),
        ("dither_noise_rise", math.sqrt(3), "ratio of amplitudes"),
        ("dither_noise_rise", 20 * math.log10(3), "twice"),
        ("dither_noise_rise", -4.77, "sign"),
    ],
)
def test_wrong_answers(name, answer, reason):
    rejects(name, answer, reason)
