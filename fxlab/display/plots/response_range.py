"""The range that the magnitude of a module covers while its parameters move."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.control import Follower
from fxlab.display.plots.control_curve import shown_duration
from fxlab.errors import FxlabError
from fxlab.module import LinearAnalysis
from fxlab.module.parameters.control import interpolate
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.parameters.owner import ParameterOwner

_MOMENTS = 121
_MIN_MAGNITUDE = 1e-10

Array = NDArray[np.float64]


def magnitude_range(module: LinearAnalysis, rate: float, frequency: Array) -> tuple[Array, Array] | None:
    """Return the lowest and the highest magnitude over time in dB at each frequency.

    It is None if nothing moves, if examples move differently, or if the response has no closed form for a batch.
    """
    copied = deepcopy(module)
    moving = [
        (part, name, control)
        for part in copied.modules()
        if isinstance(part, ParameterOwner)
        for name, control in part.controls().items()
    ]
    if not moving or any(control.batch_shape() for _, _, control in moving):
        return None
    duration = max(shown_duration(control) for _, _, control in moving)
    with suppress(FxlabError, RuntimeError), torch.no_grad():
        for part, name, control in moving:
            scale = getattr(part.declarations[name], "scale", "linear")
            setattr(part, name, _moments(control, duration, rate, scale))
        response = copied.response(torch.from_numpy(frequency), rate).abs().cpu()
        if response.shape == (_MOMENTS, len(frequency)):
            db = 20 * np.log10(np.maximum(response.numpy(), _MIN_MAGNITUDE))
            return db.min(0), db.max(0)
    return None


def _moments(control: MovingValue, duration: float, rate: float, scale: str) -> Tensor:
    """Return values over `duration` seconds; of a follower, whose input is not known, values over its range."""
    if isinstance(control, Follower) and control.of is None:
        low, high = control.limits()
        return interpolate(low, high, torch.linspace(0.0, 1.0, _MOMENTS, dtype=torch.float64), scale)
    positions = torch.linspace(0.0, duration * rate * (1 - 1e-6), _MOMENTS, dtype=torch.float64)
    return control.evaluate(positions, rate, scale)
