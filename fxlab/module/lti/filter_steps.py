"""Filters whose design changes from step to step: `filter_steps` for sections, `run_in_steps` for any engine call."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from fxlab.engine import sosfilt, sosfilt_varying
from fxlab.engine.torch_support.buffer_pool import allocate
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.module.parameters.moving_values import MovingValues

RunSteps = Callable[[Tensor, slice, Tensor | None], tuple[Tensor, Tensor]]
"""A function of a block, the range of its steps and the state before it; it returns the output and the next state."""


MAX_SAMPLES = 1 << 18
"""The largest number of samples, over all channels, whose designs are in memory at once; longer blocks are split."""


def run_in_steps(x: Tensor, moving: MovingValues, state: Tensor | None, run: RunSteps) -> tuple[Tensor, Tensor]:
    """Filter the block `x` with `run`, and return the output and the state after it.

    `state` is None at the first block.

    If the block begins within a step, the first call of `run` processes the rest of that step. Each further call
    processes at most as many steps as fit in `MAX_SAMPLES` samples, or one step if none fits. The steps are those of
    `MovingValues.design_values`.
    """
    time, hop = x.shape[-1], moving.hop
    start = moving.first_step
    parts = [(slice(0, start), slice(0, 1))] if start or not time else []
    step = len(parts)
    steps = max(1, MAX_SAMPLES // (max(1, x.numel() // max(1, time)) * hop))
    while start < time:
        parts.append((slice(start, min(start + steps * hop, time)), slice(step, step + steps)))
        start, step = start + steps * hop, step + steps
    outputs: list[Tensor] = []
    joined: Tensor | None = None
    for samples, steps_of_part in parts:
        y, state = run(x[..., samples], steps_of_part, state)
        if len(parts) > 1 and not outputs and joined is None and not needs_derivative(y, state):
            joined = allocate((*y.shape[:-1], time), y.dtype, y.device)  # so that no sample is in memory twice
        if joined is None:
            outputs.append(y)
        else:
            joined[..., samples] = y
    assert state is not None
    if joined is not None:
        return joined, state
    return (torch.cat(outputs, -1) if len(outputs) > 1 else outputs[0]), state


def filter_steps(
    x: Tensor, design: Callable[[slice], Tensor], moving: MovingValues, state: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Filter the block `x` with the sections of each step, and return the output and the state after it.

    Shape:
        x: `(..., channels, time)`.
        state: `(..., sections, 2)`, or None at the first block.

    Args:
        x: The block.
        design: A function that returns the sections `(..., steps, sections, 6)` for a range of the steps of
            `MovingValues.design_values`.
        moving: The values of the parameters over time.
        state: The state before the block.
    """

    def run(samples: Tensor, steps: slice, state: Tensor | None) -> tuple[Tensor, Tensor]:
        sos = design(steps)
        if samples.shape[-1] <= moving.hop:
            return sosfilt(samples, sos[..., 0, :, :], state)
        return sosfilt_varying(samples, sos, moving.hop, state)

    return run_in_steps(x, moving, state, run)
