"""`read_number` and `read_numbers`: numbers that a student has given as an answer."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np
from torch import Tensor

from fxlab.course.answers.kind import describe_kind
from fxlab.course.wrong_answer import WrongAnswerError

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def read_number(answer: Any, unit: str = "") -> float:
    """Return the answer, a number, as a float.

    Args:
        answer: A number of Python or NumPy, or a list, tuple, array or tensor with one number.
        unit: The unit of the expected number, which the message names.

    Raises:
        WrongAnswerError: The answer is anything else, such as a bool, or a number that is complex or not finite.

    >>> read_number(np.array([440.0])), read_number(np.float32(0.5)), read_number(3)
    (440.0, 0.5, 3.0)
    >>> read_number("440 Hz", "Hz")  # doctest: +NORMALIZE_WHITESPACE
    Traceback (most recent call last):
    fxlab.course.wrong_answer.WrongAnswerError: '440 Hz' is text: write numbers without quotes and without a unit.
    A number in Hz is asked for.
    """
    asked = f"A number{f' in {unit}' if unit else ''} is asked for."
    if isinstance(answer, list | tuple) and len(answer) == 1:
        return read_number(answer[0], unit)
    value = answer.detach().cpu().numpy() if isinstance(answer, Tensor) else answer
    if isinstance(value, np.ndarray | np.generic):
        if value.size != 1:
            raise WrongAnswerError(f"the answer is an array of shape {value.shape}. {asked}")
        value = value.item()
    if isinstance(value, complex):
        raise WrongAnswerError(
            f"{value:.6g} is complex. A real number is asked for: its absolute value, or one of its parts?"
        )
    if isinstance(value, bool) or not isinstance(value, Real):
        raise WrongAnswerError(f"{describe_kind(answer)} {asked}")
    try:
        number = float(value)
    except OverflowError:
        raise WrongAnswerError(f"the answer is beyond ±1.8e308, the range of a float. {asked}") from None
    if not math.isfinite(number):
        raise WrongAnswerError(f"the answer is {number}: look for a division by zero or a logarithm of zero. {asked}")
    return number


def read_numbers(answer: Any, count: int, unit: str = "") -> list[float]:
    """Return the answer, which must consist of `count` numbers, as a list of floats.

    Args:
        answer: A list, a tuple, or an array or tensor of one dimension.
        count: The number of numbers.
        unit: Their unit, which the message names.

    Raises:
        WrongAnswerError: The answer is anything else, or has another number of elements or an invalid element.

    >>> read_numbers(np.array([1.0, 2.0]), 2)
    [1.0, 2.0]
    """
    asked = f"A list of {count} numbers{f' in {unit}' if unit else ''} is asked for."
    if isinstance(answer, set | frozenset | dict):
        raise WrongAnswerError(f"a {type(answer).__name__} has no order that can be compared. {asked}")
    if isinstance(answer, Tensor | np.ndarray):
        if answer.ndim != 1:
            raise WrongAnswerError(f"the answer is an array of shape {tuple(answer.shape)}. {asked}")
        entries = list(answer)
    elif isinstance(answer, list | tuple):
        entries = list(answer)
    elif type(answer) is not bool and isinstance(answer, Real):
        raise WrongAnswerError(f"the answer is the single number {read_number(answer, unit):.6g}. {asked}")
    else:
        raise WrongAnswerError(f"{describe_kind(answer)} {asked}")
    if len(entries) != count:
        raise WrongAnswerError(f"the answer has {len(entries)} numbers. {asked}")
    return [_read_entry(entry, place, unit) for place, entry in enumerate(entries)]


def _read_entry(entry: Any, place: int, unit: str) -> float:
    try:
        return read_number(entry, unit)
    except WrongAnswerError as error:
        raise WrongAnswerError(f"the {ordinal(place)} entry: {error}") from None


def ordinal(place: int) -> str:
    """Return the ordinal number of `place`, which is counted from 0, as text, such as "first" and "31st".

    >>> ordinal(0), ordinal(30)
    ('first', '31st')
    """
    if place < len(ORDINALS):
        return ORDINALS[place]
    number = place + 1
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
