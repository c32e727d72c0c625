"""`freeze_controls`: a copy of a module in which parameters that move have their value at one moment."""

from __future__ import annotations

from copy import deepcopy
from typing import TypeVar

import torch

from fxlab.module.parameters.clock import validate_time
from fxlab.module.parameters.owner import ParameterOwner

T = TypeVar("T", bound=ParameterOwner)


def freeze_controls(module: T, seconds: float) -> T:
    """Return a copy of `module` in which each control is replaced by its value `seconds` after the start."""
    seconds = validate_time(seconds, f"{type(module).__name__}.frozen_at")
    copied, rate = deepcopy(module), module.sample_rate or 44_100.0
    for part in list(copied.modules()):
        if isinstance(part, ParameterOwner):
            for name, control in part.controls().items():
                scale = getattr(part.declarations[name], "scale", "linear")
                setattr(part, name, control.evaluate(torch.tensor([seconds * rate]), rate, scale)[..., 0])
    return copied
