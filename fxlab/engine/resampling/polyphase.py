"""`Polyphase`: conversion of the sample rate by a ratio of integers, with a windowed sinc."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.resampling.nyquist_taps import kaiser_beta
from fxlab.engine.torch_support.single_thread import SingleThread

ZERO_CROSSINGS = 64
"""The half-width of the sinc in sampling periods of the lower rate."""
ATTENUATION_DB = 100.0
"""The attenuation in dB from which the shape of the Kaiser window is computed; the stopband has at least 98 dB."""
PASSBAND = 0.9
"""The upper edge of the passband as a fraction of half the lower rate, where the stopband begins."""
MAX_DENOMINATOR = 1 << 20
"""The largest denominator of the ratio of two sample rates."""
PHASES = 256
"""The largest number of output samples that are computed by one matrix."""
KERNELS = 16 * PHASES
"""The largest number of output samples whose kernels are computed at once."""
NODES = 18
"""The number of Chebyshev nodes from whose kernels the other kernels are interpolated."""
BLOCK = 64
"""The smallest number of output samples in a block; several short periods form one block."""


class Phases(NamedTuple):
    """The taps of consecutive output samples of a block."""

    offset: int
    """The first input sample to which the taps are applied, counted from `reach` samples before the block."""
    taps: Tensor
    """One row for each output sample, `(phases, taps)` in float64."""


class Polyphase:
    """A resampler that computes `up` output samples for every `down` input samples.

    The kernel is a sinc with a Kaiser window. Its passband, up to 0.9 of half the lower rate, is flat within 0.0002 dB;
    from half the lower rate on, the attenuation is at least 98 dB. There is no latency: output sample m is the value of
    the signal at the position `m down / up` of the input.

    Args:
        up: The output rate divided by the greatest common divisor of both rates.
        down: The input rate divided by the same number.

    Source:
        J. O. Smith, "Digital Audio Resampling", CCRMA, Stanford; J. F. Kaiser, "Nonrecursive digital filter design
        using the I0-sinh window function", ISCAS 1974.

    >>> x = torch.sin(torch.arange(400) * 0.3)
    >>> y = Polyphase.of(2, 1).resample(x)
    >>> y.shape, bool((y[200:600] - torch.sin(torch.arange(200, 600) * 0.15)).abs().max() < 1e-4)
    (torch.Size([800]), True)
    """

    def __init__(self, up: int, down: int) -> None:
        self.up, self.down = up, down
        self.reach = math.ceil(ZERO_CROSSINGS * max(1.0, down / up))
        """The number of input samples on either side of its position on which an output sample depends."""
        periods = -(-BLOCK // up)
        self._block = periods * up
        """The number of output samples of a block, a multiple of the period."""
        self._step = periods * down
        """The number of input samples from one block to the next."""
        self._phases = [part for first in range(0, self._block, KERNELS) for part in self._phases_from(first)]

    @staticmethod
    def of(up: int, down: int) -> Polyphase:
        """Return the resampler for a ratio, which need not be reduced; the last eight resamplers are cached."""
        common = math.gcd(up, down)
        return _kept(up // common, down // common)

    def length(self, samples: int) -> int:
        """Return the number of output samples for `samples` input samples, `samples up / down` rounded up."""
        return -(-samples * self.up // self.down)

    def resample(self, x: Tensor) -> Tensor:
        """Return `x` `(..., time)` at the output rate, `(..., length(time))`; `x` is zero beyond its ends."""
        return self.run(pad(x, (self.reach, 0)), 0, self.length(x.shape[-1]))

    def run(self, x: Tensor, first: int, count: int) -> Tensor:
        """Return the output samples `first` to `first + count - 1`, counted from the start of a period.

        A period is `up` output samples and `down` input samples.

        Shape:
            x: `(..., time)`, the input from `reach` samples before the start of that period; it is 0 after the last
            sample of `x`. Returns `(..., count)`.
        """
        if self.up == self.down:
            return x[..., self.reach + first : self.reach + first + count]
        blocks = max(1, -(-(first + count) // self._block))
        last = self._phases[-1]
        needed = (blocks - 1) * self._step + last.offset + last.taps.shape[-1]
        x = pad(x, (0, max(0, needed - x.shape[-1])))
        lead, rows = x.shape[:-1], x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
        outputs = []
        # Each row is a separate product on one thread, because the bits of a product depend on its number of rows and
        # of threads.
        with SingleThread():
            for offset, taps in self._phases:
                frames = rows[:, offset:].unfold(-1, taps.shape[-1], self._step)[:, :blocks]
                outputs.append(torch.bmm(frames, taps.to(x).mT.expand(len(rows), -1, -1)))
        return torch.cat(outputs, -1).reshape(*lead, blocks * self._block)[..., first : first + count]

    def _phases_from(self, first: int) -> list[Phases]:
        """Return the taps of the output samples of a block from `first` on, at most `KERNELS` samples."""
        stop = min(first + KERNELS, self._block)
        number = torch.arange(first, stop) * self.down
        base, kernels = number // self.up, self._kernels(number % self.up)
        starts = range(0, stop - first, PHASES)
        parts = [(base[k : k + PHASES], kernels[k : k + PHASES]) for k in starts]
        return [self._taps(int(part[0][0]), *part) for part in parts]

    def _taps(self, offset: int, base: Tensor, kernels: Tensor) -> Phases:
        """Return the taps of consecutive output samples whose kernels are the rows of `kernels`.

        Each kernel begins at its input sample `base`; the first column of the taps is input sample `offset`. Both are
        counted from `reach` samples before the block.

        Shape:
            base: `(phases,)`; kernels: `(phases, 2 reach + 1)`. The taps are `(phases, n)`, for n input samples.
        """
        span = kernels.shape[-1]
        place = (base - offset)[:, None] + torch.arange(span)
        return Phases(offset, kernels.new_zeros(len(kernels), int(place[-1, -1]) + 1).scatter_(1, place, kernels))

    def _kernels(self, phase: Tensor) -> Tensor:
        """Return the kernels `(phases, 2 reach + 1)` whose centers are `phase / up` samples after an input sample."""
        # The kernel at `1 - phase / up` is the same in reverse, so each kernel is computed once.
        lower = torch.minimum(phase, self.up - phase)
        different, index = torch.unique(lower, return_inverse=True)
        share = different.double() / self.up
        kernel = self._kernel_at(share) if len(share) <= NODES else self._interpolated(share)
        kernel = kernel / kernel.sum(-1, keepdim=True)  # so that a constant stays the same
        # Backwards, the distances begin one sample later; the kernel has ended before its first sample.
        mirrored = pad(kernel[:, 1:].flip(-1), (1, 0))
        is_mirrored = (phase > lower)[:, None]
        return torch.where(is_mirrored, mirrored[index], kernel[index])

    def _kernel_at(self, share: Tensor) -> Tensor:
        """Return kernels whose centers are fractions of a sample, `share`, after an input sample.

        Shape:
            share: `(n,)`, from 0 to 1. Returns `(n, 2 reach + 1)`.
        """
        distance = torch.arange(-self.reach, self.reach + 1) - share[:, None]
        cutoff = min(1.0, self.up / self.down) * (1 + PASSBAND) / 2
        inside = (1 - (distance / self.reach).square()).clamp(min=0.0)
        window = torch.special.i0(kaiser_beta(ATTENUATION_DB) * inside.sqrt()) * (distance.abs() <= self.reach)
        kernels: Tensor = torch.sinc(cutoff * distance) * window
        return kernels

    def _interpolated(self, share: Tensor) -> Tensor:
        """Return `_kernel_at(share)` for shares from 0 to 1/2, by Chebyshev interpolation."""
        number = torch.arange(NODES, dtype=torch.float64)
        angles = math.pi * (number + 0.5) / NODES
        values = self._kernel_at((1 + torch.cos(angles)) / 4)
        coefficients: Tensor = torch.cos(number[:, None] * angles) @ values * (2 / NODES)
        coefficients[0] /= 2
        kernels: Tensor = torch.cos(number * torch.acos((4 * share - 1).clamp(-1.0, 1.0))[:, None]) @ coefficients
        # At a share of 0 the kernel includes one more sample, at its edge.
        return torch.where(share[:, None] > 0, kernels, self._kernel_at(share[:1].new_zeros(1)))


def convert_rate(x: Tensor, from_rate: float, to_rate: float) -> Tensor:
    """Return `x` `(..., time)` at the sample rate `to_rate`, or `x` itself if the rates are equal.

    The ratio of the rates is rounded as by `rate_ratio`.
    """
    if from_rate == to_rate:
        return x
    ratio = rate_ratio(from_rate, to_rate)
    return Polyphase.of(ratio.numerator, ratio.denominator).resample(x)


def rate_ratio(from_rate: float, to_rate: float) -> Fraction:
    """Return the ratio `to_rate / from_rate`, rounded to a denominator of at most `MAX_DENOMINATOR`."""
    return (Fraction(to_rate) / Fraction(from_rate)).limit_denominator(MAX_DENOMINATOR)


@lru_cache(maxsize=8)
def _kept(up: int, down: int) -> Polyphase:
    return Polyphase(up, down)
