"""`upsample` and `downsample`: a signal at a whole multiple of its sample rate and back, with linear phase."""

from __future__ import annotations

from math import ceil, prod
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.resampling.nyquist_taps import context, conversion_matrix, half_length, stage_factors

BLOCK = 128
"""Samples at the higher rate that one row of a matrix product computes."""


class Stage(NamedTuple):
    """A conversion by one matrix: between a multiple of the lowest sample rate and a multiple of that."""

    factors: tuple[int, ...]
    multiple: int

    @property
    def factor(self) -> int:
        """The ratio of the higher to the lower rate."""
        return prod(self.factors)

    @property
    def block(self) -> int:
        """The number of samples at the lower rate that are converted at once."""
        return max(16, BLOCK // self.factor)

    @property
    def context(self) -> int:
        """The number of samples at the lower rate before and after a block that it depends on."""
        return context(self.factors, self.multiple)


def stages(factor: int) -> list[Stage]:
    """Return the first interpolator, which has a long filter, and all later ones, with short filters, as one stage.

    >>> stages(8)
    [Stage(factors=(2,), multiple=1), Stage(factors=(2, 2), multiple=2)]
    """
    first, rest = stage_factors(factor)[:1], stage_factors(factor)[1:]
    found = [Stage(tuple(first), 1)] if first else []
    return [*found, Stage(tuple(rest), first[0])] if rest else found


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
    for stage in stages(factor):
        x = _convert(x, stage, raises=True)
    return x


def downsample(x: Tensor, factor: int) -> Tensor:
    """Return the signal at its sample rate divided by `factor`: the reverse of `upsample`, with the same filters.

    Shape:
        x: `(..., factor * time)`, float32 or float64. Returns `(..., time)`.

    >>> downsample(torch.ones(400), 2)[75:78].round(decimals=6)
    tensor([1., 1., 1.])
    """
    for stage in reversed(stages(factor)):
        x = _convert(x, stage, raises=False)
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
    return ceil(reach)


def _convert(x: Tensor, stage: Stage, *, raises: bool) -> Tensor:
    """Raise or lower the sample rate by one stage: a matrix product for each frame of a block with its context."""
    factor, block, around = stage.factor, stage.block, stage.context
    own, other = (1, factor) if raises else (factor, 1)  # samples of input and output for one at the lower rate
    full = torch.tensor(conversion_matrix(stage.factors, stage.multiple, block), dtype=x.dtype, device=x.device)
    inner = slice(around * factor, (around + block) * factor)
    matrix = full[:, inner] if raises else full[around : around + block].mT / factor
    lead, time = x.shape[:-1], x.shape[-1] // own
    frames = max(1, ceil(time / block))
    missing = frames * block - time
    rows = pad(x.reshape(prod(lead), x.shape[-1]), (around * own, (around + missing) * own))
    framed = rows.unfold(-1, (block + 2 * around) * own, block * own)
    # One product for each row, so that equal rows have equal outputs.
    y = torch.bmm(framed, matrix.expand(len(rows), -1, -1))
    return y.reshape(*lead, frames * block * other)[..., : time * other]
