"""The synchronised exponential sweep, and how its response is taken apart.

With the phase `2 π f L e^(t/L)` an m-th harmonic, whose phase is m times that, is the same sweep begun `L ln m`
earlier. Divided by the sweep's spectrum, each order therefore becomes an impulse response of its own, at `-L ln m`.

Source:
    A. Novak, P. Lotton and L. Simon, "Synchronized swept-sine: theory, application, and implementation", J. Audio Eng.
    Soc. 63, 2015.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

_BEFORE = 0.4  # of the way to the next higher order belongs to what lies behind it
_FADE = 0.7  # of that is faded in
_ALIASES = 0.38  # of the pace: so long behind a harmonic at 0.4 of the sample rate its own alias comes


@dataclass(frozen=True)
class Sweep:
    """A sweep from `low` to half of `rate`, at full amplitude between `first` and `last`; all in Hz."""

    low: float
    first: float
    last: float
    rate: float
    pace: float
    """In seconds: how long the frequency takes to grow e-fold."""
    frames: int
    """Of the sweep itself."""
    tail: int
    """Samples of silence that follow."""
    amplitude: float
    size: int
    """Of all transforms: it holds the tail, and all harmonics before 0."""

    @classmethod
    def of(cls, first: float, last: float, rate: float, *, duration: float, tail: int, amplitude: float) -> Sweep:
        """One of about `duration` seconds, that begins two octaves below `first` and at phase 0."""
        low = first / 4
        octaves = math.log(rate / 2 / low)
        pace = max(1, round(low * duration / octaves)) / low
        frames = math.floor(pace * octaves * rate)
        return cls(low, first, last, rate, pace, frames, tail, amplitude, _fast(2 * frames + tail))

    def samples(self) -> Tensor:
        """The sweep and the silence after it, `(time,)`."""
        sweep = self.amplitude * self._unit()
        return torch.nn.functional.pad(sweep, (0, self.tail))

    def deconvolved(self, heard: Tensor) -> tuple[Tensor, Tensor]:
        """The response by the sweep as it is, in which the linear part is exact, and by its formula."""
        bins = torch.arange(self.size // 2 + 1, dtype=torch.float64)
        hertz = bins * (self.rate / self.size)
        spectrum = torch.fft.rfft(heard, self.size) / self.amplitude
        # Below what was played there is nothing to divide by.
        band = _rise(hertz, self.low * 1.05, self.first * 0.65) * (1 - _rise(hertz, self.last, self.rate / 2))
        there = band > 0
        own = torch.fft.rfft(self._unit(), self.size)
        exact = torch.where(there, spectrum * band / torch.where(there, own, torch.ones_like(own)), 0)
        f = torch.where(there, hertz, self.first)
        turns = torch.remainder(f * self.pace * (1 - torch.log(f / self.low)) - 0.125, 1.0)
        size = torch.sqrt(self.pace / f) * (self.rate / 2)
        formula = torch.polar(size, 2 * math.pi * turns)
        apart = torch.where(there, spectrum * band / formula, 0)
        return torch.fft.irfft(exact, self.size), torch.fft.irfft(apart, self.size)

    def linear(self, response: Tensor, bins: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The spectrum of what lies about 0, its group delay in samples and its phase without jumps, at `bins`."""
        before = _BEFORE * self.pace * math.log(2)
        part, start = self._between(response, -before, self.tail / self.rate, before * _FADE)
        place = torch.arange(part.shape[-1], dtype=torch.float64) + start
        whole, moment = torch.fft.rfft(part, self.size), torch.fft.rfft(part * place, self.size)
        k = torch.arange(whole.shape[-1], dtype=torch.float64)
        spectrum = whole * self._shift(k, start)
        delay = (moment / torch.where(whole == 0, torch.ones_like(whole), whole)).real
        # Unwrapped on all bins from the lowest up, with the delay of the highest peak taken off meanwhile.
        peak = float(place[int(part.abs().reshape(-1, part.shape[-1]).amax(0).argmax())])
        inside = slice(int(bins[0]), int(bins[-1]) + 1)
        still = np.angle((spectrum * self._shift(k, -peak))[..., inside].numpy())
        turned = torch.from_numpy(np.unwrap(still)) - 2 * math.pi / self.size * peak * k[inside]
        return spectrum[..., bins], delay[..., bins], turned[..., bins - bins[0]]

    def harmonic(self, response: Tensor, order: int, bins: Tensor, highest: float) -> Tensor:
        """The spectrum of the harmonic of `order` at that multiple of `bins`; NaN where it is above `highest` Hz."""
        centre = -self.pace * math.log(order)
        before = _BEFORE * self.pace * math.log((order + 1) / order)
        behind = self.pace * min((1 - _BEFORE) * math.log(order / (order - 1)), _ALIASES)
        part, start = self._between(response, centre - before, centre + behind, before * _FADE)
        at = bins * order
        there = at <= highest * self.size / self.rate
        at = torch.where(there, at, 0)
        turns = torch.remainder(at.double() * (start / self.size - centre * self.rate / self.size), 1.0)
        spectrum = torch.fft.rfft(part, self.size)[..., at] * torch.polar(torch.ones_like(turns), -2 * math.pi * turns)
        return torch.where(there, spectrum, complex(math.nan, math.nan))

    def _unit(self) -> Tensor:
        time = torch.arange(self.frames, dtype=torch.float64) / self.rate
        growth = torch.exp(time / self.pace)
        now = self.low * growth
        fade = _rise(now.log(), math.log(self.low), math.log(self.first)) * (
            1 - _rise(now.log(), math.log(self.last), math.log(self.rate / 2))
        )
        return fade * torch.sin(2 * math.pi * torch.remainder(self.low * self.pace * growth, 1.0))

    def _between(self, response: Tensor, start: float, stop: float, fade: float) -> tuple[Tensor, int]:
        """What lies between two times in seconds, faded in and out, and the number of its first sample."""
        first, last = round(start * self.rate), round(stop * self.rate)
        part = response[..., torch.remainder(torch.arange(first, last), self.size)]
        steps = torch.arange(last - first, dtype=torch.float64)
        window = _rise(steps, 0, fade * self.rate) * _rise(steps.flip(0), 0, min(fade, (stop - start) / 8) * self.rate)
        return part * window, first

    def _shift(self, k: Tensor, frames: float) -> Tensor:
        """The spectrum of a delay, at bins `k`."""
        turns = torch.remainder(k * (frames / self.size), 1.0)
        return torch.polar(torch.ones_like(k), -2 * math.pi * turns)


def _rise(values: Tensor, low: float, high: float) -> Tensor:
    """From 0 at `low` to 1 at `high`, along a cosine."""
    return 0.5 - 0.5 * torch.cos(math.pi * ((values - low) / (high - low)).clamp(0, 1))


def _fast(size: int) -> int:
    """The next even size that transforms fast: few small factors."""
    return int(min(odd * 2 ** max(1, math.ceil(math.log2(size / odd))) for odd in (1, 3, 5, 9, 15, 25, 27, 45)))
