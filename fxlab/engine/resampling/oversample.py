"""`upsample` and `downsample`: a signal at a whole multiple of its sample rate and back, with linear phase."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.convolution.convolve import convolve
from fxlab.engine.resampling.nyquist_taps import half_length, phase_taps, stage_factors


def upsample(x: Tensor, factor: int) -> Tensor:
    """Return the signal at `factor` times its sample rate; every `factor`-th sample equals one of the input.

    The signal is zero beyond its ends. Up to 0.45 of the lower sample rate (20 kHz at 44.1 kHz) the response is flat,
    and the images above 0.55 are attenuated by 100 dB. Factors of 2 run one after the other, as half-band filters.

    Shape:
        x: `(..., time)`, float32 or float64. Returns `(..., factor * time)`.

    Source:
        R. E. Crochiere, L. R. Rabiner, Multirate Digital Signal Processing, 1983: polyphase interpolators in stages.

    >>> upsample(torch.ones(200), 2)[150:154].round(decimals=6)
    tensor([1., 1., 1., 1.])
    """
    multiple = 1
    for stage in stage_factors(factor):
        reach, taps = half_length(multiple), _taps(x, stage, multiple)
        between = convolve(pad(x, (0, reach)).unsqueeze(-2), taps)[..., reach:]
        x = torch.cat([x.unsqueeze(-2), between], -2).transpose(-1, -2).flatten(-2)
        multiple *= stage
    return x


def downsample(x: Tensor, factor: int) -> Tensor:
    """Return the signal at its sample rate divided by `factor`: the reverse of `upsample`, with the same filters.

    Shape:
        x: `(..., factor * time)`, float32 or float64. Returns `(..., time)`.

    >>> downsample(torch.ones(400), 2)[75:78].round(decimals=6)
    tensor([1., 1., 1.])
    """
    factors = stage_factors(factor)
    multiple = factor
    for stage in reversed(factors):
        multiple //= stage
        reach, taps = half_length(multiple), _taps(x, stage, multiple).flip(-1)
        phases = x.reshape(*x.shape[:-1], -1, stage).transpose(-1, -2)
        rest = convolve(pad(phases[..., 1:, :], (0, reach - 1)), taps)[..., reach - 1 :]
        x = (phases[..., 0, :] + rest.sum(-2)) / stage
    return x


def oversampling_reach(factor: int) -> int:
    """Return the number of samples before and after one on which it depends after `upsample` and `downsample`.

    >>> oversampling_reach(1), oversampling_reach(2), oversampling_reach(8)
    (0, 70, 82)
    """
    reach, multiple = 0.0, 1
    for stage in stage_factors(factor):
        reach += 2 * half_length(multiple) / multiple
        multiple *= stage
    return math.ceil(reach)


def _taps(x: Tensor, factor: int, multiple: int) -> Tensor:
    return torch.tensor(phase_taps(factor, multiple), dtype=x.dtype, device=x.device)
