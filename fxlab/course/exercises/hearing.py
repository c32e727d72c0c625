"""Checks of notebook 15: hearing, with weighting, loudness and MFCC."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.analysis import loudness
from fxlab.course.answers import call, compare, read_number, read_signal, read_tensor
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError
from fxlab.signal import examples

TARGET = -23.0


@exercise(hint="Calculate the parts of the fraction one by one. The result at 1000 Hz is 0 dB.")
def a_weighting(answer: object) -> str:
    """Check a function `a_weighting(frequency)` that returns the A-weighting in dB at a frequency in Hz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    for frequency in (1000.0, 63.0, 250.0, 4000.0, 16_000.0):
        found = read_number(call(answer, frequency), "dB")
        right = _a_weighting(frequency)
        mistakes = {
            right - 2.0: "is the constant 2.00 dB missing?",
            (right - 2) / 2 + 2: "the fraction is a ratio of amplitudes, so its level is 20 log₁₀.",
        }
        try:
            if frequency != 1000 or abs(found - right) <= 2.5:
                compare(found, right, unit="dB", within=0.05, mistakes=mistakes)
            else:
                raise WrongAnswerError(f"{found:.6g} dB is far off; by definition it is 0 dB there.")
        except WrongAnswerError as error:
            raise WrongAnswerError(f"at {frequency:g} Hz: {error}") from None
    return "The function gives the values of the standard: −26 dB at 63 Hz, and 1 dB at 4 kHz."


@exercise(hint="`fx.loudness(voice)` is the loudness now. A gain of 1 dB raises it by 1 LU.")
def program_loudness(answer: object) -> str:
    """Check that a Signal is `examples.voice()` times a constant, and that its loudness is −23 LUFS within 0.1 LU.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    voice = examples.voice()
    signal = read_signal(answer, sample_rate=voice.sample_rate, duration=voice.duration)
    if signal.samples.shape != voice.samples.shape:
        raise WrongAnswerError(f"the signal has {signal.channels} channels; the voice has {voice.channels}.")
    one, other = (each.samples.flatten().double() for each in (signal, voice))
    if not one.any():
        raise WrongAnswerError("the signal is silent.")
    if one @ other / (one.norm() * other.norm()) < 0.9999:
        raise WrongAnswerError("the signal is not the voice with a gain: something else has changed too.")
    found = loudness(signal)
    if abs(found - TARGET) <= 0.1:
        return "A gain of some dB changes the loudness by as many LU."
    if abs(20 * math.log10(float(one.abs().max())) - TARGET) < 0.1:
        raise WrongAnswerError(f"the peak is at −23 dB; the loudness is {found:.1f} LUFS.")
    if abs(20 * math.log10(float(one.square().mean().sqrt())) - TARGET) < 0.1:
        raise WrongAnswerError(f"the RMS is −23 dB; the loudness is {found:.1f} LUFS.")
    if abs(found - 2 * loudness(voice) - 23) < 0.1:
        raise WrongAnswerError(f"the loudness is {found:.1f} LUFS: the gain has the wrong sign.")
    raise WrongAnswerError(f"the loudness is {found:.1f} LUFS.")


@exercise(hint="How many mel are 8 kHz, and how many are half of that? Solve the formula for f.")
def mel_middle(answer: object) -> str:
    """Check the frequency in Hz that is halfway between 0 and 8 kHz on the mel scale.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "Hz")
    top = 2595 * math.log10(1 + 8000 / 700)
    mistakes = {
        4000.0: "that is the middle in Hz.",
        top / 2: "that is the number of mel; Hz are asked for.",
        700 * (math.exp(top / 2 / 2595) - 1): "the logarithm of the formula has the base 10.",
        700 * 10 ** (top / 2 / 2595): "in the formula 1 is added to f/700.",
        math.sqrt(20 * 8000): "that is the middle on a logarithmic axis from 20 Hz.",
    }
    compare(value, 700 * (math.sqrt(1 + 8000 / 700) - 1), unit="Hz", within=1.0, mistakes=mistakes)
    return "Half of all mel bands up to 8 kHz lie below this frequency."


@exercise(
    hint="Row k of the transform is a cosine with k half periods over the N numbers. Row 0 has a factor of its own."
)
def cosine_transform(answer: object) -> str:
    """Check a function `cosine_transform(x)` that returns the orthonormal DCT-II of a vector `x`, a tensor `(N,)`.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    for size in (8, 40, 1):
        x = torch.randn(size, generator=torch.Generator().manual_seed(15), dtype=torch.float64)
        found = read_tensor(call(answer, x.clone()), (size,))
        right = _dct(size) @ x
        if (found - right).abs().max() <= 1e-4:
            continue
        where = f"for {size} numbers"
        scales = torch.ones(size, dtype=torch.float64)
        scales[0] = math.sqrt(2)
        if (found - scales * right).abs().max() <= 1e-4:
            raise WrongAnswerError(f"{where} c₀ is √2 times too large: s₀ is √(1/N).")
        if (found - scales * math.sqrt(size / 2) * right).abs().max() <= 1e-4:
            raise WrongAnswerError(f"{where} the factors s are missing.")
        if (found - _dct(size).T @ x).abs().max() <= 1e-4:
            raise WrongAnswerError(f"{where} k and n are interchanged: the result is the inverse transform.")
        if (found - _dct(size, shift=0.0) @ x).abs().max() <= 1e-4:
            raise WrongAnswerError(f"{where} the ½ of n + ½ is missing.")
        raise WrongAnswerError(f"{where} c[{int((found - right).abs().argmax())}] is wrong.")
    return "With these factors the transform keeps the energy, and its inverse is its transpose."


def _a_weighting(frequency: float) -> float:
    """Return the A-weighting in dB at a frequency in Hz (IEC 61672-1:2013, annex E)."""
    square, highest = frequency**2, 12_194.0**2
    roots = math.sqrt((square + 107.7**2) * (square + 737.9**2))
    return 20 * math.log10(highest * square**2 / ((square + 20.6**2) * roots * (square + highest))) + 2.0


def _dct(size: int, shift: float = 0.5) -> Tensor:
    """Return the matrix `(size, size)` of the orthonormal DCT-II; `shift` is added to the index `n` in the cosines."""
    k, n = torch.arange(size, dtype=torch.float64)[:, None], torch.arange(size, dtype=torch.float64)
    matrix = math.sqrt(2 / size) * torch.cos(math.pi * k * (n + shift) / size)
    matrix[0] /= math.sqrt(2)
    return matrix
