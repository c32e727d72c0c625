"""Checks of notebook 14: dynamics and distortion."""

from __future__ import annotations

import math

import torch

from fxlab.course.answers import call, compare, read_number, read_tensor
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError


@exercise(
    hint="By how much does the output rise while the input rises by 9 dB? Then follow this line down to output = input."
)
def compressor_curve(ratio: object, threshold_db: object = None) -> str:
    """Check the ratio and the threshold in dB of a compressor that maps −10 dB to −19 dB and −1 dB to −16 dB.

    Args:
        ratio: The change of the input level divided by that of the output level, above the threshold.
        threshold_db: The threshold in dB. Default: None, which counts as a wrong answer.

    Raises:
        WrongAnswerError: One of the answers is wrong or of the wrong type.
    """
    found = _read_part(ratio, "ratio", "")
    mistakes = {
        1 / 3: "that is the slope of the curve; the ratio is its inverse.",
        10 / 19: "levels in dB are compared by their differences.",
        19 / 10: "levels in dB are compared by their differences.",
        16.0: "levels in dB are compared by their differences.",
    }
    _compare_part("ratio", found, 3.0, "", mistakes)
    found = _read_part(threshold_db, "threshold_db", "dB")
    mistakes = {
        -19.0: "that is an output level.",
        -10.0: "that is a level above the threshold.",
    }
    _compare_part("threshold_db", found, -23.5, "dB", mistakes)
    return "A third of each dB above −23.5 dB passes."


@exercise(hint="First find the level of the output: how far above the threshold is it? The gain is output − input.")
def compressor_gain(answer: object) -> str:
    """Check a function `compressor_gain(level_db, threshold_db, ratio)` that returns the gain in dB at a level in dB.

    The compressor has a hard knee: the gain is 0 dB below the threshold.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    cases = ((-10.0, -20.0, 4.0), (0.0, -30.0, 3.0), (-40.0, -20.0, 4.0), (-20.0, -20.0, 8.0), (6.0, -6.0, 1.0))
    for level, threshold, ratio in cases:
        found = read_number(call(answer, level, threshold, ratio), "dB")
        over = max(level - threshold, 0.0)
        right = over / ratio - over
        where = f"for a level of {level:g} dB, a threshold of {threshold:g} dB and a ratio of {ratio:g}"
        mistakes = {
            level + right: "that is the level of the output; the gain is asked for.",
            (level - threshold) / ratio - (level - threshold): "below the threshold the gain is 0 dB.",
            over / ratio: "that is by how much the output is above the threshold.",
            -over / ratio: "the level above the threshold is divided by the ratio; the gain is what is taken away.",
        }
        try:
            compare(found, right, unit="dB", within=1e-3, mistakes=mistakes)
        except WrongAnswerError as error:
            raise WrongAnswerError(f"{where}: {error}") from None
    return "Only the part of the level above the threshold counts, and 1 − 1/ratio of it is taken away."


@exercise(hint="Harmonics add by their powers. A power is 10^(L/10), and the root of the sum is a ratio of amplitudes.")
def harmonic_distortion(answer: object) -> str:
    """Check the total harmonic distortion in percent of harmonics at −20, −30 and −40 dB relative to the fundamental.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "%")
    powers = [10 ** (level / 10) for level in (-20, -30, -40)]
    right = 100 * math.sqrt(sum(powers))
    mistakes = {
        100 * sum(map(math.sqrt, powers)): "that is the sum of the amplitudes; the powers add.",
        100 * sum(powers): "that is the ratio of the powers; its root is asked for.",
        100 * math.sqrt(sum(powers) / (1 + sum(powers))): "that is relative to the complete output.",
        10 * math.log10(sum(powers)): "that is the level of the harmonics in dB; percent is asked for.",
    }
    compare(value, right, unit="%", within=0.02, mistakes=mistakes)
    return "The strongest harmonic alone makes 10 %; the others hardly count, because powers add."


@exercise(hint="cos 3θ = cos(2θ + θ). Expand it, and replace sin²θ by 1 − cos²θ.")
def third_harmonic(answer: object) -> str:
    """Check a function `third(x)` that turns a sine of amplitude 1 into its third harmonic, also with amplitude 1.

    `x` is a tensor `(time,)`, and so is the result.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    count, period = 4800, 50
    for phase in (0.0, 0.5 * math.pi, 1.0):
        angle = 2 * math.pi * period * torch.arange(count, dtype=torch.float64) / count + phase
        found = read_tensor(call(answer, torch.sin(angle)), (count,))
        levels = torch.fft.rfft(found).abs() / (count / 2)
        constant, first, second, third = (float(levels[k * period]) for k in range(4))
        for level, what in (
            (constant / 2, "a constant part"),
            (first, "the fundamental"),
            (second, "the second harmonic"),
        ):
            if level > 0.002:
                raise WrongAnswerError(f"the result contains {what} with an amplitude of {level:.3g}.")
        if abs(third - 1) > 0.002:
            raise WrongAnswerError(f"the third harmonic has an amplitude of {third:.3g}; 1 is asked for.")
        rest = levels.square().sum() - third**2
        if rest > 1e-4:
            raise WrongAnswerError("the result contains other frequencies than the third harmonic.")
    return "4x³ − 3x is the Chebyshev polynomial of degree 3."


def _read_part(answer: object, name: str, unit: str) -> float:
    try:
        return read_number(answer, unit)
    except WrongAnswerError as error:
        raise WrongAnswerError(f"`{name}`: {error}") from None


def _compare_part(name: str, value: float, right: float, unit: str, mistakes: dict[float, str]) -> None:
    try:
        compare(value, right, unit=unit, within=0.01, mistakes=mistakes)
    except WrongAnswerError as error:
        raise WrongAnswerError(f"`{name}`: {error}") from None
