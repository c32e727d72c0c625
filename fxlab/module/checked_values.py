"""The values that a module reads during a call: checked, and aligned with the input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.tracing import is_recorded
from fxlab.module.checks import check_batch_shapes, not_recordable
from fxlab.module.parameters.broadcasting import AlignedValues, align_to_input
from fxlab.module.parameters.clock import start_sample
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.parameters.moving_values import MovingValues
from fxlab.module.parameters.owner import ParameterOwner

NO_VALUES: dict[str, Tensor] = {}
"""The values of a module without parameters."""


def checked_values(
    module: ParameterOwner,
    x: Tensor,
    rate: float,
    start: int | None = None,
    states: Mapping[str, Any] | None = None,
) -> dict[str, Tensor]:
    """Check the parameters of `module`, and return the continuous values by name, aligned with `x` by `align_to_input`.

    `rate` is the sample rate in Hz. For a block of a stream, `start` is the index of its first sample and `states`
    contains the states of the controls before the block, by name of the parameter. If `start` is None, the input begins
    at the time that `start_at` sets, by default 0.

    Raises:
        ParameterError: A value is invalid, or its shape does not align with that of `x`.
        SignalError: A control follows a signal whose sample rate is not `rate`.
        FxlabError: A control moves a parameter while PyTorch records a graph, as in `torch.compile`.
    """
    kind, inputs = type(module), None
    recorded, controls = is_recorded(), module.controls()
    if recorded and controls:
        advice = "Record module.frozen_at(seconds) instead, in which nothing moves."
        raise not_recordable(kind.__name__, f"{', '.join(controls)} moves with time", advice)
    if kind.check is not ParameterOwner.check:
        module.check(rate)
    elif module.declarations or kind._check is not ParameterOwner._check:
        inputs = module._checked_inputs(rate)
    else:
        return NO_VALUES
    # A control is represented by its shape, which costs less than its value.
    values = {n: _shape_of(controls[n]) if n in controls else d.stored(module) for n, d in module.continuous.items()}
    if inputs is None or inputs.has_batch:
        check_batch_shapes(values, x, kind.__name__, module.ranks)
    if controls:
        begin = start_sample(rate) if start is None else start
        return MovingValues(module, controls, x, begin, rate, states or {})
    return align_to_input(values, x, module.ranks) if recorded else AlignedValues(values, x, module.ranks)


def _shape_of(control: MovingValue) -> Tensor:
    """Return zeros in the batch shape of a control, `(batch…)`."""
    return torch.zeros(()).expand(control.batch_shape())
