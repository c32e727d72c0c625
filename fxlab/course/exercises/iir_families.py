"""Checks of notebook 10: IIR families."""

from __future__ import annotations

import math

import torch

from fxlab.course.answers import check_filter, compare, read_filter, read_number, response_db
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError
from fxlab.module import Module

RATE = 48_000
MOST_POLES = 8


@exercise(hint="At 4 kHz the formula has the term 4²ⁿ, and 60 dB are a factor of 10⁶ of the power.")
def butterworth_order(answer: object) -> str:
    """Check the lowest order of an analog Butterworth low-pass of 1 kHz that attenuates 4 kHz by at least 60 dB.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer)
    if value != round(value) or value < 1:
        raise WrongAnswerError(f"{value:.6g} is not an order: a filter has a whole number of poles.")
    attenuation = 10 * math.log10(1 + 16.0 ** min(value, 100.0))
    if attenuation < 60:
        raise WrongAnswerError(f"a filter of order {value:g} attenuates 4 kHz by {attenuation:.1f} dB.")
    if 10 * math.log10(1 + 16.0 ** (value - 1)) >= 60:
        raise WrongAnswerError(f"a filter of order {value:g} attenuates 4 kHz enough, but so does one of lower order.")
    return "4 kHz are two octaves above the cutoff, and each order adds about 12 dB in two octaves."


@exercise(hint="Solve s = 2 fₛ (z − 1)/(z + 1) for z, and insert s and fₛ.")
def bilinear_pole(answer: object) -> str:
    """Check the digital pole to which the bilinear transform maps an analog pole at −5000 rad/s.

    The sample rate is 16 kHz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer)
    mistakes = {
        math.exp(-5000 / 16_000): "that is exp(s/fₛ), which keeps the impulse response; here it is another map.",
        37 / 27: "that is outside the unit circle: are numerator and denominator interchanged?",
        11 / 21: "is the factor 2 before fₛ missing?",
    }
    compare(value, 27 / 37, within=0.0005, mistakes=mistakes)
    return "A real pole on the left becomes a real pole inside the unit circle."


@exercise(hint="The analog frequency is Ω/(2π), with Ω = 2 fₛ tan(ω/2) and ω = 2π f/fₛ.")
def prewarping(answer: object) -> str:
    """Check the analog corner frequency in Hz that the bilinear transform maps to 12 kHz at a sample rate of 48 kHz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "Hz")
    mistakes = {
        12_000.0: "without prewarping the corner would come out too low.",
        RATE / math.pi * math.atan(math.pi * 12_000 / RATE): "that is where an analog corner of 12 kHz would come out.",
        2 * RATE / math.pi: "that is twice the answer: f is Ω/(2π), with Ω = 2 fₛ tan(ω/2).",
    }
    compare(value, RATE / math.pi, unit="Hz", within=10.0, mistakes=mistakes)
    return "A quarter of the sample rate has ω/2 = π/4, whose tangent is 1, so it is fₛ/π."


@exercise(hint="Which family needs the lowest order? Its edge is that of the passband, 7 kHz. See `fx.design` too.")
def antialiasing_filter(answer: object) -> str:
    """Check a stable antialiasing filter of order 8 at most, at a sample rate of 48 kHz.

    It must attenuate by at most 0.5 dB up to 7 kHz, without a gain above 0 dB, and by at least 60 dB from 8 kHz on.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    module = read_filter(answer, sample_rate=RATE)
    check_filter(module, _antialiasing_fault, sample_rate=RATE)
    return f"The filter meets the mask with order {_order(module, RATE)}."


def _antialiasing_fault(module: Module, rate: float) -> str:
    """Return a sentence about what is wrong with the antialiasing filter, or an empty string if it is right."""
    if not module.is_stable(rate):  # type: ignore[operator]
        return "a pole of the filter lies on or outside the unit circle."
    order = _order(module, rate)
    if order > MOST_POLES:
        return f"the filter has order {order}; at most {MOST_POLES} is allowed."
    passes = torch.linspace(0.0, 7000.0, 1500, dtype=torch.float64)
    stops = torch.linspace(8000.0, rate / 2, 1500, dtype=torch.float64)
    level, above = response_db(module, passes, rate), response_db(module, stops, rate)
    lowest, highest, peak = int(level.argmin()), int(level.argmax()), int(above.argmax())
    if float(level[highest]) > 0.01:
        return f"the gain at {float(passes[highest]):.0f} Hz is +{float(level[highest]):.2f} dB; it must be at most 0."
    if float(level[lowest]) < -0.501:
        return (
            f"the gain at {float(passes[lowest]):.0f} Hz is {float(level[lowest]):.2f} dB; it must be at least −0.5 dB."
        )
    if float(above[peak]) > -59.99:
        return f"the gain at {float(stops[peak]):.0f} Hz is {float(above[peak]):.1f} dB; it must be at most −60 dB."
    return ""


def _order(module: Module, rate: float) -> int:
    """Return the number of poles or that of zeros, whichever is larger; poles at 0 are delays and do not count."""
    poles, zeros = module.poles(rate), module.zeros(rate)  # type: ignore[operator]
    return max(int((poles.abs() > 1e-9).sum()), int(zeros.shape[-1]))
