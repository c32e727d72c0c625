"""Division of a signal into parallel lanes, so that a recursion becomes a few operations on long vectors.

In a recursion that looks back `delay` samples, the outputs n, n + delay, n + 2 delay … do not depend on other outputs.
Each such sequence can be divided into chunks that are computed in parallel if the effect of the state before each chunk
is added afterwards. There is a lane for each row, chunk and offset within the delay, and one step computes the next
sample of every lane. With a delay of 1, ten seconds of audio at 44.1 kHz take 166 steps on 2657 lanes instead of
441,000 steps on one lane.
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

SEGMENT = 1 << 19  # samples processed at once, so that their float64 copies stay in the cache, in reused memory
ENOUGH_LANES = 512  # with more lanes, the second pass over each chunk costs more than the steps that it saves
MIN_STEPS, MAX_STEPS = 16, 256


@dataclass(frozen=True)
class LaneLayout:
    """The shape (steps, rows, chunks, delay) in which `rows` signals of `time` samples are processed.

    Each signal is divided into `chunks` chunks of `steps * delay` samples; if the last chunk is shorter, zeros follow.
    """

    rows: int
    time: int
    delay: int
    steps: int
    chunks: int

    @classmethod
    def choose(
        cls, rows: int, time: int, delay: int, step_multiple: int = 1, max_chunks: int | None = None
    ) -> LaneLayout:
        """Return a layout that balances the number of steps against the number of chunks.

        More chunks mean fewer steps, but the effect of the state before each chunk must be added.

        Args:
            rows: The number of signals.
            time: The number of samples in each.
            delay: The number of samples by which the recursion looks back.
            step_multiple: The number of which the steps must be a multiple, if there may be several chunks.
            max_chunks: 1 for a single chunk; None for no limit.
        """
        length = max(1, ceil(time / delay))
        if max_chunks == 1 or (step_multiple == 1 and rows * delay >= ENOUGH_LANES):
            return cls(rows, time, delay, length, 1)
        steps = min(length, max(MIN_STEPS, min(MAX_STEPS, int(sqrt(rows * length * delay) / 4))))
        steps = ceil(steps / step_multiple) * step_multiple
        return cls(rows, time, delay, steps, ceil(length / steps))

    @property
    def padded_time(self) -> int:
        """The number of samples in a row, including the padding at its end."""
        return self.steps * self.chunks * self.delay

    def to_lanes(self, x: Tensor) -> Tensor:
        """Return a copy of x (rows, time) as lanes (steps, rows, chunks, delay), with zeros after the end of each row.

        The lanes are float64 (float32 on MPS).
        """
        shape = self.steps, self.rows, self.chunks, self.delay
        lanes = allocate(shape, widest_dtype(x), x.device)
        full, used = self._full_chunks()
        if full:
            chunks = x[:, :used].reshape(self.rows, full, self.steps, self.delay).permute(2, 0, 1, 3)
            if self.rows * self.delay == 1:
                # A copy that both transposes and converts is slow, so the chunks are transposed before the conversion.
                chunks = chunks[:, 0, :, 0].contiguous()[:, None, :, None]
            lanes[:, :, :full].copy_(chunks)
        if full < self.chunks:
            last = pad(x[:, used:], (0, self.padded_time - self.time))
            lanes[:, :, full] = last.reshape(self.rows, self.steps, self.delay).movedim(1, 0)
        return lanes

    def from_lanes(self, lanes: Tensor, out: Tensor) -> None:
        """Copy lanes back into out (rows, time), converted to its dtype and without the padding."""
        full, used = self._full_chunks()
        chunks = lanes.permute(1, 2, 0, 3)
        if full:
            out[:, :used].unflatten(1, (full, self.steps, self.delay)).copy_(chunks[:, :full])  # type: ignore[no-untyped-call]
        if full < self.chunks:
            out[:, used:] = chunks[:, full].reshape(self.rows, self.steps * self.delay)[:, : self.time - used]

    def _full_chunks(self) -> tuple[int, int]:
        """Return the number of chunks in a row that have no padding, and the number of samples in them."""
        full = self.time // (self.steps * self.delay)
        return full, full * self.steps * self.delay

    def last_samples(self, lanes: Tensor) -> Tensor:
        """Return the last `delay` samples of each row of `lanes`, or all samples if there are fewer.

        The result is (rows, min(delay, time)), in the dtype of `lanes`.
        """
        index = torch.arange(max(0, self.time - self.delay), self.time, device=lanes.device)
        step = index // self.delay
        return lanes[step % self.steps, :, step // self.steps, index % self.delay].mT.contiguous()


def time_segments(rows: int, time: int, delay: int) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each segment of the time axis.

    A segment has at most `SEGMENT` samples in all rows together, but at least `delay` samples in each row, unless it is
    the last one. The length of all segments but the last is a multiple of `delay`.
    """
    length = max(1, SEGMENT // (max(1, rows) * delay)) * delay
    for start in range(0, time, length):
        yield start, min(start + length, time)


def chunk_start_states(slope: Tensor, end: Tensor, first: Tensor) -> Tensor:
    """Return the state before each chunk, where a chunk maps the state before it to `slope * state + end`.

    `slope`, `end` and the result are (rows, chunks, delay), and `first`, (rows, delay), is the state before the first
    chunk.

    The composition of two such maps has the same form, so all states are found in log2(chunks) steps by doubling.
    """
    a, b = slope.clone(), end.clone()
    b[:, 0].addcmul_(a[:, 0], first)
    reach = 1
    while reach < a.shape[1]:
        b[:, reach:] += a[:, reach:] * b[:, :-reach]
        a[:, reach:] = a[:, reach:] * a[:, :-reach]
        reach *= 2
    return torch.cat([first.unsqueeze(1), b[:, :-1]], 1)
