"""Checks of notebook 8: difference equations, poles and zeros."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fxlab.course.answers import call, check_filter, read_filter, read_number, read_numbers, response_db
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError
from fxlab.module import Module

RATE = 16_000
HUM = 50.0
POLYNOMIALS = (
    [1.0, -0.5],
    [1.0, 1.2],
    [1.0, -1.0],
    [1.0, -1.8, 0.9],
    [1.0, -1.8, 0.7],
    [1.0, 0.0, 1.21],
    [1.0],
    [1.0, -2.4, 2.1, -0.68],
    [1.0, -0.5, 1.2, -0.3, 0.1],
)


@exercise(hint="Bring all terms with y to the left side, and all terms with x to the right side. a[0] belongs to y[n].")
def coefficients(b: object, a: object = None) -> str:
    """Check the coefficients of `y[n] = 0.3 x[n] + 0.2 x[n−1] + 1.2 y[n−1] − 0.5 y[n−2]`.

    Args:
        b: The coefficients of the input, a list.
        a: The coefficients of the output on the left side; `a[0]`, which belongs to `y[n]`, may be any number but 0, by
            which `a` and `b` are divided. Default: None, which counts as a wrong answer.

    Raises:
        WrongAnswerError: One of the answers is wrong or of the wrong type.
    """
    above, below = _read_coefficients(b, "b"), _read_coefficients(a, "a")
    if not below or below[0] == 0:
        raise WrongAnswerError("a[0], the coefficient of y[n], is 0 or missing.")
    if _are_equal(below, [-1.2, 0.5]) or _are_equal(below, [1.2, -0.5]):
        raise WrongAnswerError("`a` lacks the coefficient of y[n].")
    above, below = ([value / below[0] for value in values] for values in (above, below))
    if not _are_equal(above, [0.3, 0.2]):
        swapped = " Are b and a interchanged?" if _are_equal(above, [1.0, -1.2, 0.5]) else ""
        raise WrongAnswerError(f"`b` does not contain the coefficients of x[n] and x[n−1].{swapped}")
    if _are_equal(below, [1.0, 1.2, -0.5]):
        raise WrongAnswerError("`a` has the signs of the right side of the equation; it belongs to the left side.")
    if not _are_equal(below, [1.0, -1.2, 0.5]):
        raise WrongAnswerError("`a` does not contain the coefficients of y[n], y[n−1] and y[n−2].")
    return "Coefficients of past outputs change their sign on the way into `a`."


@exercise(hint="After n samples the tone has the amplitude rⁿ. How many samples are 2 s, and which ratio is −60 dB?")
def pole_radius(answer: object) -> str:
    """Check the radius of a pole pair whose tone decays by 60 dB in 2 s at 44.1 kHz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    radius = read_number(answer)
    if radius >= 1:
        raise WrongAnswerError(f"with the radius {radius:.7g} the tone does not decay at all.")
    if radius <= 0:
        raise WrongAnswerError(f"a radius is above 0, and {radius:.7g} is not.")
    seconds = math.log(0.001) / math.log(radius) / 44_100
    if abs(seconds - 2.0) > 0.02:
        samples = f" ({seconds * 44_100:.3g} samples)" if seconds < 0.001 else ""
        raise WrongAnswerError(f"with the radius {radius:.7g} the tone falls by 60 dB in {seconds:.3g} s{samples}.")
    return "2 s are 88200 samples, and the radius is the 88200th root of 0.001."


@exercise(hint="Where are the poles? They are the roots of the polynomial with the coefficients a, and may be complex.")
def stability(answer: object) -> str:
    """Check a function `is_stable(a)` that returns whether a difference equation is stable, as a bool.

    `a` is the list of the coefficients of the output, with `a[0] = 1`.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    for a in POLYNOMIALS:
        found = call(answer, list(a))
        if isinstance(found, Tensor | np.ndarray | np.generic) and found.size in (1, torch.Size([]), torch.Size([1])):
            found = found.item()
        if not isinstance(found, bool):
            raise WrongAnswerError(f"for a = {a} the function returns {type(found).__name__}; True or False is needed.")
        radius = float(np.abs(np.roots(a)).max(initial=0.0))
        if found != (radius < 1 - 1e-9):
            far = f"the outermost pole is at a distance of {radius:.3f} from 0" if len(a) > 1 else "there is no pole"
            raise WrongAnswerError(f"for a = {a} the function returns {found}; {far}.")
    return "All poles have to lie inside the unit circle, not on it."


@exercise(hint="A zero on the circle at the angle of 50 Hz makes the hole. Poles close behind it repair the rest.")
def hum_notch(answer: object) -> str:
    """Check a stable filter that attenuates 50 Hz by at least 40 dB at a sample rate of 16 kHz.

    From 100 Hz on, its gain must be within 1 dB of 0 dB.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    module = read_filter(answer, sample_rate=RATE)
    check_filter(module, _notch_fault, sample_rate=RATE)
    return "The hum is at least 40 dB lower, and from 100 Hz on nothing changes by more than 1 dB."


def _notch_fault(module: Module, rate: float) -> str:
    """Return a sentence about what is wrong with a notch filter for 50 Hz, or an empty string if it is right."""
    if not module.is_stable(rate):  # type: ignore[operator]
        return "a pole of the filter lies on or outside the unit circle."
    grid = torch.logspace(2, math.log10(rate / 2), 400, dtype=torch.float64).clamp(max=rate / 2)
    (hum,), level = response_db(module, [HUM], rate).tolist(), response_db(module, grid, rate)
    if hum > -40:
        return f"the gain at 50 Hz is {hum:.1f} dB; at most −40 dB are asked for."
    worst = int(level.abs().argmax())
    if abs(float(level[worst])) > 1:
        return f"the gain at {float(grid[worst]):.4g} Hz is {float(level[worst]):.1f} dB; it must be within ±1 dB."
    return ""


def _read_coefficients(answer: Any, name: str) -> list[float]:
    """Return the coefficients in `answer`, the list `name`, as floats, without the zeros at the end.

    Raises:
        WrongAnswerError: The answer is not a list of numbers.
    """
    count = len(answer) if isinstance(answer, list | tuple | np.ndarray | Tensor) and len(answer) else 2
    try:
        values = read_numbers(answer, count)
    except WrongAnswerError as error:
        raise WrongAnswerError(f"`{name}`: {error}") from None
    while values and values[-1] == 0:
        values.pop()
    return values


def _are_equal(values: list[float], right: list[float]) -> bool:
    return len(values) == len(right) and bool(np.allclose(values, right, rtol=1e-6))
