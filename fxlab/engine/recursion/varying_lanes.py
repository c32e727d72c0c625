"""Second-order sections that change with time, run on many chunks of the signal side by side.

Each row is cut into chunks, and one step of a loop advances all chunks by one sample, in float64. With the coefficients
b and a of every sample, a section in transposed direct form II is the recursion

    y[n] = b0[n] x[n] + b1[n-1] x[n-1] + b2[n-2] x[n-2] - a1[n-1] y[n-1] - a2[n-2] y[n-2],

in which each coefficient belongs to the sample that it multiplies. The first pass runs all chunks from a zero state,
and the two homogeneous solutions, which are the same for all rows with the same filter. The state after a chunk is an
affine function of the state before it. A scan composes these functions, and the second pass runs from the true states.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.engine.delay.lane_layout import SEGMENT, LaneLayout
from fxlab.engine.torch_support.buffer_pool import allocate_like

CHUNK = 64
"""The preferred length of a chunk in samples: long vectors for the loop, and few rounds of the scan."""
SHORT, SHORT_CHUNK = 1 << 16, 16
"""A signal of at most `SHORT` samples, over all rows, is cut into chunks of about `SHORT_CHUNK` samples."""
MAX_CHUNK = 512


class Coefficients(NamedTuple):
    """The coefficients of one section for each position in a chunk, `(filters, chunks)`; a1 and a2 are negated."""

    b0: list[Tensor]
    b1: list[Tensor]
    b2: list[Tensor]
    na1: list[Tensor]
    na2: list[Tensor]


def run_varying_sections(x: Tensor, sos: Tensor, hop: int, state: Tensor) -> tuple[Tensor, Tensor]:
    """Filter rows with sections whose coefficients change every `hop` samples.

    Shape:
        x: `(rows, time)`; sos: `(filters, steps, sections, 6)` in float64 with `a0 = 1`, where `filters` is 1 or
        `rows`; state: `(rows, sections, 2)` in float64. Returns `y` with the dtype of `x`, and the state.
    """
    rows, time = x.shape
    y = allocate_like(x)
    length = chunk_length(hop, rows * time)
    if not length:
        sos, hop, length = sos.repeat_interleave(hop, 1), 1, CHUNK
    unit = max(length, hop)
    segment = max(1, SEGMENT // (rows * unit)) * unit
    for start in range(0, time, segment):
        stop = min(start + segment, time)
        steps = sos[:, start // hop : -(-stop // hop)]
        state = _run_segment(x[:, start:stop], y[:, start:stop], steps, hop, length, state)
    return y, state


def can_run_in_chunks(sos: Tensor) -> bool:
    """Return whether no pole of `sos` `(..., 6)`, with `a0 = 1`, is outside the unit circle: no chunk overflows."""
    return bool(((sos[..., 5].abs() <= 1.0) & (sos[..., 4].abs() <= 1.0 + sos[..., 5])).all())


def chunk_length(hop: int, samples: int) -> int:
    """Return the length of a chunk, a multiple or a divisor of the hop; 0 if there is none of a suitable length.

    Chunks of a short signal are shorter, because with few chunks each operation costs the same for fewer samples.
    """
    if hop <= MAX_CHUNK:
        return hop * max(1, round((CHUNK if samples > SHORT else SHORT_CHUNK) / hop))
    return next((length for length in range(MAX_CHUNK, CHUNK // 2 - 1, -1) if hop % length == 0), 0)


def _run_segment(x: Tensor, y: Tensor, sos: Tensor, hop: int, length: int, state: Tensor) -> Tensor:  # noqa: PLR0917
    """Write the output for `x` `(rows, time)` to `y` and return the state."""
    rows, time = x.shape
    chunks = -(-time // length)
    layout = LaneLayout(rows, time, 1, length, chunks)
    signal = layout.to_lanes(x)[..., 0]
    output = allocate_like(signal)
    states = []
    for section in range(sos.shape[2]):
        coefficients = _coefficients(sos[:, :, section], hop, length, chunks)
        _run_section(signal, output, coefficients, state[:, section])
        states.append(_last_state(signal, output, sos[:, :, section], state[:, section], time, hop))
        signal, output = output, signal
    layout.from_lanes(signal.unsqueeze(-1), y)
    return torch.stack(states, 1)


def _coefficients(section: Tensor, hop: int, length: int, chunks: int) -> Coefficients:
    """Return the coefficients of a section `(filters, steps, 6)` for each position in a chunk."""
    filters = section.shape[0]
    values = section * section.new_tensor([1.0, 1.0, 1.0, 1.0, -1.0, -1.0])
    if length < hop:
        values = values.repeat_interleave(hop // length, 1)[:, :chunks]
        hop = length
    steps = length // hop
    missing = chunks * steps - values.shape[1]
    if missing:
        values = torch.cat([values, values[:, -1:].expand(-1, missing, -1)], 1)
    by_step = values.reshape(filters, chunks, steps, 6).permute(3, 2, 0, 1).contiguous()
    b0, b1, b2, _, na1, na2 = ([row for row in column for _ in range(hop)] for column in by_step)
    return Coefficients(b0, b1, b2, na1, na2)


def _run_section(x: Tensor, y: Tensor, c: Coefficients, state: Tensor) -> None:
    """Write the output of a section to `y`, `(length, rows, chunks)`; `state` `(rows, 2)` precedes the first chunk."""
    inputs, outputs = x.unbind(0), y.unbind(0)
    length = len(inputs)
    # The first pass writes the feed-forward part to y, and keeps only the last two outputs from a zero state.
    before = last = torch.zeros((), dtype=x.dtype, device=x.device)
    for n, (sample, out) in enumerate(zip(inputs, outputs, strict=True)):
        torch.mul(sample, c.b0[n], out=out)
        if n == 0:
            before, last = last, out
            continue
        out.addcmul_(c.b1[n - 1], inputs[n - 1])
        if n > 1:
            out.addcmul_(c.b2[n - 2], inputs[n - 2])
        new = torch.addcmul(out, c.na1[n - 1], last)
        before, last = last, new.addcmul_(c.na2[n - 2], before) if n > 1 else new
    if x.shape[-1] > 1:
        ends = _state(inputs, before, last, c, length)
        starts = _chunk_starts(_transition(c, length), ends, state)
    else:
        starts = state.mT.unsqueeze(-1)
    outputs[0].add_(starts[0])
    if length > 1:
        outputs[1].add_(starts[1]).addcmul_(c.na1[0], outputs[0])
    for n in range(2, length):
        outputs[n].addcmul_(c.na1[n - 1], outputs[n - 1]).addcmul_(c.na2[n - 2], outputs[n - 2])


def _state(x: Sequence[Tensor], before: Tensor, last: Tensor, c: Coefficients, length: int) -> Tensor:
    """Return the state after the last sample of every chunk, `(2, rows, chunks)`, for a zero state before the chunk."""
    n = length - 1
    second = torch.addcmul(c.b2[n] * x[n], c.na2[n], last)
    first = torch.addcmul(c.b1[n] * x[n], c.na1[n], last)
    if n:
        first.addcmul_(c.b2[n - 1], x[n - 1]).addcmul_(c.na2[n - 1], before)
    return torch.stack([first, second])


def _transition(c: Coefficients, length: int) -> Tensor:
    """Return the matrix from the state before a chunk to that after it, `(2, 2, filters, chunks)`, without input."""
    one, zero = torch.ones_like(c.b0[0]), torch.zeros_like(c.b0[0])
    before = torch.stack([one, zero])  # y[0] for the states (1, 0) and (0, 1)
    if length == 1:
        return torch.stack([torch.stack([c.na1[0], one]), torch.stack([c.na2[0], zero])])
    last = torch.stack([c.na1[0], one])
    for n in range(2, length):
        before, last = last, torch.mul(last, c.na1[n - 1]).addcmul_(c.na2[n - 2], before)
    n = length - 1
    first = torch.addcmul(c.na1[n] * last, c.na2[n - 1], before)
    return torch.stack([first, c.na2[n] * last])


def _chunk_starts(transition: Tensor, ends: Tensor, first: Tensor) -> Tensor:
    """Return the state before every chunk, `(2, rows, chunks)`, by composing the chunks' affine maps in pairs."""
    m, f = transition.clone(), ends
    start = first.mT.unsqueeze(-1)
    f[:, :, :1] += m[:, 0, :, :1] * start[0] + m[:, 1, :, :1] * start[1]
    reach, chunks = 1, f.shape[-1]
    while reach < chunks:
        later, earlier = m[..., reach:], m[..., :-reach]
        f = torch.cat(
            [f[..., :reach], f[..., reach:] + later[:, 0] * f[0, :, :-reach] + later[:, 1] * f[1, :, :-reach]], -1
        )
        m = torch.cat([m[..., :reach], later[:, :1] * earlier[:1] + later[:, 1:] * earlier[1:]], -1)
        reach *= 2
    return torch.cat([start.expand(2, -1, 1), f[..., :-1]], -1)


def _last_state(  # noqa: PLR0917
    x: Tensor, y: Tensor, section: Tensor, state: Tensor, time: int, hop: int
) -> Tensor:
    """Return the state after the last of the `time` samples, `(rows, 2)`."""
    length = x.shape[0]

    def at(lanes: Tensor, n: int) -> Tensor:
        return lanes[n % length, :, n // length]

    n = time - 1
    c, x1, y1 = section[:, n // hop], at(x, n), at(y, n)
    second = c[:, 2] * x1 - c[:, 5] * y1
    first = c[:, 1] * x1 - c[:, 4] * y1
    if n:
        c = section[:, (n - 1) // hop]
        first = first + c[:, 2] * at(x, n - 1) - c[:, 5] * at(y, n - 1)
    else:
        first = first + state[:, 1]
    return torch.stack([first, second], -1)
