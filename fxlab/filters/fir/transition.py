"""The bands between the transitions of a filter, and the cosines that symmetric taps are made of."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.filters.classical.bilinear import BANDS

WANTED = {
    "lowpass": (True, False),
    "highpass": (False, True),
    "bandpass": (False, True, False),
    "bandstop": (True, False, True),
}
"""Which bands of a kind pass, from 0 Hz up."""


def band_edges(kind: str, low: Tensor, high: Tensor, share: Tensor, rate: float) -> Tensor:
    """Where each band begins and ends, `(..., 2 bands)`, as shares of half the sample rate, from 0 to 1.

    Around an edge lies a transition; half its width is `share` of the way to the nearest of 0, 1 and the middle of
    the band.
    """
    low, high = low * (2 / rate), high * (2 / rate)
    if kind in BANDS:
        half = (high - low) / 2
        around = [(low, torch.minimum(low, half)), (high, torch.minimum(1 - high, half))]
    else:
        around = [(low, torch.minimum(low, 1 - low))]
    inner = [edge + sign * share * room for edge, room in around for sign in (-1, 1)]
    ends = torch.zeros_like(inner[0])
    return torch.stack([ends, *inner, ends + 1], -1)


def cosines(taps: int, device: torch.device) -> Tensor:
    """The orders `n` of the cosines `cos(pi n f)` whose sum is the response of so many symmetric taps."""
    return torch.arange((taps + 1) // 2, dtype=torch.float64, device=device) + (0.0 if taps % 2 else 0.5)


def mirrored(amplitudes: Tensor, taps: int) -> Tensor:
    """The taps of a sum of cosines with these amplitudes, `(..., taps)`."""
    half = amplitudes / 2
    if taps % 2 == 0:
        return torch.cat([half.flip(-1), half], -1)
    return torch.cat([half[..., 1:].flip(-1), amplitudes[..., :1], half[..., 1:]], -1)
