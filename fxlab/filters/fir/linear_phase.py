"""What filters of symmetric taps share: edges, a length, and the kinds that an even length cannot make."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.filters.classical.bilinear import BANDS
from fxlab.filters.common.edges import Edges
from fxlab.module import Finite

OPEN = ("highpass", "bandstop")  # what passes at half the sample rate


class LinearPhase(Edges, Finite):
    """A filter that delays all frequencies alike, by `(taps − 1) / 2` samples; a subclass declares `taps` too."""

    taps: Any

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where a value is not valid, or not at this sample rate, or not beside another."""
        super().check(sample_rate)
        if self.kind in OPEN and self.taps % 2 == 0:
            raise ParameterError(
                f"{self._name()}: taps is {self.taps}, and an even number of symmetric taps lets nothing through at "
                f"half the sample rate, where a {self.kind} must pass; take {self.taps - 1} or {self.taps + 1}."
            )


def passing(kind: str, low: Tensor, high: Tensor) -> list[tuple[Tensor, Tensor]]:
    """The stretches that pass, from 0 to 1, half the sample rate."""
    none, all_ = torch.zeros_like(low), torch.ones_like(low)
    if kind in BANDS:
        return [(low, high)] if kind == "bandpass" else [(none, low), (high, all_)]
    return [(none, low)] if kind == "lowpass" else [(low, all_)]


def tapered(kind: str, low: Tensor, high: Tensor, place: Tensor, window: Tensor) -> Tensor:
    """The ideal filter's response at `place` `(..., taps)`, counted from the middle, under a window, scaled.

    `low` and `high` are edges `(..., 1)` as shares of half the sample rate. Scaled, it is exactly 1 at 0, at half the
    sample rate or in the middle of the band: where the first stretch that passes begins or ends, or at its centre.
    """
    ideal = torch.zeros_like(place)
    for start, stop in passing(kind, low, high):
        ideal = ideal + stop * torch.sinc(stop * place) - start * torch.sinc(start * place)
    taps = ideal * window
    if kind == "bandpass":
        taps = taps / (taps * torch.cos(math.pi * place * (low + high) / 2)).sum(-1, keepdim=True)
    elif kind == "highpass":
        taps = taps / (taps * torch.cos(math.pi * place)).sum(-1, keepdim=True)
    else:
        taps = taps / taps.sum(-1, keepdim=True)
    return taps
