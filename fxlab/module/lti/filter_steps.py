"""Filters whose design changes from step to step: `filter_steps` for sections, `run_in_steps` for any engine call."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from fxlab.engine import sosfilt, sosfilt_varying
from fxlab.module.parameters.moving_values import MovingValues

RunSteps = Callable[[Tensor, slice, Tensor | None], tuple[Tensor, Tensor]]
"""A function of samples, the range of their steps and the state that returns the output and the state after it."""


MAX_SAMPLES = 1 << 20
"""The number of samples, over all channels, whose designs are in memory at once; longer blocks run in parts."""


def run_in_steps(x: Tensor, moving: MovingValues, state: Tensor | None, run: RunSteps) -> tuple[Tensor, Tensor]:
    """Run `run` on the block `x`, first on the step that it begins in, then on the steps that begin in it.

    The steps are those of `MovingValues.design_values`.
    """
    time, hop, outputs = x.shape[-1], moving.hop, []
    start, step = moving.first_step, 0
    if start or not time:
        y, state = run(x[..., :start], slice(0, 1), state)
        outputs.append(y)
        step = 1
    steps = max(1, MAX_SAMPLES // (max(1, x.numel() // max(1, time)) * hop))
    while start < time:
        y, state = run(x[..., start : start + steps * hop], slice(step, step + steps), state)
        outputs.append(y)
        start, step = start + steps * hop, step + steps
    assert state is not None
    return (torch.cat(outputs, -1) if len(outputs) > 1 else outputs[0]), state


def filter_steps(
    x: Tensor, design: Callable[[slice], Tensor], moving: MovingValues, state: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Filter the block `x` with the sections of each step, and return the output and the state.

    Shape:
        x: `(..., channels, time)`.
        state: `(..., sections, 2)`, or None at the first block.

    Args:
        x: The block.
        design: Returns the sections `(..., steps, sections, 6)` of a range of the steps of
            `MovingValues.design_values`.
        moving: The values of the parameters.
        state: The state before the block.
    """

    def run(samples: Tensor, steps: slice, state: Tensor | None) -> tuple[Tensor, Tensor]:
        sos = design(steps)
        if samples.shape[-1] <= moving.hop:
            return sosfilt(samples, sos[..., 0, :, :], state)
        return sosfilt_varying(samples, sos, moving.hop, state)

    return run_in_steps(x, moving, state, run)
