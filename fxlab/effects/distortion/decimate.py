"""`Decimate`: a lower sample rate as an effect."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from fxlab.engine import sosfilt
from fxlab.filters.classical.chebyshev import Chebyshev1
from fxlab.module import Count, StatefulModule, Switch
from fxlab.module.parameters.clock import start_sample


class Decimate(StatefulModule):
    """Decimation at the sample rate of the input: the first of every `factor` samples is held.

    Frequencies above half the lower rate, `sample_rate / factor`, appear as aliases. With `antialias` a low-pass before
    the decimation attenuates these frequencies: a Chebyshev filter of type I and order 8 with 0.05 dB of ripple up to
    0.8 of half the lower rate. Holding the samples adds images of the sound above half the lower rate; as in early
    samplers, the images are not removed.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `factor` is not a whole number from 1 to 4096.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition; the low-pass of `scipy.signal.decimate`.

    >>> Decimate(factor=2, antialias=False)(torch.tensor([[1.0, 2.0, 3.0, 4.0]]), sample_rate=48_000)
    tensor([[1., 1., 3., 3.]])
    """

    factor = Count(4, low=1, high=64, at_most=4096, doc="Number of samples of which the first is held.")
    antialias = Switch(True, doc="Whether a low-pass removes the frequencies that would alias.")

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the state: position, held sample, and state of the low-pass."""
        if state is None:
            state = start_sample(sample_rate), x.new_zeros(*x.shape[:-1], 1), None
        start, held, filter_state = state
        if self.antialias and self.factor > 1:
            sections = torch.tensor(_low_pass(self.factor), dtype=torch.float64, device=x.device)
            filtered, filter_state = sosfilt(x, sections, filter_state)
        else:
            filtered = x
        row = torch.cat([held, filtered], -1)
        sample = torch.arange(x.shape[-1], device=x.device)
        first = sample + 1 - (sample + start) % self.factor  # position in `row`; 0 is the held sample
        y = row.index_select(-1, first.clamp(min=0))
        return y, (start + x.shape[-1], torch.cat([held, y], -1)[..., -1:], filter_state)


@lru_cache
def _low_pass(factor: int) -> tuple[tuple[float, ...], ...]:
    """Return the second-order sections of the low-pass for a decimation by `factor`, 6 numbers each."""
    sections = Chebyshev1(0.4 / factor, order=8, ripple_db=0.05).sos(1.0)
    return tuple(map(tuple, sections.tolist()))
