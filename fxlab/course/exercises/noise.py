"""Checks of notebook 6: noise and power spectra."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.course.answers import call, compare, read_number, read_tensor
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError


@exercise(hint="Which part of the whole power is in the band? Its level is lower by 10 times the logarithm of that.")
def noise_in_band(answer: object) -> str:
    """Check the level in dB of white noise in the band from 1000 to 2000 Hz.

    The level of the complete noise, from 0 to 22 050 Hz, is -20 dB.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "dB")
    part = 10 * math.log10(1000 / 22_050)
    mistakes = {
        -20 + 2 * part: "powers are in proportion to the bandwidth, so it is 10 times the logarithm.",
        part: "that is the part in dB; the noise itself has -20 dB.",
        -20 - part: "a part cannot have more power than the whole.",
        -20 + 10 * math.log10(1000 / 44_100): "the power is spread up to half the sample rate only.",
        -20 + 10 * math.log10(2000 / 22_050): "the band is 1000 Hz wide.",
        0.01 / 22.05: "that is the power; its level in dB is asked for.",
    }
    compare(value, -20 + part, unit="dB", within=0.05, mistakes=mistakes)
    return "Half the bandwidth is 3 dB less noise."


@exercise(hint="Divide by the sample rate and the sum of the squared window; times two, for the mirrored half.")
def power_density(answer: object) -> str:
    """Check a function `power_density(x, N, sample_rate)`: the one-sided power spectral density by Welch's method.

    `x` is a tensor `(time,)`. The result, `(N // 2 + 1,)`, is in units of power per Hz, from Hann windows of N samples
    with a hop of `N // 2`.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    generator = torch.Generator().manual_seed(4)
    for size, rate, rms in ((512, 8000.0, 1.0), (1024, 44_100.0, 0.1)):
        x = rms * torch.randn(200_000, generator=generator, dtype=torch.float64)
        found = read_tensor(call(answer, x, size, rate))
        if found.ndim == 2:
            raise WrongAnswerError(f"the result has the shape {tuple(found.shape)}: take the mean over the frames.")
        if tuple(found.shape) != (size // 2 + 1,):
            raise WrongAnswerError(f"the result has the shape {tuple(found.shape)}; ({size // 2 + 1},) is asked for.")
        ratio = float(found[1:-1].mean()) / (rms**2 / (rate / 2))
        if abs(ratio - 1) > 0.03:
            raise WrongAnswerError(f"white noise of the RMS {rms:g} at {rate:g} Hz: {_fault(ratio, found, size, rate)}")
        expected = _welch(x, size, rate)[1:-1]
        if float((found[1:-1] / expected - 1).abs().max()) > 0.01:
            raise WrongAnswerError(
                f"the mean is right, but the bins differ from Welch's method by up to "
                f"{100 * float((found[1:-1] / expected - 1).abs().max()):.0f} %. Are window, hop and mean as asked for?"
            )
    return "Its integral is the power of the signal."


def _welch(x: Tensor, size: int, rate: float) -> Tensor:
    """Return the one-sided power spectral density of `x` by Welch's method, `(size // 2 + 1,)`, for a `rate` in Hz.

    The first and the last bin have twice the right value, since they have no mirror image.
    """
    window = torch.hann_window(size, dtype=torch.float64)
    power = torch.fft.rfft(x.unfold(0, size, size // 2) * window).abs().square().mean(0)
    density: Tensor = 2 * power / (rate * window.square().sum())
    return density


def _fault(ratio: float, found: Tensor, size: int, rate: float) -> str:
    """Return a sentence about the probable fault of the density `found`, whose mean is `ratio` times the right one."""
    if bool((found < 0).any()):
        return "the density has values below zero. Are they in dB? Powers are asked for."
    faults = {
        0.5: "the density is half of what it should be. Is it one-sided?",
        rate: "the density is too large by the sample rate: it is not per Hz.",
        2.0: "the density is twice what it should be.",
        3 / 8: "the density is 3/8 of what it should be: divide by the sum of the squared window, not by N.",
        3 * size / 8: "the density is too large: divide by the sum of the squared window.",
        1.5 / size: "the density is too small: divide by the sum of the squares, not by the square of the sum.",
    }
    for wrong, says in faults.items():
        if abs(ratio / wrong - 1) < 0.03:
            return says
    return f"the density is {ratio:.3g} times what it should be."


@exercise(hint="How many times as wide is the one octave as the other?")
def white_noise_octaves(answer: object) -> str:
    """Check the level of white noise in the octave from 4000 Hz, in dB relative to that in the octave from 125 Hz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "dB")
    mistakes = {
        32.0: "that is the ratio of the powers; the answer is asked for in dB.",
        5.0: "that is the number of octaves between them.",
        0.0: "that is true of pink noise.",
        20 * math.log10(32): "powers are in proportion to the bandwidth, so it is 10 times the logarithm.",
    }
    compare(value, 10 * math.log10(32), unit="dB", within=0.1, mistakes=mistakes)
    return "The octave is 32 times as wide: 3 dB for each of the five doublings."
