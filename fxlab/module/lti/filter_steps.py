"""Filters whose design changes from step to step: `filter_steps` for sections, `run_in_steps` for any engine call."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from fxlab.engine import sosfilt, sosfilt_varying
from fxlab.module.parameters.moving_values import MovingValues

RunSteps = Callable[[Tensor, slice, Tensor | None], tuple[Tensor, Tensor]]
"""A function of samples, the range of their steps and the state that returns the output and the state after it."""


def run_in_steps(x: Tensor, moving: MovingValues, state: Tensor | None, run: RunSteps) -> tuple[Tensor, Tensor]:
    """Run `run` on the block `x`, first on the step that it begins in, then on the steps that begin in it.

    The steps are those of `MovingValues.design_values`.
    """
    head, outputs = moving.first_step, []
    if head or not x.shape[-1]:
        y, state = run(x[..., :head], slice(0, 1), state)
        outputs.append(y)
    if head < x.shape[-1]:
        y, state = run(x[..., head:], slice(1 if head else 0, None), state)
        outputs.append(y)
    assert state is not None
    return (torch.cat(outputs, -1) if len(outputs) > 1 else outputs[0]), state


def filter_steps(x: Tensor, sos: Tensor, moving: MovingValues, state: Tensor | None) -> tuple[Tensor, Tensor]:
    """Filter the block `x` with the sections of each step, and return the output and the state.

    Shape:
        x: `(..., channels, time)`.
        sos: `(..., steps, sections, 6)`, for the steps of `MovingValues.design_values`.
        state: `(..., sections, 2)`, or None at the first block.
    """

    def run(samples: Tensor, steps: slice, state: Tensor | None) -> tuple[Tensor, Tensor]:
        if steps.stop == 1:
            return sosfilt(samples, sos[..., 0, :, :], state)
        return sosfilt_varying(samples, sos[..., steps, :, :], moving.hop, state)

    return run_in_steps(x, moving, state, run)
