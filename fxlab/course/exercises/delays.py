"""Checks of notebook 13: delays, flangers, combs and reverberation."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.course.answers import call, compare, read_filter, read_number, read_tensor
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError

RATE = 44_100
DECAY = 1.2
"""The reverberation time in seconds that the exercise `schroeder_reverb` requires."""


@exercise(hint="The notches of a comb are equally spaced. What is the distance between two of them, in terms of τ?")
def comb_delay(answer: object) -> str:
    """Check the delay in ms of a comb with notches at 400, 1200 and 2000 Hz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "ms")
    mistakes = {
        2.5: "that is the period of the lowest notch; there the copy is late by half a period.",
        0.625: "that is half the delay. Peaks are at the multiples of 1/τ, notches halfway between them.",
        1000 / 1200: "that is the period of the second notch.",
        800.0: "that is the distance between two notches in Hz.",
    }
    compare(value, 1.25, unit="ms", within=0.001, mistakes=mistakes)
    return "The notches are 1/τ = 800 Hz apart, and the lowest one is at half of that."


@exercise(
    hint="Between which two samples does a delay of 2.25 lie? The closer one has the larger weight; both add up to 1."
)
def fractional_delay(answer: object) -> str:
    """Check a function `fractional_delay(x, delay)` that delays a vector by linear interpolation and keeps its length.

    `x` is a tensor `(time,)`, and `delay` a number of samples, at least 0, which need not be whole.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    x = torch.randn(40, generator=torch.Generator().manual_seed(13), dtype=torch.float64)
    for delay in (2.75, 0.25, 3.0, 7.5, 0.0):
        found = read_tensor(call(answer, x.clone(), delay), (len(x),))
        if (found - _interpolated(x, delay)).abs().max() <= 1e-5:
            continue
        where = f"for a delay of {delay:g} samples"
        for wrong, says in (
            (_interpolated(x, int(delay) + 1 - delay % 1), "the two weights are interchanged."),
            (_interpolated(x, round(delay)), "the result is that of the nearest whole delay."),
            (_interpolated(x, int(delay)), "the result is that of the whole samples alone."),
            (_interpolated(x, delay + 1), "the result is one sample late."),
            (_rolled(x, delay), "what comes before the beginning is the end of `x`; it has to be 0."),
        ):
            if (found - wrong).abs().max() <= 1e-5:
                raise WrongAnswerError(f"{where} {says}")
        raise WrongAnswerError(f"{where} sample {int((found - _interpolated(x, delay)).abs().argmax())} is wrong.")
    return "The weights of the two samples add up to 1, and whole delays are exact."


@exercise(
    hint="How many times does the sound pass the loop in decay_s seconds? The product of that many gains is 0.001."
)
def loop_gain(answer: object) -> str:
    """Check a function `loop_gain(delay_ms, decay_s)` that returns the gain of a feedback loop, a ratio of amplitudes.

    `delay_ms` is the delay of the loop in ms, and `decay_s` the time in s in which a sound in the loop decays by 60 dB.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    for delay_ms, decay_s in ((40.0, 2.0), (29.7, 0.8), (5.0, 1.2)):
        found = read_number(call(answer, delay_ms, decay_s))
        right = 10 ** (-3 * delay_ms / (1000 * decay_s))
        mistakes = {
            right**2: "that makes the level fall by 120 dB. −60 dB is an amplitude ratio of 0.001.",
            right**1000: "are both times in the same unit?",
            right**0.001: "are both times in the same unit?",
            -60 * delay_ms / (1000 * decay_s): "that is the level in dB after one pass; its ratio is asked for.",
        }
        try:
            if found >= 1:
                raise WrongAnswerError(f"{found:.6g}: with a gain of 1 or more the loop does not decay.")
            compare(found, right, within=1e-4, mistakes=mistakes)
        except WrongAnswerError as error:
            raise WrongAnswerError(f"for {delay_ms:g} ms and {decay_s:g} s: {error}") from None
    return "The gain is 0.001 to the power of the delay divided by the reverberation time."


@exercise(hint="Each comb needs the gain for its own delay. Are the four in parallel, and the all-passes behind them?")
def schroeder_reverb(answer: object) -> str:
    """Check a reverberator of combs and all-passes with a reverberation time of 1.2 s, within 5 %, at 44.1 kHz.

    Its impulse response must have at least 300 echoes between 0.05 and 0.25 s: samples above a millionth of its peak.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    module = read_filter(answer, sample_rate=RATE)
    h: Tensor = module.impulse_response(RATE, duration=1.5).detach().flatten().double()  # type: ignore[operator]
    if not h.isfinite().all() or not h.any():
        raise WrongAnswerError("its impulse response is silent, or grows without limit.")
    early, late = (int((h[start : start + 8820].abs() > 1e-6 * h.abs().max()).sum()) for start in (2205, 13_230))
    if late == 0:
        raise WrongAnswerError("after 0.3 s nothing is left of a click.")
    decay = _reverberation_time(h)
    if abs(decay - DECAY) > 0.05 * DECAY:
        much = "much " if not 0.5 * DECAY < decay < 2 * DECAY else ""
        raise WrongAnswerError(f"the reverberation time is {decay:.2f} s, {much}too {_direction(decay)}.")
    if early < 300:
        raise WrongAnswerError(
            f"there are only {early} echoes from 0.05 to 0.25 s; with the all-passes there are more."
        )
    return f"The reverberation time is {decay:.2f} s, and a fifth of a second has more than 300 echoes."


def _direction(decay: float) -> str:
    return "long" if decay > DECAY else "short"


def _interpolated(x: Tensor, delay: float) -> Tensor:
    whole = int(delay)
    padded = torch.cat([x.new_zeros(whole + 1), x])
    part = delay - whole
    return (1 - part) * padded[1 : len(x) + 1] + part * padded[: len(x)]


def _rolled(x: Tensor, delay: float) -> Tensor:
    whole = int(delay)
    return (1 - delay + whole) * torch.roll(x, whole) + (delay - whole) * torch.roll(x, whole + 1)


def _reverberation_time(h: Tensor) -> float:
    """Return the reverberation time in s: twice the time in which the remaining energy falls from −5 dB to −35 dB."""
    left = h.square().flip(0).cumsum(0).flip(0)
    level = 10 * torch.log10(left / left[0])
    start, stop = (int((level <= limit).nonzero()[0]) for limit in (-5.0, -35.0))
    return 2 * (stop - start) / RATE
