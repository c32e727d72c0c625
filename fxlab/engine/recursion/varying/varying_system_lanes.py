"""A time-varying state space, computed for many chunks of the signal in parallel, without derivatives.

Each row is divided into chunks, and one step of a loop computes one sample of all chunks, in float64. The first pass
computes all chunks from a zero state. The state after a chunk is an affine function of the state before it. The matrix
of this function is the product of the matrices in the chunk, which is the same for all rows with the same system. A
scan composes these functions, and the second pass computes the chunks from the states that result.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.delay.lane_layout import SEGMENT, LaneLayout
from fxlab.engine.recursion.varying.scan_varying import scan_varying
from fxlab.engine.recursion.varying.varying_lanes import chunk_length
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.single_thread import single_threaded

MAX_STATES = 12
"""The largest number of states for this method; for more, products of complete matrices are faster than its loop."""
MIN_CHUNKS = 16
"""The smallest number of chunks for this method."""

Matrices = Tensor
"""The matrices `[[A, B], [C, D]]` of each step of each chunk, `(steps, n + 1, n + 1, filters, chunks)`."""


@single_threaded
def run_varying_systems(x: Tensor, systems: Tensor, hop: int, state: Tensor) -> tuple[Tensor, Tensor, int]:
    """Filter the leading samples that fill complete chunks, possibly none.

    Args:
        x: The signal, `(rows, time)`.
        systems: The matrix `[[A, B], [C, D]]` of each frame, `(filters, frames, n + 1, n + 1)` in float64, where
            `filters` is 1 or `rows`.
        hop: The length of a frame in samples.
        state: The state before the first sample, `(rows, n)` in float64.

    Returns:
        The output `(rows, count)` in the dtype of `x`, the state after these samples, `(rows, n)`, and their number
        `count`.
    """
    rows, time = x.shape
    length = chunk_length(hop, rows * time)
    unit = max(length, hop)
    if not length or time < MIN_CHUNKS * unit:
        return x[:, :0], state, 0
    done = time // unit * unit
    y = allocate_like(x[:, :done])
    segment = max(1, SEGMENT // (rows * unit)) * unit
    for start in range(0, done, segment):
        stop = min(start + segment, done)
        frames = systems[:, start // hop : stop // hop]
        state = _run_segment(x[:, start:stop], y[:, start:stop], frames, hop, length, state)
    return y, state, done


def _run_segment(x: Tensor, y: Tensor, systems: Tensor, hop: int, length: int, state: Tensor) -> Tensor:  # noqa: PLR0917
    """Write the output for `x` `(rows, time)`, complete chunks, to `y`, and return the last state, `(rows, n)`.

    `systems` is `(filters, frames, n + 1, n + 1)` with frames of `hop` samples, `length` is that of a chunk, and
    `state` is the state before the first sample.
    """
    rows, time = x.shape
    chunks, n = time // length, state.shape[-1]
    layout = LaneLayout(rows, time, 1, length, chunks)
    signal = layout.to_lanes(x)[..., 0]
    if length < hop:
        systems, hop = systems.repeat_interleave(hop // length, 1), length
    steps = length // hop
    matrices = systems.reshape(-1, chunks, steps, n + 1, n + 1).permute(2, 3, 4, 0, 1).contiguous()
    transition, ends = _advance_chunks(signal, matrices, hop)
    starts, after = scan_varying(transition.permute(2, 3, 0, 1), ends.permute(1, 2, 0).unsqueeze(-2), state[:, None, :])
    states = starts[:, :, 0].permute(2, 0, 1).contiguous()
    output = allocate_like(signal)
    _write_output(signal, output, matrices, hop, states)
    layout.from_lanes(output.unsqueeze(-1), y)
    return after[:, 0]


def _advance_chunks(x: Tensor, matrices: Matrices, hop: int) -> tuple[Tensor, Tensor]:
    """Return the transition over every chunk, `(n, n, filters, chunks)`, and the state after it, `(n, rows, chunks)`.

    The state is that of a chunk which begins from zero state. `x` is `(length, rows, chunks)`, and a step of the
    matrices is `hop` samples.
    """
    n = matrices.shape[1] - 1
    states, following = (x.new_zeros(n, *x.shape[1:]) for _ in range(2))
    total: Tensor | None = None
    for step, matrix in enumerate(matrices.unbind(0)):
        rows = [row.unbind(0) for row in matrix.unbind(0)]
        for sample in x[step * hop : (step + 1) * hop].unbind(0):
            _next_states(rows, states, sample, following)
            states, following = following, states
        power = _power(matrix[:n, :n], hop)
        total = power if total is None else _product(power, total)
    assert total is not None
    return total, states


def _write_output(x: Tensor, y: Tensor, matrices: Matrices, hop: int, states: Tensor) -> None:
    """Write the output of all chunks for `x` to `y`, both `(length, rows, chunks)`.

    `states` `(n, rows, chunks)` are the states before the chunks and are overwritten. A step of the matrices is `hop`
    samples.
    """
    n = matrices.shape[1] - 1
    following = torch.empty_like(states)
    for step, matrix in enumerate(matrices.unbind(0)):
        rows = [row.unbind(0) for row in matrix.unbind(0)]
        part = slice(step * hop, (step + 1) * hop)
        for sample, out in zip(x[part].unbind(0), y[part].unbind(0), strict=True):
            torch.mul(rows[n][n], sample, out=out)
            for gain, value in zip(rows[n][:n], states.unbind(0), strict=True):
                out.addcmul_(gain, value)
            _next_states(rows, states, sample, following)
            states, following = following, states


def _next_states(rows: list[tuple[Tensor, ...]], states: Tensor, sample: Tensor, out: Tensor) -> None:
    """Write the states after `sample` `(rows, chunks)` to `out`; `states` are those before, both `(n, rows, chunks)`.

    `rows` are the rows of the matrix `[[A, B], [C, D]]`, each with entries `(filters, chunks)`.
    """
    before = states.unbind(0)
    for row, after in zip(rows[:-1], out.unbind(0), strict=True):
        torch.mul(row[-1], sample, out=after)
        for gain, value in zip(row[:-1], before, strict=True):
            after.addcmul_(gain, value)


def _power(matrix: Tensor, exponent: int) -> Tensor:
    """Return the matrices `(n, n, filters, chunks)` to the power of `exponent`, which is at least 1."""
    result: Tensor | None = None
    while True:
        if exponent % 2:
            result = matrix if result is None else _product(matrix, result)
        exponent //= 2
        if not exponent:
            assert result is not None
            return result
        matrix = _product(matrix, matrix)


def _product(a: Tensor, b: Tensor) -> Tensor:
    """Return the products `a b` of matrices `(n, n, filters, chunks)`."""
    total = a[:, 0, None] * b[0]
    for k in range(1, len(b)):
        total.addcmul_(a[:, k, None], b[k])
    return total
