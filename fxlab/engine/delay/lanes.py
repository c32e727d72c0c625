"""A signal cut into lanes that advance in step: how a recursion in time becomes few operations on long vectors.

A recursion that looks back `delay` samples never mixes the samples n, n + delay, n + 2 delay … with the others, and
a chunk of one of those sequences can run ahead of the chunk before it if its first state is put right afterwards.
Rows, chunks and places within the delay are lanes: one step moves all of them by `delay` samples, so ten seconds
take a hundred steps on thousands of lanes, in float64, instead of 441 000 on one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, sqrt

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.torch_support.buffer_pool import allocate
from fxlab.engine.torch_support.precision import widest_dtype

SEGMENT = 1 << 19  # samples in flight at once: float64 copies of them stay in cache, and in memory touched before
WIDE_ENOUGH = 512  # lanes: from here on a chunk's second pass costs more than the steps that it saves


@dataclass(frozen=True)
class Lanes:
    """`rows` signals of `time` samples as (steps, rows, chunks, delay)."""

    rows: int
    time: int
    delay: int
    steps: int
    chunks: int

    @classmethod
    def cut(cls, rows: int, time: int, delay: int, multiple: int = 1, most: int | None = None) -> Lanes:
        """Choose the chunks: more of them mean fewer steps, but each needs its first state put right."""
        length = max(1, ceil(time / delay))
        if most == 1 or (multiple == 1 and rows * delay >= WIDE_ENOUGH):
            return cls(rows, time, delay, length, 1)
        steps = min(length, max(16, min(256, int(sqrt(rows * length * delay) / 4))))
        steps = ceil(steps / multiple) * multiple
        return cls(rows, time, delay, steps, ceil(length / steps))

    def spread(self, x: Tensor) -> Tensor:
        """Copy x (rows, time) into float64 lanes; what is past the end is zero."""
        whole = self.steps * self.chunks * self.delay
        x = pad(x, (0, whole - self.time)) if whole > self.time else x
        view = x.reshape(self.rows, self.chunks, self.steps, self.delay).permute(2, 0, 1, 3)
        return allocate(view.shape, widest_dtype(x), x.device).copy_(view)

    def gather(self, lanes: Tensor, out: Tensor) -> None:
        """Copy lanes back into out (rows, time), in its dtype."""
        view = lanes.permute(1, 2, 0, 3)
        whole = self.steps * self.chunks * self.delay
        if whole == self.time and out.is_contiguous():
            out.view(view.shape).copy_(view)
        else:
            out.copy_(view.to(out.dtype).reshape(self.rows, whole)[:, : self.time])

    def tail(self, lanes: Tensor) -> Tensor:
        """Take the last `delay` samples, or all where there are fewer: (rows, min(delay, time)), in float64."""
        place = torch.arange(max(0, self.time - self.delay), self.time, device=lanes.device)
        step = place // self.delay
        return lanes[step % self.steps, :, step // self.steps, place % self.delay].mT.contiguous()


def segments(rows: int, time: int, delay: int) -> Iterator[tuple[int, int]]:
    """Cut the time axis so that what is in flight stays bounded; all but the last are multiples of the delay."""
    length = max(1, SEGMENT // (max(1, rows) * delay)) * delay
    for start in range(0, time, length):
        yield start, min(start + length, time)


def chain(slope: Tensor, end: Tensor, first: Tensor) -> Tensor:
    """States that the chunks begin with, where each ends at `slope * state + end`: (rows, chunks, delay).

    The composition of two such maps is another, so all are found by doubling, not one after the other.
    """
    a, b = slope.clone(), end.clone()
    b[:, 0].addcmul_(a[:, 0], first)
    reach = 1
    while reach < a.shape[1]:
        b[:, reach:] += a[:, reach:] * b[:, :-reach]
        a[:, reach:] = a[:, reach:] * a[:, :-reach]
        reach *= 2
    return torch.cat([first.unsqueeze(1), b[:, :-1]], 1)
