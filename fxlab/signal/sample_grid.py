"""`SampleGrid`: the checked duration, sample rate and channels of a generated signal, and sums of harmonics."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.signal.samples import as_sample_rate, is_integer, is_number
from fxlab.signal.signal import Signal

MAX_LEVEL_DB = 600.0
"""The highest level in dB: float32 overflows at about 770 dB, and noise has peaks above its level."""


class SampleGrid:
    """The duration, the sample rate and the channels of a signal to generate, checked at creation.

    Args:
        generator: The name of the generator function, for error messages.
        duration: The duration in seconds.
        sample_rate: The sample rate in Hz.
        channels: The number of channels.

    Raises:
        ParameterError: `duration` is not a finite number or contains no sample, or `channels` is not an integer of 1 or
            more.
        SignalError: `sample_rate` is not a finite number above 0.

    >>> SampleGrid("sine", duration=0.5, sample_rate=8000, channels=1).frames
    4000
    """

    def __init__(self, generator: str, duration: float, sample_rate: float, channels: int) -> None:
        self.generator, self.rate, self.channels = generator, as_sample_rate(sample_rate), channels
        self.frames = round(check_number(generator, "duration", duration, "seconds") * self.rate)
        if self.frames < 1:
            raise ParameterError(
                f"{generator}: duration = {duration} s contains no sample at {self.rate} Hz. "
                f"Choose at least {1 / self.rate:.3g} s."
            )
        if not is_integer(channels) or channels < 1:
            raise ParameterError(
                f"{generator}: channels = {channels!r} is not a number of channels. Choose an integer of 1 or more."
            )

    def frame_indices(self) -> Tensor:
        """Return 0, 1, 2, … for all frames, in float64."""
        return torch.arange(self.frames, dtype=torch.float64)

    def check_frequency(self, name: str, frequency: float, *, or_zero: bool = False) -> float:
        """Return `frequency` in Hz as a float.

        Raises:
            ParameterError: `frequency` is not a number above 0 and below half the sample rate; with `or_zero`, 0 is
                allowed too. The message calls it `name`.
        """
        value = check_number(self.generator, name, frequency, "Hz")
        if not (0 < value < self.rate / 2 or (or_zero and value == 0)):
            raise ParameterError(
                f"{self.generator}: {name} = {frequency} Hz cannot be sampled at {self.rate} Hz. Choose "
                f"{name} {'from' if or_zero else 'above'} 0 Hz and below {self.rate / 2:g} Hz (half the "
                "sample rate), or a higher sample_rate."
            )
        return value

    def harmonic_numbers(self, frequency: float) -> Tensor:
        """Return 1, 2, 3, … for all harmonics of `frequency` below half the sample rate.

        Raises:
            ParameterError: `frequency` is not above 0 and below half the sample rate.
        """
        highest = math.ceil(self.rate / 2 / self.check_frequency("frequency", frequency)) - 1
        return torch.arange(1.0, highest + 1, dtype=torch.float64)

    def sum_harmonics(self, frequency: float, harmonics: Tensor, amplitudes: Tensor) -> Tensor:
        """Return the sum of sines at the given `harmonics` of `frequency` in Hz, `(frames,)`.

        Shape:
            `harmonics` and `amplitudes`: `(n,)`.
        """
        # The frames are divided into blocks: sin(a + b) = sin a cos b + cos a sin b, where a is the phase at the start
        # of a block and b the phase since then. The sum over all harmonics is therefore one matrix product, for which
        # only few sines are computed.
        width = math.isqrt(self.frames) + 1
        step = harmonics * (frequency / self.rate)
        start = torch.arange(0, self.frames, width, dtype=torch.float64)[:, None] * step
        since = torch.arange(width, dtype=torch.float64)[:, None] * step
        left = torch.cat((amplitudes * sine_of_cycles(start), amplitudes * sine_of_cycles(start + 0.25)), -1)
        right = torch.cat((sine_of_cycles(since + 0.25), sine_of_cycles(since)), -1)
        return (left @ right.T).flatten()[: self.frames]

    def to_signal(self, samples: Tensor, level_db: float) -> Signal:
        """Return `samples`, scaled by `level_db` dB, as a Signal of float32.

        Shape:
            `samples`: `(time,)`, the same for every channel, or `(channels, time)`.

        Raises:
            ParameterError: `level_db` is not a finite number, or above `MAX_LEVEL_DB`.
        """
        amplitude = 10 ** (check_number(self.generator, "level_db", level_db, "dB") / 20)
        scaled = (amplitude * samples).float().expand(self.channels, -1).contiguous()
        return Signal._of_channels(scaled, self.rate)


def sine_of_cycles(cycles: Tensor) -> Tensor:
    """Return the sine of a phase given in cycles."""
    # Complete cycles are removed first: 2π times a phase of many cycles would lose digits.
    return torch.sin(torch.frac(cycles) * (2 * math.pi))


def check_number(generator: str, name: str, value: float, unit: str) -> float:
    """Return `value` as a float, or raise a `ParameterError` if it is not a finite number.

    If `unit` is "dB", a value above `MAX_LEVEL_DB` raises an error too. The message names `generator`, `name` and the
    expected `unit`.
    """
    if not is_number(value) or not math.isfinite(value):
        raise ParameterError(f"{generator}: {name} = {value!r} is not a finite number. Give it in {unit}.")
    if unit == "dB" and value > MAX_LEVEL_DB:
        raise ParameterError(f"{generator}: {name} is {value:g} dB; it must be at most {MAX_LEVEL_DB:g} dB.")
    return float(value)
