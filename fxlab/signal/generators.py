"""Generators of test signals: tones, sweeps, impulses, noise and silence.

The generators compute in float64, return float32 and give the same result on every run. The duration in seconds is
rounded to the nearest sample. Tones start at phase 0, without a fade, and are identical in all channels; noise is
independent in every channel. Full scale (0 dBFS) is a sample of ±1.
"""

from __future__ import annotations

import math
from typing import Literal

import torch

from fxlab.errors import ParameterError
from fxlab.signal.sample_grid import SampleGrid, check_number, sine_of_cycles
from fxlab.signal.samples import check_seed
from fxlab.signal.signal import Signal

_SLOPES = {"white": 0.0, "pink": -1.0, "brown": -2.0, "blue": 1.0, "violet": 2.0}


def sine(
    frequency: float = 440.0,
    duration: float = 1.0,
    *,
    sample_rate: float = 44_100,
    level_db: float = -6.0,
    channels: int = 1,
) -> Signal:
    """Return a sine tone.

    Args:
        frequency: The frequency in Hz.
        duration: The duration in seconds.
        sample_rate: The sample rate in Hz.
        level_db: The peak of the sine in dBFS; it may lie between two samples.
        channels: The number of channels, which are identical.

    Raises:
        ParameterError: `frequency` is not between 0 and `sample_rate / 2`, or another argument is invalid.
        SignalError: `sample_rate` is not a finite number above 0.

    >>> sine(1000.0, duration=2.0)
    Signal(1 channel, 2 s at 44100 Hz, peak -6.0 dBFS)
    """
    grid = SampleGrid("sine", duration, sample_rate, channels)
    cycles = grid.frame_indices() * (grid.check_frequency("frequency", frequency) / grid.rate)
    return grid.to_signal(sine_of_cycles(cycles), level_db)


def square(
    frequency: float = 440.0,
    duration: float = 1.0,
    *,
    sample_rate: float = 44_100,
    level_db: float = -6.0,
    channels: int = 1,
) -> Signal:
    """Return a square wave without aliasing, the sum of all its odd harmonics below `sample_rate / 2`.

    A band-limited square wave rings at its edges (Gibbs phenomenon). `level_db` is the peak of that ringing in dBFS,
    including peaks between the samples; with many harmonics the flat part is about 1.4 dB lower. The other arguments
    are those of `sine`.

    Raises:
        ParameterError: `frequency` is not between 0 and `sample_rate / 2`, or another argument is invalid.
        SignalError: `sample_rate` is not a finite number above 0.

    >>> square(100.0, duration=0.5)
    Signal(1 channel, 0.5 s at 44100 Hz, peak -6.0 dBFS)
    """
    grid = SampleGrid("square", duration, sample_rate, channels)
    harmonics = grid.harmonic_numbers(frequency)[::2]
    # The highest crest of the partial sum is the first one, at the phase π / (last harmonic + 1).
    crest = (torch.sin(harmonics * (math.pi / (harmonics[-1].item() + 1))) / harmonics).sum()
    return grid.to_signal(grid.sum_harmonics(frequency, harmonics, 1 / (harmonics * crest)), level_db)


def sawtooth(
    frequency: float = 440.0,
    duration: float = 1.0,
    *,
    sample_rate: float = 44_100,
    level_db: float = -6.0,
    channels: int = 1,
) -> Signal:
    """Return a rising sawtooth without aliasing, the sum of all its harmonics below `sample_rate / 2`.

    As for `square`, `level_db` is the peak of the ringing at the jump in dBFS. The other arguments are those of `sine`.

    Raises:
        ParameterError: `frequency` is not between 0 and `sample_rate / 2`, or another argument is invalid.
        SignalError: `sample_rate` is not a finite number above 0.

    >>> sawtooth(100.0, duration=0.5, channels=2)
    Signal(2 channels, 0.5 s at 44100 Hz, peak -6.0 dBFS)
    """
    grid = SampleGrid("sawtooth", duration, sample_rate, channels)
    harmonics = grid.harmonic_numbers(frequency)
    crest = (torch.sin(harmonics * (math.pi / (harmonics[-1].item() + 1))) / harmonics).sum()
    return grid.to_signal(grid.sum_harmonics(frequency, harmonics, -1 / (harmonics * crest)), level_db)


def chirp(
    start_frequency: float = 20.0,
    stop_frequency: float = 20_000.0,
    duration: float = 5.0,
    *,
    method: Literal["log", "linear"] = "log",
    sample_rate: float = 44_100,
    level_db: float = -6.0,
    channels: int = 1,
) -> Signal:
    """Return a sine sweep from `start_frequency` to `stop_frequency` in Hz, upward or downward.

    With `method="log"` the sweep covers the same number of octaves in every second, with `"linear"` the same number of
    Hz. The other arguments are those of `sine`.

    Raises:
        ParameterError: A frequency is not between 0 and `sample_rate / 2` (a linear sweep may start or end at 0 Hz),
            `method` is unknown, or another argument is invalid.
        SignalError: `sample_rate` is not a finite number above 0.

    Source:
        A. Farina, "Simultaneous measurement of impulse response and distortion with a swept-sine technique",
        AES 108th Convention, 2000 (the logarithmic sweep).

    >>> chirp(20.0, 20_000.0, duration=3.0)
    Signal(1 channel, 3 s at 44100 Hz, peak -6.0 dBFS)
    """
    grid = SampleGrid("chirp", duration, sample_rate, channels)
    if method not in ("log", "linear"):
        raise ParameterError(f"chirp: method = {method!r} is not known. Choose 'log' or 'linear'.")
    first = grid.check_frequency("start_frequency", start_frequency, or_zero=method == "linear")
    last = grid.check_frequency("stop_frequency", stop_frequency, or_zero=method == "linear")
    time, length = grid.frame_indices() / grid.rate, grid.frames / grid.rate
    log_ratio = math.log(last / first) if method == "log" else 0.0
    if log_ratio == 0.0:
        cycles = first * time + (last - first) * time**2 / (2 * length)
    else:  # expm1 keeps the sweep exact when the two frequencies are close
        cycles = first * length / log_ratio * torch.expm1(time * (log_ratio / length))
    return grid.to_signal(sine_of_cycles(cycles), level_db)


def impulse(
    duration: float = 1.0,
    *,
    delay: float = 0.0,
    sample_rate: float = 44_100,
    level_db: float = 0.0,
    channels: int = 1,
) -> Signal:
    """Return a signal of zeros except for one sample of `level_db` dBFS, `delay` seconds from the start.

    The delay is rounded to the nearest sample. With `level_db=0.0` and `delay=0.0`, the output of a filter for this
    signal is the filter's impulse response. The other arguments are those of `sine`.

    Raises:
        ParameterError: `delay` lies outside the signal, or another argument is invalid.
        SignalError: `sample_rate` is not a finite number above 0.

    >>> impulse(duration=0.001, sample_rate=4000).samples
    tensor([[1., 0., 0., 0.]])
    """
    grid = SampleGrid("impulse", duration, sample_rate, channels)
    position = round(check_number("impulse", "delay", delay, "seconds") * grid.rate)
    if not 0 <= position < grid.frames:
        raise ParameterError(
            f"impulse: delay = {delay} s is outside the signal. Choose 0 <= delay < {grid.frames / grid.rate:g} s."
        )
    samples = torch.zeros(grid.frames, dtype=torch.float64)
    samples[position] = 1.0
    return grid.to_signal(samples, level_db)


def noise(
    color: Literal["white", "pink", "brown", "blue", "violet"] = "white",
    duration: float = 1.0,
    *,
    sample_rate: float = 44_100,
    level_db: float = -20.0,
    seed: int = 0,
    channels: int = 1,
) -> Signal:
    """Return Gaussian noise whose power density has the slope over frequency that `color` names.

    The slopes are: white 0 dB per octave, pink -3, brown -6, blue +3, violet +6. The spectrum of colored noise is flat
    below 20 Hz and has no DC component, and colored noise is periodic, so that it loops without a click. The same
    `seed` gives the same noise. `level_db` is the RMS of each channel in dB, where 0 dB is an RMS of 1; the peaks are
    usually 8 to 15 dB higher. The other arguments are those of `sine`.

    Raises:
        ParameterError: The color is not known, the seed is not an integer from -2^63 to 2^64 - 1, the duration is less
            than two samples, or another argument is invalid.
        SignalError: `sample_rate` is not a finite number above 0.

    Source:
        J. Timmer and M. König, "On generating power law noise", Astronomy & Astrophysics 300, 1995.

    >>> noise("pink", duration=2.0, level_db=-20.0).samples.square().mean().sqrt()
    tensor(0.1000)
    """
    grid = SampleGrid("noise", duration, sample_rate, channels)
    if color not in _SLOPES:
        raise ParameterError(f"noise: color = {color!r} is not known. Choose one of {', '.join(_SLOPES)}.")
    if grid.frames < 2:
        raise ParameterError("noise: one sample is too few. Choose a duration of at least two samples.")
    generator = torch.Generator().manual_seed(check_seed("noise", seed))
    samples = torch.randn(channels, grid.frames, generator=generator, dtype=torch.float64)
    if color != "white":
        spectrum = torch.fft.rfft(samples)
        frequency = torch.arange(spectrum.shape[-1], dtype=torch.float64) * (grid.rate / grid.frames)
        gain = (frequency.clamp(min=20.0) / grid.rate) ** (_SLOPES[color] / 2)
        gain[0] = 0.0
        samples = torch.fft.irfft(spectrum * gain, grid.frames)
    return grid.to_signal(samples / samples.square().mean(-1, keepdim=True).sqrt(), level_db)


def silence(duration: float = 1.0, *, sample_rate: float = 44_100, channels: int = 1) -> Signal:
    """Return `duration` seconds of zeros; the other arguments are those of `sine`.

    Raises:
        ParameterError: `duration` or `channels` is invalid.
        SignalError: `sample_rate` is not a finite number above 0.

    >>> silence(0.5, channels=2)
    Signal(2 channels, 0.5 s at 44100 Hz, silent)
    """
    grid = SampleGrid("silence", duration, sample_rate, channels)
    return grid.to_signal(torch.zeros(grid.frames, dtype=torch.float64), 0.0)
