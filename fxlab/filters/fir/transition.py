"""Band edges around transitions, and the cosine series of symmetric taps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from fxlab.filters.classical.bilinear import BANDS

PASSBANDS = {
    "lowpass": (True, False),
    "highpass": (False, True),
    "bandpass": (False, True, False),
    "bandstop": (True, False, True),
}
"""For each kind of filter, whether each of its bands is a passband, in order of frequency."""


def band_edges(kind: str, low: Tensor, high: Tensor, fraction: Tensor, rate: float) -> Tensor:
    """Return the start and end of each passband and stopband, `(..., 2 bands)`, as fractions of half the sample rate.

    The edges `low` and `high` and the sample rate `rate` are in Hz. Half the width of the transition around an edge is
    `fraction` times the distance to the nearest of 0, half the sample rate and, if there are two edges, the middle
    between them.
    """
    inner = _transitions(kind, low, high, fraction, rate, torch.minimum)
    ends = torch.zeros_like(inner[0])
    return torch.stack([ends, *inner, ends + 1], -1)


def plain_band_edges(kind: str, low: float, high: float, fraction: float, rate: float) -> tuple[float, ...]:
    """Return the same edges as `band_edges`, from numbers instead of tensors, which takes less time."""
    return 0.0, *_transitions(kind, low, high, fraction, rate, min), 1.0


def _transitions(  # noqa: PLR0917
    kind: str, low: Any, high: Any, fraction: Any, rate: float, minimum: Callable[[Any, Any], Any]
) -> list[Any]:
    """Return the start and the end of each transition, in ascending order, as fractions of half the sample rate.

    `minimum` is `torch.minimum` if the values are tensors, or `min` if they are numbers. The other arguments are those
    of `band_edges`.
    """
    low, high = low * (2 / rate), high * (2 / rate)
    if kind in BANDS:
        half = (high - low) / 2
        around = [(low, minimum(low, half)), (high, minimum(1 - high, half))]
    else:
        around = [(low, minimum(low, 1 - low))]
    return [edge + sign * fraction * room for edge, room in around for sign in (-1, 1)]


def cosine_orders(taps: int, device: torch.device) -> Tensor:
    """Return the orders `n` of the cosines `cos(pi n f)` in the response of symmetric taps, `((taps + 1) // 2,)`.

    f is the frequency as a fraction of half the sample rate.
    """
    return torch.arange((taps + 1) // 2, dtype=torch.float64, device=device) + (0.0 if taps % 2 else 0.5)


def symmetric_taps(amplitudes: Tensor, taps: int) -> Tensor:
    """Return the symmetric taps `(..., taps)` whose response, apart from the delay, is a cosine series.

    `amplitudes` `(..., (taps + 1) // 2)` are the coefficients of the cosines of `cosine_orders`, in that order.
    """
    half = amplitudes / 2
    if taps % 2 == 0:
        return torch.cat([half.flip(-1), half], -1)
    return torch.cat([half[..., 1:].flip(-1), amplitudes[..., :1], half[..., 1:]], -1)
