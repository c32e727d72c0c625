"""Test sounds made on the spot: tones, sweeps, impulses, noise and silence, each one a Signal.

They are computed in float64 and returned as float32, the same on every run. Each is as long as asked for, to
the nearest sample. Tones start at phase 0, with no fade, alike in every channel; noise is independent in every
channel. Full scale (0 dBFS) is a sample of ±1.
"""

from __future__ import annotations

import math
from typing import Literal

import torch

from fxlab.errors import ParameterError
from fxlab.signal.sample_grid import Grid, number, sine_of, whole
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
    """Make a sine tone of `frequency` Hz and `duration` seconds, with its peak at `level_db` dBFS.

    Raises:
        ParameterError: `frequency` is not between 0 and `sample_rate / 2`.

    >>> sine(1000.0, duration=2.0)
    Signal(1 channel, 2 s at 44100 Hz, peak -6.0 dBFS)
    """
    grid = Grid("sine", duration, sample_rate, channels)
    cycles = grid.frames_from_zero() * (grid.below_nyquist("frequency", frequency) / grid.rate)
    return grid.signal(sine_of(cycles), level_db)


def square(
    frequency: float = 440.0,
    duration: float = 1.0,
    *,
    sample_rate: float = 44_100,
    level_db: float = -6.0,
    channels: int = 1,
) -> Signal:
    """Make a square wave of all its odd harmonics below `sample_rate / 2`, and so without aliasing.

    A band-limited square rings at its edges (Gibbs). `level_db` is the peak of that ringing in dBFS, between
    the samples too; the flat part lies about 1.4 dB lower.

    Raises:
        ParameterError: `frequency` is not between 0 and `sample_rate / 2`.

    >>> square(100.0, duration=0.5)
    Signal(1 channel, 0.5 s at 44100 Hz, peak -6.0 dBFS)
    """
    grid = Grid("square", duration, sample_rate, channels)
    harmonics = grid.harmonics(frequency)[::2]
    # The first crest of the partial sum, π / (last harmonic + 1) into the cycle, is its highest.
    crest = (torch.sin(harmonics * (math.pi / (harmonics[-1].item() + 1))) / harmonics).sum()
    return grid.signal(grid.additive(frequency, harmonics, 1 / (harmonics * crest)), level_db)


def sawtooth(
    frequency: float = 440.0,
    duration: float = 1.0,
    *,
    sample_rate: float = 44_100,
    level_db: float = -6.0,
    channels: int = 1,
) -> Signal:
    """Make a rising sawtooth of all its harmonics below `sample_rate / 2`, and so without aliasing.

    As in `square`, `level_db` is the peak of the ringing at the jump, in dBFS.

    Raises:
        ParameterError: `frequency` is not between 0 and `sample_rate / 2`.

    >>> sawtooth(100.0, duration=0.5, channels=2)
    Signal(2 channels, 0.5 s at 44100 Hz, peak -6.0 dBFS)
    """
    grid = Grid("sawtooth", duration, sample_rate, channels)
    harmonics = grid.harmonics(frequency)
    crest = (torch.sin(harmonics * (math.pi / (harmonics[-1].item() + 1))) / harmonics).sum()
    return grid.signal(grid.additive(frequency, harmonics, -1 / (harmonics * crest)), level_db)


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
    """Make a sine whose frequency runs from `start_frequency` to `stop_frequency` Hz, up or down.

    With `method="log"` it passes as many octaves in every second, with `"linear"` as many Hz.
    `level_db` is its peak in dBFS.

    Raises:
        ParameterError: a frequency is not between 0 and `sample_rate / 2` (a linear sweep may touch 0 Hz).

    Source:
        A. Farina, "Simultaneous measurement of impulse response and distortion with a swept-sine technique",
        AES 108th Convention, 2000 (the logarithmic sweep).

    >>> chirp(20.0, 20_000.0, duration=3.0)
    Signal(1 channel, 3 s at 44100 Hz, peak -6.0 dBFS)
    """
    grid = Grid("chirp", duration, sample_rate, channels)
    if method not in ("log", "linear"):
        raise ParameterError(f"chirp: method = {method!r} is not known. Choose 'log' or 'linear'.")
    first = grid.below_nyquist("start_frequency", start_frequency, or_zero=method == "linear")
    last = grid.below_nyquist("stop_frequency", stop_frequency, or_zero=method == "linear")
    time, length = grid.frames_from_zero() / grid.rate, grid.frames / grid.rate
    octaves = math.log(last / first) if method == "log" else 0.0
    if octaves == 0.0:
        cycles = first * time + (last - first) * time**2 / (2 * length)
    else:  # expm1 keeps the sweep exact when the two frequencies are close
        cycles = first * length / octaves * torch.expm1(time * (octaves / length))
    return grid.signal(sine_of(cycles), level_db)


def impulse(
    duration: float = 1.0,
    *,
    delay: float = 0.0,
    sample_rate: float = 44_100,
    level_db: float = 0.0,
    channels: int = 1,
) -> Signal:
    """Make silence with one sample of `level_db` dBFS in it, `delay` seconds from the start.

    At 0 dB, whatever a filter makes of it is the filter's impulse response.

    Raises:
        ParameterError: `delay` does not fall on a sample of the signal.

    >>> impulse(duration=0.001, sample_rate=4000).samples
    tensor([[1., 0., 0., 0.]])
    """
    grid = Grid("impulse", duration, sample_rate, channels)
    place = round(number("impulse", "delay", delay, "seconds") * grid.rate)
    if not 0 <= place < grid.frames:
        raise ParameterError(
            f"impulse: delay = {delay} s is outside the signal. Choose 0 <= delay < {grid.frames / grid.rate:g} s."
        )
    samples = torch.zeros(grid.frames, dtype=torch.float64)
    samples[place] = 1.0
    return grid.signal(samples, level_db)


def noise(
    color: Literal["white", "pink", "brown", "blue", "violet"] = "white",
    duration: float = 1.0,
    *,
    sample_rate: float = 44_100,
    level_db: float = -20.0,
    seed: int = 0,
    channels: int = 1,
) -> Signal:
    """Make Gaussian noise whose power rises or falls with frequency by a color's slope.

    Slopes: white 0 dB per octave, pink -3, brown -6, blue +3, violet +6. Below 20 Hz the colored ones are
    level, and they hold no constant. Their ends meet, so they loop with no click. The same seed gives the
    same noise. `level_db` is the RMS of each channel in dB, 0 dB being an RMS of 1; the peaks lie 10 to 15 dB
    higher.

    Raises:
        ParameterError: the color is not known, or the seed is no whole number.

    Source:
        J. Timmer and M. König, "On generating power law noise", Astronomy & Astrophysics 300, 1995.

    >>> noise("pink", duration=2.0, level_db=-20.0).samples.square().mean().sqrt()
    tensor(0.1000)
    """
    grid = Grid("noise", duration, sample_rate, channels)
    if color not in _SLOPES:
        raise ParameterError(f"noise: color = {color!r} is not known. Choose one of {', '.join(_SLOPES)}.")
    if grid.frames < 2:
        raise ParameterError("noise: one sample is no noise. Choose a duration of at least two samples.")
    generator = torch.Generator().manual_seed(whole("noise", "seed", seed))
    samples = torch.randn(channels, grid.frames, generator=generator, dtype=torch.float64)
    if color != "white":
        spectrum = torch.fft.rfft(samples)
        frequency = torch.arange(spectrum.shape[-1], dtype=torch.float64) * (grid.rate / grid.frames)
        gain = (frequency.clamp(min=20.0) / grid.rate) ** (_SLOPES[color] / 2)
        gain[0] = 0.0
        samples = torch.fft.irfft(spectrum * gain, grid.frames)
    return grid.signal(samples / samples.square().mean(-1, keepdim=True).sqrt(), level_db)


def silence(duration: float = 1.0, *, sample_rate: float = 44_100, channels: int = 1) -> Signal:
    """Make `duration` seconds of zeros.

    >>> silence(0.5, channels=2)
    Signal(2 channels, 0.5 s at 44100 Hz, silent)
    """
    grid = Grid("silence", duration, sample_rate, channels)
    return grid.signal(torch.zeros(grid.frames, dtype=torch.float64), 0.0)
