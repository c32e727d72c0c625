"""Checks of notebook 5: the short-time Fourier transform and spectrograms."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.course.answers import call, compare, read_number, read_tensor
from fxlab.course.check import exercise
from fxlab.course.wrong_answer import WrongAnswerError


@exercise(hint="The first frame takes 512 samples. Each further one takes 128 more.")
def frame_count(answer: object) -> str:
    """Check the number of whole frames of 512 samples, with a hop of 128, in 16 000 samples.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer)
    mistakes = {
        121.0: "the hops are counted, but not the frame before the first hop.",
        125.0: "the last frames would reach beyond the end.",
        126.0: "the last frames would reach beyond the end.",
        31.0: "so many frames fit side by side, but they overlap.",
        31.25: "so many frames fit side by side, but they overlap.",
    }
    compare(value, 122.0, within=0.001, mistakes=mistakes)
    return "There is one frame, and one more for every hop that still fits."


@exercise(hint="Frames times window, rfft, absolute value, scale by 2 over the sum of the window, dB. Bins come first.")
def spectrogram_levels(answer: object) -> str:
    """Check a function `levels(x, N, H)` that returns a spectrogram in dB, `(bins, frames)`, with a Hann window.

    `x` is a tensor `(time,)`, N the frame length and H the hop in samples. A sine of amplitude 1 in the middle of a bin
    has 0 dB.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    for size, hop in ((256, 64), (512, 200)):
        x = torch.cat([_tone(size, 20, 4096), 0.1 * _tone(size, 60, 4096)])
        frames, bins = 1 + (len(x) - size) // hop, size // 2 + 1
        found = read_tensor(call(answer, x, size, hop))
        _check_shape(tuple(found.shape), (bins, frames), size, hop)
        early, late = frames // 4, 3 * frames // 4
        for frame, place, level in ((early, 20, 0.0), (late, 60, -20.0)):
            said = f"with N = {size} and H = {hop}, a sine of {level:g} dB in bin {place}"
            if int(found[:, frame].argmax()) != place:
                raise WrongAnswerError(f"{said} has its peak in bin {int(found[:, frame].argmax())}.")
            value = float(found[place, frame])
            if abs(value - level) > 0.05:
                raise WrongAnswerError(f"{said} has {value:.2f} dB.")
        tone = read_tensor(call(answer, _tone(size, 20.5, 2048), size, hop))[:, 3]
        if float(tone[60]) > -80.0 or abs(float(tone[20]) + 1.42) > 0.1:
            raise WrongAnswerError(
                f"a tone between two bins has {float(tone[20]):.2f} dB, and {float(tone[60]):.0f} dB 40 bins away. "
                "With a Hann window it has -1.42 dB, and less than -80 dB."
            )
    return "Each column is the spectrum of a frame."


def _tone(size: int, cycles: float, frames: int) -> Tensor:
    """Return `frames` samples of a sine of amplitude 1 that has `cycles` periods in `size` samples."""
    return torch.sin(torch.arange(frames, dtype=torch.float64) * (2 * math.pi * cycles / size))


def _check_shape(found: tuple[int, ...], right: tuple[int, int], size: int, hop: int) -> None:
    if found == right:
        return
    says = f"with N = {size} and H = {hop}, the result has the shape {found}; (bins, frames) = {right} is asked for."
    if found == right[::-1]:
        says += " Bins and frames are exchanged: transpose it with .T."
    elif found and found[0] == size:
        says += " rfft returns the bins up to N/2."
    raise WrongAnswerError(says)


@exercise(hint="Four bins are 4 times the sample rate over N. How large may they be?")
def semitone_frame(answer: object) -> str:
    """Check the smallest frame length that is a power of two and separates the main lobes of 440 Hz and 466.16 Hz.

    The window is a Hann window, and the sample rate 44 100 Hz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "samples")
    mistakes = {
        4096.0: "its main lobes are 43 Hz wide, and the tones are 26 Hz apart.",
        2048.0: "its bins are 21.5 Hz apart, but a main lobe is four bins wide.",
        1024.0: "its main lobes are 172 Hz wide, and the tones are 26 Hz apart.",
        16_384.0: "this would do, but it is not the smallest.",
        13.0: "that is the exponent of two; the length is asked for.",
    }
    if abs(value - 4 * 44_100 / 26.16) < 10:
        raise WrongAnswerError(f"{value:.6g} would do, but it is not a power of two.")
    compare(value, 8192.0, unit="samples", within=0.5, mistakes=mistakes, sample_rate=44_100)
    return "Its main lobes are 21.5 Hz wide. It lasts 186 ms, so it blurs anything faster."


@exercise(hint="The robot makes one pulse per hop.")
def robot_hop(answer: object) -> str:
    """Check the hop in samples that gives 200 pulses per second at 16 kHz.

    Raises:
        WrongAnswerError: The answer is wrong or of the wrong type.
    """
    value = read_number(answer, "samples")
    mistakes = {
        320.0: "the pulses would come 50 times per second.",
        102.4: "with this hop the pitch rises in the ratio 128 to 102.4.",
        200.0: "the pulses would come 80 times per second.",
        40.0: "the pulses would come 400 times per second.",
        125.0: "the pulses would come 128 times per second.",
        128.0: "the pulses come 125 times per second.",
    }
    compare(value, 80.0, unit="samples", within=0.01, mistakes=mistakes, sample_rate=16_000)
    return "16 000 samples per second and 80 samples per pulse make 200 pulses per second."
