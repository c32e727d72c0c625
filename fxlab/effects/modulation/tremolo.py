"""`Tremolo`: a periodic change of the level."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.module import Param, StatefulModule


class Tremolo(StatefulModule):
    """A tremolo: the gain falls and rises `rate_hz` times per second, between 1 and `1 − depth`.

    `y[n] = x[n] (1 − depth (1 − cos(2π rate_hz n / sample_rate)) / 2)`; it starts at a gain of 1.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `rate_hz` is not above 0 and below half the sample rate, or `depth` is not from 0 to 1.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, "Tremolo".

    >>> Tremolo(rate_hz=2.0, depth=1.0)(torch.ones(1, 5), sample_rate=8).round(decimals=3)
    tensor([[1.0000, 0.5000, 0.0000, 0.5000, 1.0000]])
    """

    rate_hz = Param(5.0, low=0.1, high=20.0, unit="Hz", scale="log", below="nyquist", doc="Modulation frequency.")
    depth = Param(0.5, low=0.0, high=1.0, at_least=0.0, at_most=1.0, doc="Depth: 1 modulates down to silence.")

    def forward_block(self, x: Tensor, state: Tensor | None, sample_rate: float) -> tuple[Tensor, Tensor]:
        """Modulate the next block; the state is the phase at its start, `(..., 1)`, in cycles from 0 to 1."""
        cycles = self.rate_hz.double() / sample_rate
        if cycles.ndim and cycles.shape[-1] != 1:  # a rate that moves: the phase is its integral
            phase = torch.cumsum(cycles, -1)
            offsets, total = phase - cycles, cycles.sum(-1, keepdim=True)
        else:
            offsets = cycles * torch.arange(x.shape[-1], dtype=torch.float64, device=x.device)
            total = cycles * x.shape[-1]
        before = torch.zeros((), dtype=torch.float64, device=x.device) if state is None else state
        # Whole cycles are removed before the cosine, so that the phase stays accurate in a stream of several hours.
        phase = 2 * math.pi * torch.remainder(before + offsets, 1.0)
        gain = 1 - self.depth * (1 - torch.cos(phase)) / 2
        return x * gain.to(x.dtype), torch.remainder(before + total, 1.0)
