"""Checks of notebook 7: convolution, linear time-invariant systems, rooms."""

from __future__ import annotations

import math
from typing import Any

import torch

from fxlab.course.answers import call, compare, read_number, read_numbers
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError

LINEAR = {1, 3, 5, 6}
TIME_INVARIANT = {1, 2, 3, 4}
SYSTEMS = range(1, 7)


@exercise(hint="Every x[k] adds a copy of h that begins at sample k. The last copy ends at sample N + M − 2.")
def convolution(answer: object) -> str:
    """Check a function `convolve(x, h)` that returns the complete convolution of two vectors, `N + M - 1` samples.

    `x` and `h` are tensors `(N,)` and `(M,)`.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    generator = torch.Generator().manual_seed(7)
    for length, taps in ((3, 2), (50, 7), (7, 50), (1, 4)):
        x, h = (torch.randn(size, generator=generator, dtype=torch.float64) for size in (length, taps))
        found = torch.tensor(read_numbers(call(answer, x, h), length + taps - 1), dtype=torch.float64)
        right = _convolve(x, h)
        if (found - right).abs().max() <= 1e-5:
            continue
        if (found - _convolve(x, h.flip(0))).abs().max() <= 1e-5:
            raise WrongAnswerError("the result is a correlation: h runs backwards in it.")
        place = int((found - right).abs().argmax())
        raise WrongAnswerError(f"for {length} samples and {taps} taps, sample {place} of the result is wrong.")
    return "Each sample starts an impulse response of its own, and their sum has N + M − 1 samples."


@exercise(
    hint="Ask of each: what is the output for silence, for twice the input, for a sum of two inputs? And for an input "
    "that comes one sample later?"
)
def linear_time_invariant(linear: object, time_invariant: object = None) -> str:
    """Check which of the six systems in the notebook are linear, and which are time-invariant.

    Args:
        linear: The numbers of the linear systems, from 1 to 6, as a set, list or tuple.
        time_invariant: The numbers of the time-invariant systems. Default: None, which counts as a wrong answer.

    Raises:
        WrongAnswerError: One of the answers is wrong or of the wrong type.
    """
    for name, given, right in (("linear", linear, LINEAR), ("time_invariant", time_invariant, TIME_INVARIANT)):
        wrong = len(_read_systems(given, name) ^ right)
        if wrong:
            are = "one of the six systems is" if wrong == 1 else f"{wrong} of the six systems are"
            raise WrongAnswerError(f"{are} on the wrong side in `{name}`.")
    return "Only systems 1 and 3 are both, so only they are described completely by an impulse response."


@exercise(hint="Find the times at which the curve passes −5 dB and −35 dB. How long would 60 dB take at this slope?")
def reverberation_time(answer: object) -> str:
    """Check a function `reverberation_time(h, sample_rate)` that returns the time in s of a decay by 60 dB.

    `h` is an impulse response, a tensor `(time,)`, that ends in noise.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    generator = torch.Generator().manual_seed(7)
    for decay, rate in ((0.4, 8000), (1.3, 16_000)):
        time = torch.arange(round(2.5 * decay * rate), dtype=torch.float64) / rate
        sound, floor = torch.randn(2, len(time), generator=generator, dtype=torch.float64)
        h = sound * 10 ** (-3 * time / decay) + 10 ** (-70 / 20) * floor
        found = read_number(call(answer, h, rate), "s")
        half = "half the right time. Was the time of 30 dB extended to 60 dB? Is the level 10 log₁₀ of the energy?"
        mistakes = {decay / 2: half, 2 * decay: "twice the right time. Is the curve that of the energy, h²?"}
        try:
            compare(found, decay, unit="s", within=0.05 * decay, mistakes=mistakes, sample_rate=rate)
        except WrongAnswerError as error:
            raise WrongAnswerError(f"for a response that decays evenly, with noise at its end: {error}") from None
    return "The function finds the reverberation time within 5 %, also with noise at the end of the response."


@exercise(hint="Solve Sabine's formula for α. The surface S consists of the floor, the ceiling and four walls.")
def absorption(answer: object) -> str:
    """Check the mean absorption coefficient of a room, by Sabine's formula.

    The room measures 10 × 8 × 3 m and has a reverberation time of 0.6 s.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer)
    if 1 < value <= 100:
        what = "a fraction, not percent, and not the area α S"
        raise WrongAnswerError(f"{value:g} is more than 1. The absorption α is asked for, {what}.")
    right = 0.161 * 240 / (0.6 * 268)
    mistakes = {
        0.161 * 240 / (0.6 * 134): "is S the sum of three sides only? Each occurs twice.",
        0.161 * 240 / (0.6 * 108): "floor and ceiling absorb as well.",
        1 - math.exp(-right): "that is the answer by Eyring's formula; Sabine's is asked for.",
    }
    compare(value, right, within=0.002, mistakes=mistakes)
    return "Sabine's formula is also how the amount of absorbing material for a room is calculated."


def _convolve(x: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
    padded = torch.nn.functional.pad(x, (len(h) - 1, len(h) - 1))
    return padded.unfold(0, len(h), 1) @ h.flip(0)


def _read_systems(answer: Any, name: str) -> set[int]:
    if not isinstance(answer, set | frozenset | list | tuple):
        kind = "None" if answer is None else f"of the type {type(answer).__name__}"
        raise WrongAnswerError(f"`{name}` is {kind}. A set of numbers from 1 to 6 is asked for, such as {{1, 2}}.")
    numbers = {entry for entry in answer if entry in SYSTEMS and not isinstance(entry, bool)}
    if len(numbers) < len(set(map(repr, answer))):
        raise WrongAnswerError(f"`{name}` contains something that is not a number from 1 to 6.")
    return numbers
