"""Checks of notebook 12: structures and finite precision."""

from __future__ import annotations

import torch

from fxlab.course.answers import read_number
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError
from fxlab.filters import Elliptic, FixedPoint, LowPass
from fxlab.signal import Signal, examples


@exercise(hint="`snr_db(fixed, voice)` measures it. Try one number of bits after the other, or divide by 6 dB per bit.")
def word_length(answer: object) -> str:
    """Check the fewest bits with which a fixed-point low-pass filter has a signal-to-noise ratio of at least 60 dB.

    The input is the voice, the cutoff is 1 kHz, and the coefficients have 24 bits.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    bits = _read_count(answer, "bits", 4, 32)
    voice = examples.voice().between(0.0, 1.5).to(torch.float64)
    words = [FixedPoint(LowPass(1000.0), bits=each, coefficient_bits=24) for each in (bits, bits - 1)]
    ratios = [_noise_ratio_db(word, voice) for word in words]
    if ratios[0] < 60:
        raise WrongAnswerError(f"with {bits} bits the signal-to-noise ratio is {ratios[0]:.1f} dB.")
    if ratios[1] >= 60:
        raise WrongAnswerError(f"{bits} bits are enough, but fewer are enough too.")
    return f"With {bits} bits the signal-to-noise ratio is {ratios[0]:.1f} dB."


@exercise(hint="Compare the `quantized` filter with `elliptic` at many frequencies up to 1 kHz.")
def coefficient_bits(answer: object) -> str:
    """Check the fewest bits of coefficients with which a cascade is within 0.3 dB of an elliptic filter up to 1 kHz.

    The filter is a low-pass of order 6 with its passband edge at 1 kHz, at a sample rate of 16 kHz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    bits = _read_count(answer, "coefficient bits", 3, 32)
    errors = [_passband_error_db(each) for each in (bits, bits - 1)]
    if errors[0] > 0.3:
        raise WrongAnswerError(f"with {bits} coefficient bits the level is off by {errors[0]:.2g} dB.")
    if errors[1] <= 0.3:
        raise WrongAnswerError(f"{bits} coefficient bits are enough, but fewer are enough too.")
    return f"With {bits} coefficient bits the level is off by at most {errors[0]:.2f} dB."


@exercise(hint="What is the sum of the magnitudes of the impulse response? One bit of headroom is a factor of 2.")
def headroom_bits(answer: object) -> str:
    """Check the bits of headroom that the filter `y[n] = x[n] + 0.95 y[n−1]` needs for inputs from −1 to 1.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    bits = _read_count(answer, "bits", 0, 100)
    if bits == 20:
        raise WrongAnswerError("20 is the largest factor. How often must 1 be doubled to reach it?")
    if bits == 26:
        raise WrongAnswerError("26 is the largest factor in dB.")
    if 2**bits < 20:
        raise WrongAnswerError(f"with {bits} bits there is room for a factor of {2**bits}; some input needs more.")
    if 2 ** (bits - 1) >= 20:
        raise WrongAnswerError(f"{bits} bits are enough, but fewer are enough too.")
    return "A constant input of 1 gives the largest output, 1 / (1 − 0.95) = 20, which is between 2⁴ and 2⁵."


@exercise(hint="y is stuck if 0.985 y, rounded, is y again. So by how much may y and 0.985 y differ?")
def dead_band(answer: object) -> str:
    """Check the largest whole number at which `y[n] = 0.985 y[n−1]` stays if each result is rounded to a whole number.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    steps = _read_count(answer, "steps", 0, 10_000)
    if steps == 12:
        raise WrongAnswerError("12 is the number for 0.96; here the coefficient is 0.985.")
    if steps in (66, 67):
        raise WrongAnswerError(f"{steps} steps: rounding to the nearest number changes a value by at most half a step.")
    if steps - 0.985 * steps > 0.5:
        raise WrongAnswerError(f"{steps} steps are not stuck: 0.985 · {steps} is {0.985 * steps:.2f}.")
    if steps < 33:
        raise WrongAnswerError(f"at {steps} steps it is stuck, but at a larger number too.")
    return "The dead band is 0.5 / (1 − 0.985) steps: the closer a pole is to the circle, the wider it is."


def _read_count(answer: object, unit: str, lowest: int, highest: int) -> int:
    value = read_number(answer, unit)
    if value != round(value):
        raise WrongAnswerError(f"{value:.6g} is not a whole number.")
    if not lowest <= value <= highest:
        raise WrongAnswerError(f"{value:g} is far away from the answer.")
    return round(value)


def _noise_ratio_db(fixed: FixedPoint, signal: Signal) -> float:
    exact, error = fixed.module(signal).samples, fixed.error(signal).samples
    return float(10 * torch.log10(exact.square().sum() / error.square().sum()))


def _passband_error_db(bits: int) -> float:
    """Return the largest error in dB up to 1 kHz if the coefficients of an elliptic filter have `bits` bits.

    The filter is that of the exercise `coefficient_bits`.
    """
    elliptic = Elliptic(1000.0, order=6, ripple_db=0.5, attenuation_db=60.0)
    grid = torch.linspace(0.0, 1000.0, 500, dtype=torch.float64)
    rounded = FixedPoint(elliptic, coefficient_bits=bits).quantized
    return float((rounded.magnitude_db(grid, 16_000) - elliptic.magnitude_db(grid, 16_000)).abs().max())
