"""The synchronized exponential sweep, and the deconvolution of its response into harmonics.

The phase of the sweep is `2 π f L e^(t/L)`, where f is the frequency at t = 0. The m-th harmonic has m times this
phase, which is that of the same sweep started `L ln m` earlier. Division by the sweep's spectrum therefore gives a
separate impulse response for each order, at the time `-L ln m`.

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

_BEFORE = 0.4  # start of the window of an order before its peak, as a fraction of the distance to the next order
_FADE = 0.7  # fraction of the part before the peak that is faded in
_ALIASES = 0.38  # in units of `pace`: the delay from a harmonic at 0.4 of the sample rate to its alias


@dataclass(frozen=True)
class Sweep:
    """A sweep from `low` to half of `rate`, at full amplitude between `first` and `last`; all in Hz."""

    low: float
    first: float
    last: float
    rate: float
    pace: float
    """Time constant `L` in seconds, in which the frequency grows by the factor e."""
    frames: int
    """Number of samples of the sweep itself."""
    tail: int
    """Number of samples of silence after the sweep."""
    amplitude: float
    """Peak of the sweep."""
    size: int
    """Length of all transforms, enough for the tail and for all harmonics at negative times."""

    @classmethod
    def of(cls, first: float, last: float, rate: float, *, duration: float, tail: int, amplitude: float) -> Sweep:
        """Return a sweep of about `duration` seconds that starts two octaves below `first`, at phase 0.

        `first`, `last` and the sample rate `rate` are in Hz; `tail` is a number of samples, `amplitude` the peak.
        """
        low = first / 4
        octaves = math.log(rate / 2 / low)
        pace = max(1, round(low * duration / octaves)) / low
        frames = math.floor(pace * octaves * rate)
        return cls(low, first, last, rate, pace, frames, tail, amplitude, _fast_fft_size(2 * frames + tail))

    def samples(self) -> Tensor:
        """Return the sweep followed by silence, `(time,)`."""
        sweep = self.amplitude * self._unit()
        return torch.nn.functional.pad(sweep, (0, self.tail))

    def deconvolved(self, output: Tensor) -> tuple[Tensor, Tensor]:
        """Return the output deconvolved by the sampled sweep, and by the formula of the sweep's spectrum.

        Both have the shape `(..., size)`. The first is more accurate for the linear part; the second separates the
        harmonics.
        """
        bins = torch.arange(self.size // 2 + 1, dtype=torch.float64)
        hertz = bins * (self.rate / self.size)
        spectrum = torch.fft.rfft(output, self.size) / self.amplitude
        # Outside its band, the spectrum of the sweep is too small to be a divisor.
        band = _rise(hertz, self.low * 1.05, self.first * 0.65) * (1 - _rise(hertz, self.last, self.rate / 2))
        in_band = band > 0
        sweep_spectrum = torch.fft.rfft(self._unit(), self.size)
        exact = torch.where(
            in_band, spectrum * band / torch.where(in_band, sweep_spectrum, torch.ones_like(sweep_spectrum)), 0
        )
        f = torch.where(in_band, hertz, self.first)
        cycles = torch.remainder(f * self.pace * (1 - torch.log(f / self.low)) - 0.125, 1.0)
        size = torch.sqrt(self.pace / f) * (self.rate / 2)
        formula = torch.polar(size, 2 * math.pi * cycles)
        by_formula = torch.where(in_band, spectrum * band / formula, 0)
        return torch.fft.irfft(exact, self.size), torch.fft.irfft(by_formula, self.size)

    def linear(self, response: Tensor, bins: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the spectrum, the group delay in samples and the unwrapped phase in radians of the linear part.

        `response` is the first result of `deconvolved`. `bins` are the wanted bins of a transform of length `size`.
        Each result has the shape `(..., bins)`.
        """
        before = _BEFORE * self.pace * math.log(2)
        part, start = self._windowed(response, 0.0, before, self.tail / self.rate)
        position = torch.arange(part.shape[-1], dtype=torch.float64) + start
        transform, moment = torch.fft.rfft(part, self.size), torch.fft.rfft(part * position, self.size)
        k = torch.arange(transform.shape[-1], dtype=torch.float64)
        spectrum = transform * self._shift(k, start)
        delay = (moment / torch.where(transform == 0, torch.ones_like(transform), transform)).real
        # The phase is unwrapped on all bins from the lowest up; the delay of the highest peak is removed for this and
        # added back afterwards, so that the phase changes little from bin to bin.
        peak = float(position[int(part.abs().reshape(-1, part.shape[-1]).amax(0).argmax())])
        band_bins = slice(int(bins[0]), int(bins[-1]) + 1)
        residual = np.angle((spectrum * self._shift(k, -peak))[..., band_bins].numpy())
        phase = torch.from_numpy(np.unwrap(residual)) - 2 * math.pi / self.size * peak * k[band_bins]
        return spectrum[..., bins], delay[..., bins], phase[..., bins - bins[0]]

    def harmonic(self, response: Tensor, order: int, bins: Tensor, highest: float) -> Tensor:
        """Return the spectrum of the harmonic `order` at `order * bins`, `(..., bins)`; NaN above `highest` Hz.

        `response` is the second result of `deconvolved`. `bins` are the bins of the fundamental in a transform of
        length `size`.
        """
        center = -self.pace * math.log(order)
        before = _BEFORE * self.pace * math.log((order + 1) / order)
        after = self.pace * min((1 - _BEFORE) * math.log(order / (order - 1)), _ALIASES)
        part, start = self._windowed(response, center, before, after)
        at_bins = bins * order
        in_band = at_bins <= highest * self.size / self.rate
        at_bins = torch.where(in_band, at_bins, 0)
        cycles = torch.remainder(at_bins.double() * (start / self.size - center * self.rate / self.size), 1.0)
        spectrum = torch.fft.rfft(part, self.size)[..., at_bins] * torch.polar(
            torch.ones_like(cycles), -2 * math.pi * cycles
        )
        return torch.where(in_band, spectrum, complex(math.nan, math.nan))

    def _unit(self) -> Tensor:
        time = torch.arange(self.frames, dtype=torch.float64) / self.rate
        growth = torch.exp(time / self.pace)
        now = self.low * growth
        fade = _rise(now.log(), math.log(self.low), math.log(self.first)) * (
            1 - _rise(now.log(), math.log(self.last), math.log(self.rate / 2))
        )
        return fade * torch.sin(2 * math.pi * torch.remainder(self.low * self.pace * growth, 1.0))

    def _windowed(self, response: Tensor, center: float, before: float, after: float) -> tuple[Tensor, int]:
        """Return the part of `response` around `center`, and the index of the part's first sample.

        The part begins `before` seconds before `center` and ends `after` seconds after it. It is faded in over the
        fraction `_FADE` of `before`, and faded out over at most this time, an eighth of the part, and half of `after`.
        """
        first, last = round((center - before) * self.rate), round((center + after) * self.rate)
        part = response[..., torch.remainder(torch.arange(first, last), self.size)]
        steps = torch.arange(last - first, dtype=torch.float64)
        fade_in = before * _FADE
        fade_out = min(fade_in, (before + after) / 8, after / 2)
        window = _rise(steps, 0, fade_in * self.rate) * _rise(steps.flip(0), 0, fade_out * self.rate)
        return part * window, first

    def _shift(self, k: Tensor, frames: float) -> Tensor:
        """Return the frequency response of a delay of `frames` samples, at bins `k`."""
        cycles = torch.remainder(k * (frames / self.size), 1.0)
        return torch.polar(torch.ones_like(k), -2 * math.pi * cycles)


def _rise(values: Tensor, low: float, high: float) -> Tensor:
    """Return a half-cosine ramp of `values`: 0 up to `low`, 1 from `high` on."""
    return 0.5 - 0.5 * torch.cos(math.pi * ((values - low) / (high - low)).clamp(0, 1))


def _fast_fft_size(size: int) -> int:
    """Return an even length of at least `size` whose only prime factors are 2, 3 and 5, for a fast FFT."""
    return int(min(odd * 2 ** max(1, math.ceil(math.log2(size / odd))) for odd in (1, 3, 5, 9, 15, 25, 27, 45)))
