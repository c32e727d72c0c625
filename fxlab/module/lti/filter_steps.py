"""`filter_steps`: runs a filter of second-order sections whose coefficients change from step to step."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine import sosfilt, sosfilt_varying
from fxlab.module.parameters.moving_values import MovingValues


def filter_steps(x: Tensor, sos: Tensor, moving: MovingValues, state: Tensor | None) -> tuple[Tensor, Tensor]:
    """Filter the block `x` with the sections of each step, and return the output and the state.

    Shape:
        x: `(..., channels, time)`.
        sos: `(..., steps, sections, 6)`, for the steps of `MovingValues.design_values`.
        state: `(..., sections, 2)`, or None at the first block.
    """
    head = moving.first_step
    if not x.shape[-1]:
        return sosfilt(x, sos[..., 0, :, :], state)
    outputs = []
    if head:
        y, state = sosfilt(x[..., :head], sos[..., 0, :, :], state)
        outputs.append(y)
        sos = sos[..., 1:, :, :]
    if head < x.shape[-1]:
        y, state = sosfilt_varying(x[..., head:], sos, moving.hop, state)
        outputs.append(y)
    assert state is not None
    return (torch.cat(outputs, -1) if len(outputs) > 1 else outputs[0]), state
