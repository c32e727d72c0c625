"""Checks of notebook 3: quantization and dither."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from fxlab.course.answers import call, compare, read_number, read_tensor
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError


@exercise(hint="Each bit adds 6.02 dB, and a full-scale sine has 1.76 dB more. Only whole bits can be bought.")
def bits_for_snr(answer: object) -> str:
    """Check the smallest number of bits for a signal-to-noise ratio of 90 dB with a full-scale sine.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer)
    exact = (90 - 1.76) / 6.02
    if abs(value - exact) < 0.1:
        raise WrongAnswerError(f"{value:.6g} is not a whole number of bits.")
    mistakes = {
        14.0: "with so many bits the ratio is 86 dB.",
        16.0: "this is enough, but not the smallest number.",
        2.0**15: "that is a number of levels; the number of bits is asked for.",
    }
    compare(value, 15.0, within=0.001, mistakes=mistakes)
    return "15 bits reach 92 dB, 14 only 86 dB."


def snr_db(x: Tensor, y: Tensor) -> float:
    """Return the ratio of the power of `x` to that of the error `y - x`, in dB; at most 300 dB."""
    return float(10 * torch.log10(x.square().mean() / ((y - x).square().mean() + 1e-30 * x.square().mean())))


def ideal(x: Tensor, bits: int) -> Tensor:
    """Return `x` rounded to multiples of 2^(1 - bits), and limited to the range from -1 to one step below 1."""
    steps = 2.0 ** (bits - 1)
    return torch.round(x * steps).clamp(-steps, steps - 1) / steps


@exercise(hint="Scale, so that a step is 1; round; limit; scale back.")
def quantizer(answer: object) -> str:
    """Check a function `quantize(x, bits)` that rounds a tensor to the nearest multiples of 2^(1 - bits).

    The results are limited to the range from -1 to one step below 1.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    n = torch.arange(48_000, dtype=torch.float64)
    x = 0.9 * torch.sin(n * (2 * math.pi * 997 / 48_000))
    for bits in (6, 10, 14):
        y = read_tensor(call(answer, x, bits), x.shape)
        ratio, expected = snr_db(x, y), snr_db(x, ideal(x, bits))
        if abs(ratio - expected) > 0.5:
            raise WrongAnswerError(
                f"with {bits} bits the signal-to-noise ratio is {ratio:.1f} dB. {_fault(x, y, bits)}"
            )
    beyond = torch.tensor([-2.0, 2.0], dtype=torch.float64)
    y = read_tensor(call(answer, beyond, 8), beyond.shape)
    if not torch.allclose(y, ideal(beyond, 8)):
        raise WrongAnswerError(
            f"with 8 bits, -2 becomes {float(y[0]):.6g} and 2 becomes {float(y[1]):.6g}; the range is from -1 to one "
            "step below 1."
        )
    return "The ratio is that of an ideal quantizer, 6 dB per bit."


def _fault(x: Tensor, y: Tensor, bits: int) -> str:
    """Return a sentence about the fault of `y`, the quantized `x`; if it is unknown, one about the expected ratio."""
    steps = 2.0 ** (bits - 1)
    known = {
        "The samples are rounded down, not to the nearest multiple.": torch.floor(x * steps) / steps,
        "The samples are rounded toward zero, not to the nearest multiple.": torch.trunc(x * steps) / steps,
        "The step is half as large as asked for.": torch.round(x * 2 * steps) / (2 * steps),
        "The step is twice as large as asked for.": torch.round(x * steps / 2) * 2 / steps,
        "The result is in steps: divide it by the number of steps again.": torch.round(x * steps),
        "Nothing has been rounded.": x,
    }
    for says, wrong in known.items():
        if torch.allclose(y, wrong, atol=0.01 / steps):
            return says
    return f"An ideal quantizer has {snr_db(x, ideal(x, bits)):.1f} dB."


@exercise(hint="The sum of two independent uniform numbers has a triangular distribution. Its mean must be zero.")
def triangular_noise(answer: object) -> str:
    """Check a function `triangular(count)` that returns random numbers with a triangular distribution from −1 to 1.

    The result is a tensor `(count,)`, with other numbers at each call.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    count = 50_000
    first, second = (read_tensor(call(answer, count), (count,)) for _ in range(2))
    if torch.equal(first, second):
        raise WrongAnswerError("two calls return the same numbers, so the dither would repeat.")
    mean, variance, largest = float(first.mean()), float(first.var()), float(first.abs().max())
    if abs(mean) > 0.02:
        raise WrongAnswerError(f"the mean is {mean:.2f}; dither must not move the signal up or down.")
    if largest > 1.0:
        raise WrongAnswerError(f"the largest number is {largest:.2f}; the distribution ends at 1.")
    middle = float((first.abs() < 0.5).double().mean())
    if abs(variance - 1 / 6) < 0.005 and abs(middle - 0.75) < 0.02:
        return "Mean zero and a variance of a sixth of a squared step: three quarters of the numbers are within ±½."
    if abs(variance - largest**2 / 3) < 0.005:
        raise WrongAnswerError(
            f"all numbers up to {largest:.2g} are equally frequent: the distribution is uniform. Were the same random "
            "numbers added twice, or only one of them used?"
        )
    raise WrongAnswerError(f"the variance is {variance:.3f}, and {100 * middle:.0f} % of the numbers are within ±½.")


@exercise(hint="Variances are powers: take 10 times the logarithm of their ratio.")
def dither_noise_rise(answer: object) -> str:
    """Check by how many dB triangular dither raises the noise of a quantizer.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "dB")
    mistakes: dict[float, Any] = {
        3.0: "that is the ratio of the powers; the answer is asked for in dB.",
        3.0103: "the noise becomes three times as large in power, not twice.",
    }
    compare(value, 10 * math.log10(3), unit="dB", within=0.03, mistakes=mistakes)
    return "The power of the noise is three times as large, and no longer depends on the signal."
