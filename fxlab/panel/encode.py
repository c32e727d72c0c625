"""A rendered sound as the pieces that travel, int16 with a scale each, those after the playhead first."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

FIRST = 0.36  # seconds: enough to play on while the next piece comes, and no more, see below
FIRST_BYTES = 64_000  # and no less, see below
GROWTH = 1.5  # each piece is this much longer than the one before
LONGEST = 1.0  # seconds: a long piece of an old render must not stand in the way of a new one
LEAD_IN = 0.02  # seconds before the reported playhead, since the report is a little old either way

# Why so many bytes: Jupyter's server leaves Nagle's algorithm on, so what is shorter than one TCP segment (64 kB on
# loopback) waits until the browser has acknowledged the packet before, which it puts off for 40 ms. A message that
# fills a segment goes out at once; the curves that go with it make up what is missing. Why no more: Chromium reads what
# comes over a quiet WebSocket a thousand bytes at a time, and each costs the page a task.


def spans(frames: int, position: int, rate: float, channels: int = 2) -> Iterator[tuple[int, int]]:
    """`(start, count)` of the pieces: from just before `position` to the end, then from 0 up.

    >>> list(spans(200_000, 100_000, rate=44_100.0))
    [(99118, 16000), (115118, 24000), (139118, 36000), (175118, 24882), (0, 44100), (44100, 44100), (88200, 10918)]
    """
    first = max(int(FIRST * rate), -(-FIRST_BYTES // (2 * channels)))
    longest = max(int(LONGEST * rate), first)
    begin = max(0, min(position, frames - 1) - int(LEAD_IN * rate))
    if frames <= first:
        begin = 0  # one piece holds it all
    length = float(first)
    for low, high in ((begin, frames), (0, begin)):
        start = low
        while start < high:
            count = min(high - start, int(length))
            yield start, count
            start += count
            length = min(length * GROWTH, longest)


def scale_of(x: Tensor) -> float:
    """What one step of the int16 stands for: the range is used in full, whatever the level of the sound."""
    low, high = torch.aminmax(x)
    peak = torch.maximum(-low, high).item()
    return float(max(peak, 1e-9) / 32767)


def encode(x: Tensor, scale: float) -> bytes:
    """`x` `(channels, time)` as int16 steps of `scale`, planar."""
    return (x.float() * (1 / scale)).round_().to(torch.int16).cpu().contiguous().numpy().tobytes()
