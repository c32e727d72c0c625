"""Checks of notebook 1: sines, phase, decibels, beating."""

from __future__ import annotations

import math

from fxlab.course.answers import call, compare, read_number
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError


@exercise(hint="Draw both amplitudes as arrows with the angle between them. When is their sum as long as each?")
def equal_amplitude_phase(answer: object) -> str:
    """Check the phase difference in degrees at which the sum of two equal sines has the amplitude of each.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "degrees")
    mistakes = {
        60.0: "there the arrows and their sum are not yet an equilateral triangle; the sum is 1.73 times as large.",
        90.0: "there the sum is 1.41 times as large, which is 3 dB more.",
        180.0: "there the sum is silent.",
        -120.0: "right, but the answer is asked for between 0° and 180°.",
        240.0: "right, but the answer is asked for between 0° and 180°.",
    }
    compare(value, 120.0, unit="degrees", within=0.5, mistakes=mistakes)
    return "The amplitude of the sum is 2 cos(φ/2) times that of each sine, and that is 1 here."


@exercise(hint="A level in dB is 20 times the logarithm to base 10 of a ratio of amplitudes.")
def to_decibels(answer: object) -> str:
    """Check a function `to_decibels(ratio)` that converts a ratio of amplitudes to decibels.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    for ratio in (3.7, 10.0, 0.5, 1.0):
        result = read_number(call(answer, ratio), "dB")
        right = 20 * math.log10(ratio)
        try:
            compare(result, right, unit="dB", within=0.005)
        except WrongAnswerError as error:
            raise WrongAnswerError(f"for the ratio {ratio:g} the function returns {result:.4g}. {error}") from None
    return "Ratios multiply, decibels add: twice the amplitude is 6.02 dB more, ten times the amplitude 20 dB."


@exercise(hint="After one second, one of the tones has made some more cycles than the other.")
def beat_rate(answer: object) -> str:
    """Check the number of beats per second of two tones of 327.5 Hz and 332.5 Hz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "Hz")
    mistakes = {
        2.5: "that is the frequency of the cosine, but the sum is loudest twice in each period of it.",
        330.0: "that is the pitch of the sum, not how often it becomes louder.",
        660.0: "that is the sum of the two frequencies.",
        -5.0: "a rate has no sign.",
    }
    compare(value, 5.0, unit="Hz", within=0.01, mistakes=mistakes)
    return "Two tones beat at the difference of their frequencies."


@exercise(hint="Four beats per second allow two frequencies. Tightening a string raises its frequency.")
def string_frequency(answer: object) -> str:
    """Check the frequency in Hz of a string that beats four times per second with 110 Hz, and faster when tightened.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "Hz")
    mistakes = {
        106.0: "a string of this frequency would come closer to 110 Hz when it is tightened, and beat more slowly.",
        4.0: "that is the rate of the beats.",
        110.0: "a string of this frequency would not beat.",
        112.0: "a string of this frequency beats at another rate.",
        108.0: "a string of this frequency beats at another rate.",
    }
    compare(value, 114.0, unit="Hz", within=0.05, mistakes=mistakes)
    return "Beats tell how far a string is from the right pitch; tightening it tells on which side."
