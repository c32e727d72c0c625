"""Checks of notebook 11: biquads and equalizers."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from fxlab.course.answers import call, check_filter, compare, read_filter, read_number, read_numbers, response_db
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError
from fxlab.engine import frequency_response
from fxlab.filters import LinkwitzRiley, Peak
from fxlab.module import Module

CROSSOVER_RATE = 48_000
EQ_RATE = 44_100
LEVELS = {
    31.5: 4.0,
    63.0: 3.9,
    125.0: 2.6,
    250.0: 0.1,
    500.0: -1.9,
    630.0: -3.9,
    800.0: -6.0,
    1000.0: -4.1,
    1250.0: -2.1,
    2000.0: -0.5,
    4000.0: 1.3,
    8000.0: 4.4,
    16_000.0: 5.0,
}
"""The levels in dB that the exercise `eq_match` requires, by frequency in Hz; the notebook prints them."""


@exercise(hint="ω₀ is 2π f₀/fₛ, in radians. A is 10^(G/40): the numerator has it once, the denominator once more.")
def peak_coefficients(answer: object) -> str:
    """Check a function `peak(frequency, gain_db, q, sample_rate)` that returns the coefficients of a bell filter.

    The result is a pair of lists, `b` and `a`, of three numbers each; they may have a common factor.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    for frequency, gain_db, q, rate in ((1000.0, 6.0, 1.0, 48_000.0), (3000.0, -9.0, 4.0, 44_100.0)):
        points = torch.tensor([0.5 * frequency, 0.9 * frequency, frequency, 2 * frequency, 0.45 * rate]).double()
        right = Peak(frequency, gain_db=gain_db, q=q).magnitude_db(points, rate)
        level = _level_of_lists(call(answer, frequency, gain_db, q, rate), points, rate)
        what = f"for {frequency:g} Hz, {gain_db:g} dB, q {q:g} at {rate:g} Hz"
        for factor, says in ((2.0, "twice what it should be"), (0.5, "half of what it should be"), (-1.0, "negative")):
            if abs(float(level[2]) - factor * gain_db) < 0.01:
                raise WrongAnswerError(f"{what} the gain at the center in dB is {says}.")
        if (level - right).abs().max() > 0.001:
            worst = int((level - right).abs().argmax())
            raise WrongAnswerError(f"{what} the gain at {float(points[worst]):g} Hz is {float(level[worst]):.2f} dB.")
    return "The coefficients are those of `fx.Peak`; their common factor does not matter."


@exercise(hint="If the lower edge is f, the upper one is 2f. What are the bandwidth and the geometric mean?")
def octave_q(answer: object) -> str:
    """Check the q, the center frequency divided by the bandwidth, of a band-pass whose band is one octave wide.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer)
    mistakes = {
        1.0: "that is the lower edge divided by the bandwidth.",
        2.0: "that is the upper edge divided by the bandwidth.",
        1.5: "the center is the geometric mean of the edges, not the arithmetic one.",
        math.sqrt(0.5): "that is the bandwidth divided by the center.",
    }
    compare(value, math.sqrt(2), within=0.005, mistakes=mistakes)
    return "The edges are √2 below and above the center, and q is √2 / (2 − 1)."


@exercise(hint="A shelf has half of its gain at its corner. The bell is deepest where the shelves do little.")
def eq_match(answer: object) -> str:
    """Check an equalizer whose gain is within 0.5 dB of the table `LEVELS` at 44.1 kHz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    module = read_filter(answer, sample_rate=EQ_RATE)
    check_filter(module, _eq_fault, sample_rate=EQ_RATE)
    return "All levels are within 0.5 dB of the table."


@exercise(hint="Both outputs are half a cycle apart at the corner. What if the wires of one loudspeaker are swapped?")
def crossover_tweeter(answer: object) -> str:
    """Check a high-pass of order 2 for 2 kHz that together with `LinkwitzRiley(2000.0, order=2)` has a flat response.

    At a sample rate of 48 kHz, the gain of their sum must be within 0.1 dB of 0 dB from 20 Hz to 21.6 kHz, and that of
    the high-pass at most −40 dB at 100 Hz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    module = read_filter(answer, sample_rate=CROSSOVER_RATE)
    check_filter(module, _crossover_fault, sample_rate=CROSSOVER_RATE)
    return "With the polarity inverted, the halves are in phase at the corner and add up to a gain of 1."


def _level_of_lists(answer: object, points: Tensor, rate: float) -> Tensor:
    """Return the gain in dB at the frequencies `points` in Hz of the filter whose coefficients are `answer`, (b, a).

    Raises:
        WrongAnswerError: The answer is not a pair of lists of three numbers, or the first number of `a` is 0.
    """
    if not isinstance(answer, list | tuple | np.ndarray | Tensor) or len(answer) != 2:
        raise WrongAnswerError("the function has to return two lists, b and a: its last line is `return b, a`.")
    row = []
    for name, values in zip("ba", answer, strict=True):
        try:
            row += read_numbers(values, 3)
        except WrongAnswerError as error:
            raise WrongAnswerError(f"`{name}`: {error}") from None
    if row[3] == 0:
        raise WrongAnswerError("`a`: its first number is 0.")
    sos = torch.tensor([row], dtype=torch.float64) / row[3]
    level: Tensor = 20 * frequency_response(sos, points, rate).abs().clamp(min=1e-15).log10()
    return level


def _eq_fault(module: Module, rate: float) -> str:
    """Return a sentence about what is wrong with the equalizer of `eq_match`, or an empty string if it is right."""
    error = response_db(module, list(LEVELS), rate) - torch.tensor(list(LEVELS.values()), dtype=torch.float64)
    worst = int(error.abs().argmax())
    if abs(float(error[worst])) <= 0.5:
        return ""
    direction = "high" if error[worst] > 0 else "low"
    return f"at {list(LEVELS)[worst]:g} Hz the gain is {abs(float(error[worst])):.1f} dB too {direction}."


def _crossover_fault(module: Module, rate: float) -> str:
    """Return a sentence about what is wrong with the filter of the tweeter, or an empty string if it is right."""
    (low,) = response_db(module, [100.0], rate).tolist()
    if low > -40:
        return f"the gain of the tweeter at 100 Hz is {low:.1f} dB: it is not a high-pass of order 2 for 2 kHz."
    points = torch.logspace(math.log10(20.0), math.log10(0.45 * rate), 200, dtype=torch.float64)
    tweeter = module.response(points, rate)  # type: ignore[operator]
    total = (LinkwitzRiley(2000.0, order=2).response(points, rate) + tweeter).abs().clamp(min=1e-15)
    level = 20 * total.log10()
    worst = int(level.abs().argmax())
    if abs(float(level[worst])) <= 0.1:
        return ""
    return f"at {float(points[worst]):.0f} Hz the sum has a gain of {float(level[worst]):.1f} dB."
