"""`compare` and `compare_all`: comparison of numbers with the right ones, which recognizes numbers in other units."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from fxlab.course.answers.number import ordinal
from fxlab.course.wrong_answer import WrongAnswerError

CLOSE = 0.005
"""The largest relative difference at which a number counts as the right one in another unit, or as close to the right
one; a number within `4 * within` counts as close too."""


def compare(
    value: float,
    right: float,
    *,
    unit: str = "",
    within: float,
    mistakes: Mapping[float, str] | None = None,
    sample_rate: float | None = None,
) -> None:
    """Raise a `WrongAnswerError` unless `value` is within `within` of `right`; the message does not state `right`.

    Args:
        value: The number that the student gave, from `read_number`.
        right: The right number.
        unit: The unit of both. Numbers that are right in other units are recognized: angular frequencies, periods and
            kHz instead of Hz, ratios instead of dB, degrees instead of radians, …
        within: The largest accepted difference, in `unit`.
        mistakes: Numbers that common mistakes lead to, with a sentence for each that explains the mistake.
        sample_rate: In Hz. With it, normalized frequencies instead of Hz are recognized, and samples instead of seconds
            or the reverse.

    >>> compare(2764.6, 440.0, unit="Hz", within=0.1)
    Traceback (most recent call last):
    fxlab.course.wrong_answer.WrongAnswerError: 2764.6 is an angular frequency in rad/s; the answer is asked for in Hz.
    >>> compare(450.0, 440.0, unit="Hz", within=0.1, mistakes={450.0: "that is the other tone."})
    Traceback (most recent call last):
    fxlab.course.wrong_answer.WrongAnswerError: 450 Hz: that is the other tone.
    >>> compare(439.95, 440.0, unit="Hz", within=0.1)
    """
    if abs(value - right) <= within:
        return
    shown = f"{value:.6g}{f' {unit}' if unit else ''}"
    for wrong, says in sorted((mistakes or {}).items(), key=lambda mistake: abs(value - mistake[0])):
        if abs(value - wrong) <= max(within, 1e-9 * abs(wrong)):
            raise WrongAnswerError(f"{shown}: {says}")
    for wrong, says in _in_other_units(right, unit, sample_rate):
        if _is_close(value, wrong):
            raise WrongAnswerError(f"{value:.6g} {says}")
    if value * right < 0:
        raise WrongAnswerError(f"{shown} has the wrong sign, or the wrong size as well.")
    if abs(value - right) <= max(4 * within, CLOSE * abs(right)):
        raise WrongAnswerError(
            f"{shown} is close, but the answer is asked for within {within:g}{f' {unit}' if unit else ''}."
        )
    relation = "too high" if value > right else "too low"
    raise WrongAnswerError(f"{shown} is {relation}.")


def compare_all(
    values: Sequence[float],
    right: Sequence[float],
    *,
    unit: str = "",
    within: float,
    mistakes: Sequence[Mapping[float, str]] | None = None,
    sample_rate: float | None = None,
) -> None:
    """Raise a `WrongAnswerError` unless each of `values` is within `within` of the number at the same place of `right`.

    The message names the first wrong number, or a wrong order.

    Args:
        values: The numbers that the student gave, as many as in `right`.
        right: The right numbers.
        unit: As in `compare`.
        within: The largest accepted difference, in `unit`.
        mistakes: For each number, the `mistakes` of `compare`.
        sample_rate: As in `compare`.

    >>> compare_all([2.0, 1.0], [1.0, 2.0], unit="Hz", within=0.1)
    Traceback (most recent call last):
    fxlab.course.wrong_answer.WrongAnswerError: the numbers are right, but not in the order that is asked for.
    """
    pairs = list(zip(sorted(values), sorted(right), strict=True))
    if list(values) != sorted(values) or list(right) != sorted(right):
        is_permuted = any(abs(value - each) > within for value, each in zip(values, right, strict=True))
        if is_permuted and all(abs(value - each) <= within for value, each in pairs):
            raise WrongAnswerError("the numbers are right, but not in the order that is asked for.")
    for place, (value, each) in enumerate(zip(values, right, strict=True)):
        own = mistakes[place] if mistakes else None
        try:
            compare(value, each, unit=unit, within=within, mistakes=own, sample_rate=sample_rate)
        except WrongAnswerError as error:
            raise WrongAnswerError(f"the {ordinal(place)} number, {error}") from None


def _is_close(value: float, wrong: float) -> bool:
    return math.isclose(value, wrong, rel_tol=CLOSE)


def _in_other_units(right: float, unit: str, rate: float | None) -> Iterator[tuple[float, str]]:
    """Yield `right`, a number in `unit`, in other units and after common mistakes, each with a text about it.

    Units that depend on the sample rate `rate` in Hz are left out if it is None.
    """
    asked = f"the answer is asked for in {unit}."
    if unit == "Hz":
        yield 2 * math.pi * right, f"is an angular frequency in rad/s; {asked}"
        yield right / 1000, f"is a frequency in kHz; {asked}"
        if right:
            yield 1 / right, f"is a period in seconds; {asked}"
            yield 1000 / right, f"is a period in milliseconds; {asked}"
        if rate:
            yield 2 * math.pi * right / rate, f"is a normalized angular frequency in rad/sample; {asked}"
            yield right / rate, f"is a fraction of the sample rate; {asked}"
            yield 2 * right / rate, f"is a fraction of half the sample rate; {asked}"
    elif unit == "dB":
        yield 10 ** (right / 20), f"is a ratio of amplitudes; {asked}"
        yield 10 ** (right / 10), f"is a ratio of powers; {asked}"
        yield right / 2, "dB is half of the level: it is 20 log₁₀ of a ratio of amplitudes, 10 log₁₀ of one of powers."
        yield 2 * right, "dB is twice the level: it is 20 log₁₀ of a ratio of amplitudes, 10 log₁₀ of one of powers."
        yield right * math.log(10), "comes from the natural logarithm; a level takes the logarithm to base 10."
        yield -right, "dB has the right size and the wrong sign."
    elif unit in ("s", "ms"):
        other, factor = ("ms", 1000.0) if unit == "s" else ("s", 0.001)
        yield right * factor, f"is a time in {other}; {asked}"
        yield right * (1e6 if unit == "s" else 1e3), f"is a time in microseconds; {asked}"
        if rate:
            yield right * rate / (1.0 if unit == "s" else 1000.0), f"is a number of samples; {asked}"
    elif unit == "samples" and rate:
        yield right / rate, f"is a time in seconds; {asked}"
        yield 1000 * right / rate, f"is a time in milliseconds; {asked}"
    elif unit == "degrees":
        yield math.radians(right), f"is an angle in radians; {asked}"
        yield right / 360, f"is a fraction of a cycle; {asked}"
    elif unit in ("rad", "rad/sample"):
        yield math.degrees(right), f"is an angle in degrees; {asked}"
    elif unit == "%":
        yield right / 100, "is a fraction; the answer is asked for in percent."
