"""A time-varying state space on the CPU, as a banded system of equations for each row, without derivatives.

The states after the samples are the solution of the equations `s[k+1] - A[k] s[k] = B[k] x[k]`. For n states, the
matrix of these equations has `2 n - 1` diagonals below the main diagonal. See `section_bands.py` for second-order
sections.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.varying.banded_solver import solve_banded
from fxlab.engine.recursion.varying.section_bands import TILE, tiles
from fxlab.engine.recursion.varying.system_sections import run_as_sections, sections_of_systems
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

MAX_STATES = 4
"""The largest number of states for this method; `varying_system_lanes` filters systems with more states."""


def run_systems_in_bands(x: Tensor, systems: Tensor, hop: int, state: Tensor) -> tuple[Tensor, Tensor]:
    """Filter rows with systems that change every `hop` samples; return the output and the last state.

    Shape:
        x: `(rows, time)`; systems: the matrix `[[A, B], [C, D]]` of each step, `(filters, steps, n + 1, n + 1)` in
        float64, where `filters` is 1 or `rows`; state: `(rows, n)` in float64. Returns `y` with the dtype of `x`, and
        the state in float64.
    """
    time, n = x.shape[1], state.shape[1]
    sections = sections_of_systems(systems) if n == 2 and hop > 1 else None
    if sections is not None:
        return run_as_sections(x, sections, hop, state)
    y, after, matrices = allocate_like(x), np.array(state.resolve_neg().numpy()), systems.resolve_neg().numpy()
    size = TILE // n  # the band has 2 n numbers for each of n states of a sample

    def run_row(row: int) -> None:
        of_row = matrices[row if len(matrices) > 1 else 0]
        buffer = np.empty((min(time, size) + 1, n))
        for start, stop, steps in tiles(time, hop, size):
            _run_tile(x[row, start:stop], y[row, start:stop], of_row[steps], buffer[: stop - start + 1], after[row])

    run_parts(run_row, range(len(x)), max_workers())
    return y, torch.from_numpy(after)


def _run_tile(x: Tensor, y: Tensor, systems: np.ndarray, states: np.ndarray, state: np.ndarray) -> None:
    """Write the output for `x` to `y`, both `(time,)`, and replace `state` `(n,)` by the state after `x`.

    `systems` is `(steps, n + 1, n + 1)`. `states`, `(time + 1, n)`, is overwritten with the states before the samples
    and after the last sample.
    """
    steps, n = len(systems), len(state)
    hop = len(x) // steps
    signal = x.to(torch.float64).view(steps, hop)
    A, B, C, D = systems[:, :n, :n], systems[:, :n, n], systems[:, n, :n], systems[:, n, n]
    states[0] = state
    all_states = torch.from_numpy(states)
    torch.mul(signal.unsqueeze(-1), torch.from_numpy(B[:, None]), out=all_states[1:].view(steps, hop, n))
    states[1] += A[0] @ state
    # Column `j` of a sample's states continues in the states of the next sample, whose matrix is the next one.
    columns = np.zeros((steps + 1, n, 2 * n))
    for j in range(n):
        columns[:-1, j, n - j : 2 * n - j] = -A[:, :, j]
    band = columns.repeat(hop, 0)[1:]
    solve_banded(band.reshape(-1, 2 * n), states[1:].reshape(-1))
    output = signal * torch.from_numpy(D[:, None])
    before = all_states[:-1].view(steps, hop, n)
    for j in range(n):
        output.addcmul_(before[..., j], torch.from_numpy(C[:, j : j + 1]))
    y.copy_(output.view(-1))
    state[:] = states[-1]
