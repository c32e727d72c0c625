"""Time-varying state spaces with two states on the CPU, as sections whose state is transformed at each step.

While its matrices are constant, such a system is a second-order section. The state of the section, in transposed direct
form II, is `T s` for the state `s` of the system. Where the matrices change, `s` continues, and the state of the
section is multiplied by `G = T' T⁻¹`, with T' of the new matrices. This state is the contribution of past samples to
the next two outputs, so G changes only the contributions of the last two samples of a step to the first two outputs of
the next step. The equations of `section_bands.py` then have a third diagonal below the main one, and there are half as
many as in `system_bands.py`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.varying.banded_solver import solve_banded
from fxlab.engine.recursion.varying.section_bands import TILE, tiles
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

MIN_ANGLE = 1e-4
"""The smallest sine of the angle between the rows of T. Its inverse is a bound for the growth of rounding errors."""
MIN_VALUE = 1e-9
"""The smallest value of the denominator at z = 1 and at z = -1, whose rounding error is about 1e-16."""


class Sections(NamedTuple):
    """The sections of all steps and the transitions between steps, in float64."""

    numerator: Tensor  # (filters, 3, steps, 1): b0, b1, b2
    columns: np.ndarray  # (filters, steps, 4): 1, a1, a2 and 0
    # The coefficients of the last two outputs (`last_columns`) and inputs (`last_inputs`) of a step in the equations
    # for the first two outputs of the next step: those of the second to last sample in the first and the second
    # equation, then those of the last sample.
    last_columns: np.ndarray  # (filters, 4, steps - 1)
    last_inputs: Tensor  # (filters, 4, steps - 1)
    to_section: np.ndarray  # (filters, 2, 2, steps): T
    to_system: np.ndarray  # (filters, 2, 2, steps): the inverse of T


def sections_of_systems(systems: Tensor) -> Sections | None:
    """Return the sections for systems `(filters, steps, 3, 3)`, or None if the sections would be less accurate.

    This is so if the matrix T of a step is close to singular, or if a denominator is not above
    `MIN_VALUE` at z = 1 or at z = -1.
    """
    (A11, A12, B1), (A21, A22, B2), (C1, C2, D) = (row.unbind(0) for row in systems.permute(2, 3, 0, 1).contiguous())
    a1, a2 = -(A11 + A22), A11 * A22 - A12 * A21
    if not ((1 + a2).sub_(a1.abs()) > MIN_VALUE).all():
        return None
    CA1, CA2, CB = C1 * A11 + C2 * A21, C1 * A12 + C2 * A22, C1 * B1 + C2 * B2
    b1, b2 = CB + a1 * D, (CA1 * B1 + CA2 * B2) + a1 * CB + a2 * D
    T = C1, C2, CA1 + a1 * C1, CA2 + a1 * C2
    area = T[0] * T[3] - T[1] * T[2]
    if not (area.abs() > MIN_ANGLE * torch.hypot(C1, C2) * torch.hypot(T[2], T[3])).all():
        return None
    inverse = T[3] / area, -T[1] / area, -T[2] / area, T[0] / area
    before, after = [part[:, :-1] for part in inverse], [part[:, 1:] for part in T]
    G11, G21 = (after[i] * before[0] + after[i + 1] * before[2] for i in (0, 2))
    G12, G22 = (after[i] * before[1] + after[i + 1] * before[3] for i in (0, 2))

    def of_last_samples(first: Tensor, second: Tensor) -> Tensor:
        """Return the coefficients of the last two samples of each step in the first two outputs of the next step.

        Within a step, a sample contributes `first` times its value to the next output, and `second` times its value to
        the output after that.
        """
        one, two = first[:, :-1], second[:, :-1]
        return torch.stack([G11 * two, G21 * two, G11 * one + G12 * two, G21 * one + G22 * two], 1)

    columns = torch.stack([torch.ones_like(a1), a1, a2, torch.zeros_like(a1)], -1)
    return Sections(
        torch.stack([D, b1, b2], 1).unsqueeze(-1),
        columns.numpy(),
        of_last_samples(a1, a2).numpy(),
        of_last_samples(b1, b2),
        torch.stack(T, 1).numpy().reshape(len(a1), 2, 2, -1),
        torch.stack(inverse, 1).numpy().reshape(len(a1), 2, 2, -1),
    )


def run_as_sections(x: Tensor, sections: Sections, hop: int, state: Tensor) -> tuple[Tensor, Tensor]:
    """Return the filtered rows of `x` `(rows, time)` in its dtype, and the last state of the systems.

    The systems change every `hop` samples, at least 2. The first and the last state are `(rows, 2)` in float64.
    """
    y, after = allocate_like(x), np.array(state.resolve_neg().numpy())
    is_shared = len(sections.columns) == 1

    def run_row(row: int) -> None:
        of_row = _of_filter(sections, 0 if is_shared else row)
        buffers = [torch.empty(min(x.shape[1], TILE), dtype=torch.float64) for _ in range(2)]
        for start, stop, steps in tiles(x.shape[1], hop, TILE):
            signal, output = (buffer[: stop - start] for buffer in buffers)
            signal.copy_(x[row, start:stop])
            _run_tile(signal, output, of_row, steps, after[row])
            y[row, start:stop] = output

    run_parts(run_row, range(len(x)), max_workers())
    return y, torch.from_numpy(after)


def _of_filter(sections: Sections, number: int) -> Sections:
    """Return the sections of the filter with this number, without the dimension of the filters."""
    return Sections._make(part[number] for part in sections)


def _run_tile(x: Tensor, y: Tensor, sections: Sections, steps: slice, state: np.ndarray) -> None:
    """Filter `x`, the samples of the steps in the slice `steps`, into `y`, and update `state` in place.

    `x` and `y` are `(time,)`. `sections` are those of one filter, and `state` `(2,)` is that of the system before `x`.
    """
    first, last, time = steps.start, min(steps.stop, len(sections.columns)) - 1, len(x)
    inputs, outputs = x.view(last + 1 - first, -1), y.view(last + 1 - first, -1)
    b0, b1, b2 = sections.numerator[:, steps].unbind(0)
    torch.mul(inputs, b0, out=outputs)
    outputs[:, 1:].addcmul_(inputs[:, :-1], b1)
    outputs[:, 2:].addcmul_(inputs[:, :-2], b2)
    band = sections.columns[steps].repeat(inputs.shape[1], 0)
    if last > first:  # from each step to the next
        last_inputs, last_columns = sections.last_inputs[:, first:last], sections.last_columns[:, first:last]
        of_step = band.reshape(last + 1 - first, -1, 4)[:-1]
        for number, (sample, place) in enumerate(((-2, 0), (-2, 1), (-1, 0), (-1, 1))):
            outputs[1:, place].addcmul_(inputs[:-1, sample], last_inputs[number])
            of_step[:, sample, place - sample] = last_columns[number]
    signal, values = x.numpy(), y.numpy()
    before = sections.to_section[:, :, first] @ state
    values[: min(time, 2)] += before[:time]
    solve_banded(band, values)
    (_, a1, a2, _), (b1, b2) = sections.columns[last], sections.numerator[1:, last, 0].tolist()
    second = b2 * signal[-1] - a2 * values[-1]
    earlier = b2 * signal[-2] - a2 * values[-2] if time > 1 else before[1]
    state[:] = sections.to_system[:, :, last] @ (b1 * signal[-1] - a1 * values[-1] + earlier, second)
