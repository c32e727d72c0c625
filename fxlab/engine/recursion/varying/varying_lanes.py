"""Time-varying second-order sections, computed for many chunks of the signal in parallel, without derivatives.

Each row is divided into chunks, and one step of a loop computes one sample of all chunks, in float64. With the
coefficients b and a of every sample, a section in transposed direct form II is the recursion

    y[n] = b0[n] x[n] + b1[n-1] x[n-1] + b2[n-2] x[n-2] - a1[n-1] y[n-1] - a2[n-2] y[n-2],

in which the index of a coefficient is that of the sample that it multiplies. The first pass computes all chunks from a
zero state, and the two homogeneous solutions, which are the same for all rows with the same filter. The state after a
chunk is an affine function of the state before it. A scan composes these functions, and the second pass computes the
chunks from the states that result.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from fxlab.engine.delay.lane_layout import SEGMENT, LaneLayout
from fxlab.engine.recursion.varying import varying_script
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.script import script_function
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

CHUNK = 64
"""The preferred length of a chunk in samples: the vectors of the loop are long, and the scan has few levels."""
SHORT, SHORT_CHUNK = 1 << 16, 16
"""A signal of at most `SHORT` samples, over all rows, is divided into chunks of about `SHORT_CHUNK` samples."""
MAX_CHUNK = 512
"""The largest length of a chunk in samples."""
MIN_TIME_OF_PART = 1 << 16
"""The smallest number of samples in a row with which each row is filtered separately, on one of several threads."""


run_section: Callable[..., Tensor] = script_function(varying_script, "run_section")


def run_varying_sections(x: Tensor, sos: Tensor, hop: int, state: Tensor) -> tuple[Tensor, Tensor]:
    """Filter rows with sections whose coefficients change every `hop` samples; return the output and the last state.

    Shape:
        x: `(rows, time)`; sos: `(filters, steps, sections, 6)` in float64 with `a0 = 1`, where `filters` is 1 or
        `rows`; state: `(rows, sections, 2)` in float64. Returns `y` with the dtype of `x`, and the state in float64.
    """
    rows, time = x.shape
    y = allocate_like(x)
    length = chunk_length(hop, rows * time)
    if not length:
        sos, hop, length = sos.repeat_interleave(hop, 1), 1, CHUNK
    unit = max(length, hop)

    def run_rows(part: slice) -> Tensor:
        after, filters = state[part], sos if sos.shape[0] == 1 else sos[part]
        segment = max(1, SEGMENT // (len(after) * unit)) * unit
        for start in range(0, time, segment):
            stop = min(start + segment, time)
            steps = filters[:, start // hop : -(-stop // hop)]
            after = _run_segment(x[part, start:stop], y[part, start:stop], steps, hop, length, after)
        return after

    at_once = rows if time < MIN_TIME_OF_PART else 1
    parts = [slice(first, first + at_once) for first in range(0, rows, at_once)]
    ends = run_parts(run_rows, parts, max_workers())
    return y, ends[0] if len(ends) == 1 else torch.cat(ends)


def can_run_in_chunks(sos: Tensor) -> bool:
    """Return whether no pole of `sos` `(..., 6)`, with `a0 = 1`, is outside the unit circle."""
    # With such a pole, a chunk could overflow.
    return bool(((sos[..., 5].abs() <= 1.0) & (sos[..., 4].abs() <= 1.0 + sos[..., 5])).all())


def chunk_length(hop: int, samples: int) -> int:
    """Return the length of a chunk in samples, a multiple or a divisor of the hop, or 0 if no such length is suitable.

    `samples` is the number of samples over all rows; the chunks of a short signal are shorter.
    """
    # With few chunks, each operation costs the same for fewer samples.
    if hop <= MAX_CHUNK:
        return hop * max(1, round((CHUNK if samples > SHORT else SHORT_CHUNK) / hop))
    return next((length for length in range(MAX_CHUNK, CHUNK // 2 - 1, -1) if hop % length == 0), 0)


def _run_segment(x: Tensor, y: Tensor, sos: Tensor, hop: int, length: int, state: Tensor) -> Tensor:  # noqa: PLR0917
    """Write the output for `x` `(rows, time)` to `y`, and return the last state, `(rows, sections, 2)`.

    `sos` is `(filters, steps, sections, 6)` with steps of `hop` samples, `length` is that of a chunk, and `state` is
    the state before the first sample.
    """
    rows, time = x.shape
    chunks = -(-time // length)
    layout = LaneLayout(rows, time, 1, length, chunks)
    signal = layout.to_lanes(x)[..., 0]
    output = allocate_like(signal)
    states = []
    for section in range(sos.shape[2]):
        coefficients = _coefficients(sos[:, :, section], hop, length, chunks)
        run_section(signal, output, coefficients, min(hop, length), state[:, section])
        states.append(_last_state(signal, output, sos[:, :, section], state[:, section], time, hop))
        signal, output = output, signal
    layout.from_lanes(signal.unsqueeze(-1), y)
    return torch.stack(states, 1)


def _coefficients(section: Tensor, hop: int, length: int, chunks: int) -> Tensor:
    """Return the coefficients of a section `(filters, steps, 6)` as `(6, steps of a chunk, filters, chunks)`.

    The six coefficients are b0, b1, b2, 1, -a1 and -a2; see `varying_script`. `hop` is the length of a step in
    `section`, and `length` is that of a chunk.
    """
    filters = section.shape[0]
    values = section * section.new_tensor([1.0, 1.0, 1.0, 1.0, -1.0, -1.0])
    if length < hop:
        values = values.repeat_interleave(hop // length, 1)[:, :chunks]
        hop = length
    steps = length // hop
    missing = chunks * steps - values.shape[1]
    if missing:
        values = torch.cat([values, values[:, -1:].expand(-1, missing, -1)], 1)
    return values.reshape(filters, chunks, steps, 6).permute(3, 2, 0, 1).contiguous()


def _last_state(  # noqa: PLR0917
    x: Tensor, y: Tensor, section: Tensor, state: Tensor, time: int, hop: int
) -> Tensor:
    """Return the state of a section after the last of the `time` samples, `(rows, 2)`.

    `x` and `y` are the input and the output in lanes, `(length, rows, chunks)`, `section` is `(filters, steps, 6)` with
    steps of `hop` samples, and `state` is the first state.
    """
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
