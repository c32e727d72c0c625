"""The samples that a generator has to fill: how many, how fast, in how many channels."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.signal.samples import as_sample_rate, is_number
from fxlab.signal.signal import Signal


class Grid:
    """What `maker` has to fill, checked: every message names it.

    >>> Grid("sine", duration=0.5, sample_rate=8000, channels=1).frames
    4000
    """

    def __init__(self, maker: str, duration: float, sample_rate: float, channels: int) -> None:
        self.maker, self.rate, self.channels = maker, as_sample_rate(sample_rate), channels
        self.frames = round(number(maker, "duration", duration, "seconds") * self.rate)
        if self.frames < 1:
            raise ParameterError(
                f"{maker}: duration = {duration} s holds no sample at {self.rate} Hz. "
                f"Choose at least {1 / self.rate:.3g} s."
            )
        if isinstance(channels, bool) or not isinstance(channels, int) or channels < 1:
            raise ParameterError(f"{maker}: channels = {channels!r} is no number of channels. Choose 1 or more.")

    def frames_from_zero(self) -> Tensor:
        """Return the numbers of the frames."""
        return torch.arange(self.frames, dtype=torch.float64)

    def below_nyquist(self, name: str, frequency: float, *, or_zero: bool = False) -> float:
        """Return `frequency` if it lies in (0, sample_rate / 2)."""
        value = number(self.maker, name, frequency, "Hz")
        if not (0 < value < self.rate / 2 or (or_zero and value == 0)):
            raise ParameterError(
                f"{self.maker}: {name} = {frequency} Hz cannot be sampled at {self.rate} Hz. Choose "
                f"{name} {'from' if or_zero else 'above'} 0 Hz and below {self.rate / 2:g} Hz (half the "
                "sample rate), or a higher sample_rate."
            )
        return value

    def harmonics(self, frequency: float) -> Tensor:
        """Return 1, 2, 3 … of all harmonics below half the sample rate."""
        highest = math.ceil(self.rate / 2 / self.below_nyquist("frequency", frequency)) - 1
        return torch.arange(1.0, highest + 1, dtype=torch.float64)

    def additive(self, frequency: float, harmonics: Tensor, amplitudes: Tensor) -> Tensor:
        """Add up sines at the harmonics of `frequency`.

        The frames are cut into blocks: sin(a + b) = sin a cos b + cos a sin b, with a the phase at the start
        of a block and b the phase since, so the sum over all harmonics is one matrix product, of few sines.
        """
        width = math.isqrt(self.frames) + 1
        step = harmonics * (frequency / self.rate)
        start = torch.arange(0, self.frames, width, dtype=torch.float64)[:, None] * step
        since = torch.arange(width, dtype=torch.float64)[:, None] * step
        left = torch.cat((amplitudes * sine_of(start), amplitudes * sine_of(start + 0.25)), -1)
        right = torch.cat((sine_of(since + 0.25), sine_of(since)), -1)
        return (left @ right.T).flatten()[: self.frames]

    def signal(self, samples: Tensor, level_db: float) -> Signal:
        """Return `samples`, of one channel or of all, `level_db` dB up, as a Signal of float32."""
        amplitude = 10 ** (number(self.maker, "level_db", level_db, "dB") / 20)
        return Signal((amplitude * samples).float().expand(self.channels, -1).contiguous(), self.rate)


def sine_of(cycles: Tensor) -> Tensor:
    """Return the sine of a phase given in cycles."""
    # Whole cycles go first: a phase of many cycles times 2π would lose digits.
    return torch.sin(torch.frac(cycles) * (2 * math.pi))


def whole(maker: str, name: str, value: int) -> int:
    """Return `value` if it is a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ParameterError(f"{maker}: {name} = {value!r} is not a whole number. Choose one, such as 0.")
    return value


def number(maker: str, name: str, value: float, unit: str) -> float:
    """Return `value` if it is a finite number."""
    if not is_number(value) or not math.isfinite(value):
        raise ParameterError(f"{maker}: {name} = {value!r} is not a finite number. Give it in {unit}.")
    return float(value)
