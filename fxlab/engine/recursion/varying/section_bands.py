"""Time-varying second-order sections on the CPU, as banded systems of equations, without derivatives.

With the coefficients b and a of every sample, a section in transposed direct form II is the recursion

    y[n] + a1[n-1] y[n-1] + a2[n-2] y[n-2] = b0[n] x[n] + b1[n-1] x[n-1] + b2[n-2] x[n-2],

in which the index of a coefficient is that of the sample that it multiplies. The right side is computed by three vector
operations. Column n of the matrix of the left side is 1, a1[n] and a2[n], and `solve_banded` solves for y.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.varying.banded_solver import solve_banded
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

TILE = 1 << 15
"""The number of samples that are filtered at once; their float64 vectors fit in the second-level cache."""
MIN_TIME = 1 << 13
"""The smallest number of samples in a row for this method; for shorter rows `varying_lanes` makes fewer calls."""


def run_sections_in_bands(x: Tensor, sos: Tensor, hop: int, state: Tensor) -> tuple[Tensor, Tensor]:
    """Filter rows with sections whose coefficients change every `hop` samples; return the output and the last state.

    Each row is filtered separately, on one of several threads, so equal rows have equal outputs.

    Shape:
        x: `(rows, time)`; sos: `(filters, steps, sections, 6)` in float64 with `a0 = 1`, where `filters` is 1 or
        `rows`; state: `(rows, sections, 2)` in float64. Returns `y` with the dtype of `x`, and the state in float64.
    """
    y, after, sections = allocate_like(x), np.array(state.resolve_neg().numpy()), sos.resolve_neg().numpy()

    def run_row(row: int) -> None:
        _filter_row(x[row], y[row], sections[row if len(sections) > 1 else 0], hop, after[row])

    run_parts(run_row, range(len(x)), max_workers())
    return y, torch.from_numpy(after)


def _filter_row(x: Tensor, y: Tensor, sos: np.ndarray, hop: int, state: np.ndarray) -> None:
    """Write the output for `x` `(time,)` to `y`, and replace the first state, `state`, by the state after `x`.

    `sos` is `(steps, sections, 6)`, and `state` is `(sections, 2)`.
    """
    # Two additional entries are for the contributions of the last two samples to the next two outputs.
    buffers = [torch.empty(min(len(x), TILE) + 2, dtype=torch.float64) for _ in range(2)]
    for start, stop, steps in tiles(len(x), hop, TILE):
        signal, output = (buffer[: stop - start + 2] for buffer in buffers)
        signal[:-2].copy_(x[start:stop])
        for number in range(sos.shape[1]):
            _run_section(signal, output, sos[steps, number], state[number])
            signal, output = output, signal
        y[start:stop] = signal[:-2]


def tiles(time: int, hop: int, size: int) -> Iterator[tuple[int, int, slice]]:
    """Yield the start, the stop and the slice of the steps of each tile of at most `size` samples.

    A step is `hop` samples, the last one possibly fewer. All steps of a tile have the same length. If a step is longer
    than `size`, each tile is a part of one step.
    """
    if hop > size:
        for step, first in enumerate(range(0, time, hop)):
            end = min(first + hop, time)
            for start in range(first, end, size):
                yield start, min(start + size, end), slice(step, step + 1)
        return
    steps, at_once = time // hop, size // hop
    for first in range(0, steps, at_once):
        last = min(first + at_once, steps)
        yield first * hop, last * hop, slice(first, last)
    if steps * hop < time:
        yield steps * hop, time, slice(steps, steps + 1)


def _run_section(x: Tensor, y: Tensor, section: np.ndarray, state: np.ndarray) -> None:
    """Write the output for `x` to `y`, both `(time + 2,)`, and replace `state` `(2,)` by the state after `x`.

    `section` is `(steps, 6)`. The last two entries of `x` are not used, and those of `y` are the new state.
    """
    # Operations on few numbers use NumPy, where they take a third of the time.
    steps, time = len(section), len(x) - 2
    inputs, outputs = x[:-2].view(steps, -1), y.numpy()
    b0, b1, b2 = torch.from_numpy(section[:, :3, None]).unbind(1)
    torch.mul(inputs, b0, out=y[:-2].view(steps, -1))
    outputs[time:] = 0.0
    outputs[:2] += state
    y[1:-1].view(steps, -1).addcmul_(inputs, b1)
    y[2:].view(steps, -1).addcmul_(inputs, b2)
    # Copying a0 too is faster, because four float64 numbers are copied at once; it is not used.
    band = section[:, 2:].repeat(time // steps, 0)[:, 1:]
    solve_banded(band, outputs[:time])
    # Add the contributions of the last two outputs to the next two.
    outputs[time:] -= band[-1, 1:] * outputs[time - 1]
    if time > 1:
        outputs[time] -= band[-2, 2] * outputs[time - 2]
    state[:] = outputs[time:]
