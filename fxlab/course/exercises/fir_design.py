"""Checks of notebook 9: FIR design."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.course.answers import call, check_filter, compare, read_filter, read_number, read_numbers, response_db
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError
from fxlab.module import Module

RATE = 48_000
MOST_TAPS = 111


@exercise(hint="torch.sinc(x) is sin(πx)/(πx), so the factor π is in it. The middle tap is at n = 0.")
def lowpass_taps(answer: object) -> str:
    """Check a function `lowpass_taps(cutoff, count, sample_rate)` that returns the taps of a low-pass.

    The taps are a sinc with the −6 dB edge at `cutoff` in Hz, times a Hamming window; `count` is odd.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    for cutoff, count, rate in ((2000.0, 101, 16_000.0), (5000.0, 51, 48_000.0), (440.0, 31, 8000.0)):
        found = torch.tensor(read_numbers(call(answer, cutoff, count, rate), count), dtype=torch.float64)
        right = _hamming_sinc(cutoff / rate, count)
        tolerance = 0.01 * float(right.max())  # scaled to a sum of 1, the taps are right too
        if (found - right).abs().max() <= tolerance:
            continue
        scale = float(found @ right / (right @ right))
        where = f"for cutoff {cutoff:g} Hz and {count} taps at {rate:g} Hz"
        for factor, what in ((0.5, "half"), (2.0, "twice")):
            if factor * cutoff < rate / 2 and _are_close(found, _hamming_sinc(factor * cutoff / rate, count)):
                raise WrongAnswerError(f"{where} the edge lies at {what} the frequency: mind the factor 2 f/fₛ.")
        if _are_close(found, _hamming_sinc(cutoff / rate, count, window=False)):
            raise WrongAnswerError(f"{where} the taps are a sinc without a window.")
        if _are_close(found / scale, right):
            raise WrongAnswerError(f"{where} the taps have the right shape, but are {scale:.4g} times too large.")
        raise WrongAnswerError(f"{where} tap {int((found - right).abs().argmax())} is wrong.")
    return "The taps are symmetric, their sum is nearly 1, and at the edge the gain is −6 dB."


@exercise(hint="A symmetric filter delays everything to its middle tap. How many taps are before that?")
def linear_phase_latency(answer: object) -> str:
    """Check the latency in ms of a linear-phase filter with 961 taps at 48 kHz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "ms")
    mistakes = {1000 * 961 / RATE: "that is the length of the complete filter."}
    compare(value, 10.0, unit="ms", within=0.02, mistakes=mistakes, sample_rate=RATE)
    return "The delay is half the length, (taps − 1)/2 samples, just at the limit."


@exercise(hint="The width Δω is in radians per sample: 2π times the width in Hz, divided by the sample rate.")
def kaiser_taps(answer: object) -> str:
    """Check the number of taps by Kaiser's formula for 80 dB of attenuation and a transition of 500 Hz at 44.1 kHz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "taps")
    mistakes = {
        _kaiser_formula(500 / 44_100): "is Δω the fraction of the sample rate? The factor 2π is missing.",
        _kaiser_formula(math.pi * 500 / 44_100): "Δω is half of what it should be.",
        _kaiser_formula(500.0): "Δω must be in radians per sample, not in Hz.",
        _kaiser_formula(2 * math.pi * 500): "Δω must be in radians per sample, not in radians per second.",
        _kaiser_formula(2 * math.pi * 20_000 / 44_100): "Δω is the width of the transition, not its upper end.",
    }
    compare(value, 444.0, within=1.0, mistakes=mistakes)
    return "500 Hz are 1.1 % of the sample rate. Steep filters are long, wherever their edge is."


@exercise(hint="±0.1 dB are an error of 0.0116 of the amplitude, −60 dB one of 0.001. The weight is their ratio.")
def speech_mask(answer: object) -> str:
    """Check a FIR filter for telephone speech of at most 111 taps at 48 kHz.

    Its gain must be within 0.1 dB of 0 dB up to 3400 Hz, and at most −60 dB from 4600 Hz on.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    module = read_filter(answer, sample_rate=RATE)
    check_filter(module, _speech_fault, sample_rate=RATE)
    return f"The filter meets the mask with {_length(module, RATE)} taps. A Kaiser window needs 148."


def _speech_fault(module: Module, rate: float) -> str:
    """Return a sentence about what is wrong with the filter of `speech_mask`, or an empty string if it is right."""
    taps = _length(module, rate)
    if taps > MOST_TAPS:
        return (
            f"the impulse response has {'more than 1000' if taps >= 1000 else taps} samples; at most 111 are allowed."
        )
    passes = torch.linspace(0.0, 3400.0, 500, dtype=torch.float64)
    stops = torch.linspace(4600.0, rate / 2, 3000, dtype=torch.float64)
    ripple, level = response_db(module, passes, rate), response_db(module, stops, rate)
    worst = int(ripple.abs().argmax())
    if abs(float(ripple[worst])) > 0.1005:
        return f"the gain at {float(passes[worst]):.0f} Hz is {float(ripple[worst]):.3f} dB; it must be within ±0.1 dB."
    highest = int(level.argmax())
    if float(level[highest]) > -59.95:
        return (
            f"the gain at {float(stops[highest]):.0f} Hz is {float(level[highest]):.2f} dB; it must be at most −60 dB."
        )
    return ""


def _length(module: Module, rate: float) -> int:
    """Return the number of samples of the impulse response up to its last one above 1e-9 of its peak, at most 1000."""
    response: Tensor = module.impulse_response(rate, duration=1000 / rate).detach()  # type: ignore[operator]
    nonzero = (response.abs() > 1e-9 * response.abs().max()).nonzero()
    return int(nonzero[-1]) + 1 if len(nonzero) else 0


def _hamming_sinc(fraction: float, count: int, *, window: bool = True) -> Tensor:
    """Return the `count` taps of a low-pass with its edge at `fraction` of the sample rate.

    The taps have a Hamming window if `window` is True, and a rectangular one otherwise.
    """
    n = torch.arange(count, dtype=torch.float64) - (count - 1) / 2
    hamming = 0.54 + 0.46 * torch.cos(2 * math.pi * n / (count - 1))
    return 2 * fraction * torch.sinc(2 * fraction * n) * (hamming if window else 1.0)


def _are_close(found: Tensor, right: Tensor) -> bool:
    return float((found - right).abs().max()) <= 0.01 * float(right.max())


def _kaiser_formula(width: float) -> float:
    return (80 - 7.95) / (2.285 * width) + 1
