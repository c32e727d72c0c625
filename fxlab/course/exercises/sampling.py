"""Checks of notebook 2: sampling and aliasing."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.course.answers import call, compare, compare_all, read_number, read_numbers, read_signal
from fxlab.course.answers.number import ordinal
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError
from fxlab.signal import Signal, sine

TONES = (3500.0, 5200.0, 8500.0, 14_900.0, 21_300.0)
RATE = 8000.0


def alias(frequency: float, sample_rate: float) -> float:
    """Return the frequency at which a sampled tone appears, from 0 to half the sample rate.

    >>> alias(7000.0, 8000.0), alias(9000.0, 8000.0)
    (1000.0, 1000.0)
    """
    return abs(frequency - sample_rate * round(frequency / sample_rate))


@exercise(hint="Subtract the multiple of the sample rate that is closest to the tone, and drop the sign.")
def alias_frequencies(answer: object) -> str:
    """Check the frequencies in Hz at which the five tones of `TONES` appear when they are sampled at 8000 Hz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    values = read_numbers(answer, len(TONES), "Hz")
    for place, (value, tone) in enumerate(zip(values, TONES, strict=True)):
        said = f"the {ordinal(place)} number, {value:.6g} Hz"
        if value > RATE / 2 and math.isclose(alias(value, RATE), alias(tone, RATE)):
            raise WrongAnswerError(f"{said}, is above half the sample rate, where a sampled signal has no frequencies.")
        if value < 0 and math.isclose(-value, alias(tone, RATE)):
            raise WrongAnswerError(f"{said}, has a sign; for a sine it only turns the curve over.")
    compare_all(values, [alias(tone, RATE) for tone in TONES], unit="Hz", within=0.5, sample_rate=RATE)
    return "Every tone is folded to between 0 and half the sample rate."


@exercise(hint="List the frequencies below 12 kHz that appear at 1000 Hz at first. Try each at 10 000 Hz.")
def true_frequency(answer: object) -> str:
    """Check the frequency in Hz of a tone below 12 kHz, which follows from its aliases at two sample rates.

    Sampled at 8000 Hz it appears at 1000 Hz, and at 10 000 Hz it appears at 3000 Hz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "Hz")
    for rate, found in ((8000.0, 1000.0), (10_000.0, 3000.0)):
        if 0 < value < 12_000 and abs(alias(value, rate) - found) > 0.5:
            compare(value, 7000.0, unit="Hz", within=0.5, mistakes=_appears(value, rate), sample_rate=rate)
    compare(value, 7000.0, unit="Hz", within=0.5)
    return "The second sample rate excludes the other candidates of the first."


def _appears(value: float, rate: float) -> dict[float, str]:
    said = f"sampled at {rate:g} Hz, this tone appears at {alias(value, rate):.6g} Hz."
    return {value: said} if value > 20 else {}  # smaller numbers are in another unit


def level_db(samples: Tensor) -> float:
    """Return the level of the middle half of a tone, as the peak of a sine of the same power, in dBFS."""
    middle = samples.detach().double()[..., samples.shape[-1] // 4 : -(samples.shape[-1] // 4)]
    return float(10 * torch.log10(2 * middle.square().mean() + 1e-30))


@exercise(hint="First remove what the new sample rate cannot represent, then take every factor-th sample.")
def downsample(answer: object) -> str:
    """Check a function `downsample(signal, factor)` that returns a Signal at the sample rate divided by an integer.

    Tones up to 0.2 of the new sample rate must keep their level within 1 dB. The alias of a tone at 0.75 of the new
    sample rate must be at least 40 dB below that tone.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    for rate, factor in ((48_000, 4), (44_100, 2)):
        new = rate / factor
        for part in (0.02, 0.2):
            tone = sine(part * new, 0.5, sample_rate=rate)
            change = level_db(_downsampled(answer, tone, factor).samples) + 6.0
            if abs(change) > 1.0:
                raise WrongAnswerError(
                    f"from {rate} to {new:g} Hz, a tone of {part * new:g} Hz changes by {change:.1f} dB; "
                    "at most 1 dB is allowed."
                )
        tone = sine(0.75 * new, 0.5, sample_rate=rate)
        change = level_db(_downsampled(answer, tone, factor).samples) + 6.0
        if change > -40.0:
            raise WrongAnswerError(
                f"from {rate} to {new:g} Hz, a tone of {0.75 * new:g} Hz appears at {0.25 * new:g} Hz with a level of "
                f"{change:.1f} dB; at most -40 dB is allowed."
            )
    return "Nothing folds back, because it was removed before the samples were dropped."


def _downsampled(function: object, tone: Signal, factor: int) -> Signal:
    result = read_signal(call(function, tone, factor))
    if result.sample_rate == tone.sample_rate and result.frames < tone.frames:
        raise WrongAnswerError(
            f"the result has {result.frames} of {tone.frames} samples, but still the sample rate {tone.sample_rate:g} "
            "Hz: it would play too fast."
        )
    frames = math.ceil(tone.frames / factor)
    right = read_signal(result, sample_rate=tone.sample_rate / factor)
    if abs(right.frames - frames) > 1:
        raise WrongAnswerError(f"the result has {right.frames} samples; {frames} are asked for.")
    return right


@exercise(hint="The amplitude of the sine is 1, and its largest sample is sin 45°.")
def true_peak_above_samples(answer: object) -> str:
    """Check the ratio in dB of the amplitude of a sine to its largest sample, which is at 45°.

    The frequency of the sine is a quarter of the sample rate.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "dB")
    mistakes = {0.2929: "that is the difference of the amplitudes; a level compares their ratio."}
    compare(value, 20 * math.log10(math.sqrt(2)), unit="dB", within=0.02, mistakes=mistakes)
    return "Samples may hide up to 3 dB at this frequency, and more above it."
