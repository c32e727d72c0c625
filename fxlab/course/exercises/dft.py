"""Checks of notebook 4: the DFT, leakage and windows."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.course.answers import call, compare, read_number, read_tensor
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError


@exercise(hint="All bins together, from 0 to N, cover the sample rate.")
def bin_frequency(answer: object) -> str:
    """Check the frequency in Hz of bin 93 of a frame of 2048 samples at 44 100 Hz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "Hz")
    spacing = 44_100 / 2048
    mistakes = {
        93 * spacing * 2: "the bins 0 to N/2 cover half the sample rate, not all of it.",
        93 * spacing / 2: "the bins 0 to N cover the sample rate, not half of it.",
        94 * spacing: "bins are counted from 0, which is 0 Hz.",
        92 * spacing: "bins are counted from 0, which is 0 Hz.",
        spacing: "that is the distance of two bins.",
        93 * 44_100 / 1025: "that is the number of bins of rfft; their distance follows from the length of the frame.",
    }
    compare(value, 93 * spacing, unit="Hz", within=0.5, mistakes=mistakes, sample_rate=44_100)
    return "Bin k is at k times the sample rate over N."


@exercise(hint="The distance of the bins is the sample rate divided by the length. Round up.")
def dft_length(answer: object) -> str:
    """Check the smallest frame length that is a power of two and has bins at most 5 Hz apart at 44 100 Hz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "samples")
    mistakes = {
        8820.0: "this would do, but it is not a power of two.",
        8192.0: "with this length, the bins are 5.38 Hz apart.",
        4096.0: "with this length, the bins are 10.8 Hz apart.",
        32_768.0: "this would do, but it is not the smallest.",
        14.0: "that is the exponent of two; the length is asked for.",
    }
    compare(value, 16_384.0, unit="samples", within=0.5, mistakes=mistakes, sample_rate=44_100)
    return "Its bins are 2.69 Hz apart; half of it would not do."


@exercise(hint="Two factors scale it: the sum of the window, and the half of the amplitude that is in the other half.")
def spectrum_level(answer: object) -> str:
    """Check a function `spectrum_db(x)` that returns the levels in dB of a frame `x` with a Hann window, `(N/2 + 1,)`.

    A sine of amplitude 1 in the middle of a bin has 0 dB. `x` is a tensor of N samples, an even number.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    for size, place, level in ((1024, 100, 0.0), (4096, 333, -20.0)):
        tone = 10 ** (level / 20) * _tone(size, place)
        found = read_tensor(call(answer, tone))
        if tuple(found.shape) != (size // 2 + 1,):
            raise WrongAnswerError(
                f"for {size} samples the result has the shape {tuple(found.shape)}; the {size // 2 + 1} bins from 0 to "
                f"{size // 2} are asked for. Does it use rfft?"
            )
        if int(found.argmax()) != place:
            raise WrongAnswerError(f"a sine in bin {place} has its peak in bin {int(found.argmax())}.")
        _compare_level(float(found[place]), level, size)
    for size, place in ((1024, 100), (4096, 333)):
        # Between two bins, the Hann window loses 1.42 dB, and its side lobes fall quickly.
        between = read_tensor(call(answer, _tone(size, place + 0.5)))
        if float(between[place + 40]) > -80.0:
            raise WrongAnswerError("a tone between two bins leaks 40 bins far. Was the frame multiplied by the window?")
        if abs(float(between[place]) + 1.42) > 0.1:
            raise WrongAnswerError(
                f"a tone of amplitude 1 between two bins has {float(between[place]):.2f} dB; with a Hann window it has "
                "-1.42 dB."
            )
    return "The level of a sine no longer depends on the length of the frame."


def _tone(size: int, cycles: float) -> Tensor:
    """Return a sine of amplitude 1, with `cycles` periods in `size` samples, as a float64 tensor `(size,)`."""
    return torch.sin(torch.arange(size, dtype=torch.float64) * (2 * math.pi * cycles / size) + 0.3)


def _compare_level(value: float, right: float, size: int) -> None:
    """Compare `value`, the level in dB of a tone at the center of a bin, with the correct level `right`.

    `size` is the length of the frame in samples.

    Raises:
        WrongAnswerError: The levels differ by more than 0.05 dB; the message names the mistake if it is a known one.
    """
    said = f"a sine of {right:g} dB in {size} samples has {value:.2f} dB"
    faults = {
        right
        - 6.02: "half of it is missing. A Hann window halves the mean, and half the amplitude is in the other half.",
        right
        - 12.04: "a quarter of it is left. A Hann window halves the mean, and half the amplitude is in the other half.",
        right + 20 * math.log10(size / 4): "the sum over the frame was not divided by anything.",
        right + 20 * math.log10(size / 2): "the sum was not divided by the sum of the window.",
        right / 2: "a level is 20 times the logarithm of an amplitude.",
        10 ** (right / 20): "that is an amplitude, not a level in dB.",
    }
    if abs(value - right) <= 0.05:
        return
    for wrong, says in faults.items():
        if abs(value - wrong) < 0.05:
            raise WrongAnswerError(f"{said}: {says}")
    raise WrongAnswerError(f"{said}.")
