"""A rendered sound as the pieces that travel, int16 with a scale each, those after the playhead first."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

FIRST = 0.25  # seconds: enough to swap to, small enough to arrive at once
GROWTH = 2.0  # each piece is this much longer than the one before
LONGEST = 0.5  # seconds: a long piece of an old render must not stand in the way of a new one
LEAD_IN = 0.02  # seconds before the reported playhead, since the report is a little old either way


def spans(frames: int, position: int, rate: float) -> Iterator[tuple[int, int]]:
    """`(start, count)` of the pieces: from just before `position` to the end, then from 0 up.

    >>> list(spans(10, 4, rate=4.0))
    [(4, 1), (5, 2), (7, 2), (9, 1), (0, 2), (2, 2)]
    """
    begin = max(0, min(position, frames - 1) - int(LEAD_IN * rate))
    if frames <= FIRST * rate:
        begin = 0  # one piece holds it all
    length = FIRST
    for low, high in ((begin, frames), (0, begin)):
        start = low
        while start < high:
            count = min(high - start, max(1, int(length * rate)))
            yield start, count
            start += count
            length = min(length * GROWTH, LONGEST)


def scale_of(x: Tensor) -> float:
    """What one step of the int16 stands for: the range is used in full, whatever the level of the sound."""
    low, high = torch.aminmax(x)
    peak = torch.maximum(-low, high).item()
    return float(max(peak, 1e-9) / 32767)


def encode(x: Tensor, scale: float) -> bytes:
    """`x` `(channels, time)` as int16 steps of `scale`, planar."""
    return (x.float() * (1 / scale)).round_().to(torch.int16).cpu().contiguous().numpy().tobytes()
