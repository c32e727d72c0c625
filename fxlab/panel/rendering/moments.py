"""Analysis of modules whose parameters move: their values at one or several moments, and the length of windows."""

from __future__ import annotations

from typing import TypeVar

import torch

from fxlab.errors import FxlabError
from fxlab.module import Module, has_response
from fxlab.module.parameters.freeze_controls import GOLDEN_RATIO, freeze_at_times, moving_parameters

M = TypeVar("M", bound=Module)

MEAN_MOMENTS = 32
"""The number of moments over which the response of a module whose parameters move is averaged."""
MEMORY_MOMENTS = 64
"""The number of moments, spread over a window, at which the memory of such a module is computed."""
MULTIPLE = 256
"""A number of samples, a multiple of the default hop.

The length of a window that does not begin at 0, or its beginning if parameters move, is a multiple of this number.
"""
FIRST_SPAN = 0.25
"""The first estimate of the memory, in seconds."""


def is_moving(module: Module) -> bool:
    """Return whether a parameter of the module or of its parts moves."""
    return next(moving_parameters(module), None) is not None


def at_moment(module: M, seconds: float) -> M:
    """Return a copy of the module with the values that its parameters have at `seconds`, and without controls.

    If no parameter moves, the module itself is returned.
    """
    return freeze_at_times(module, torch.tensor(seconds)) if is_moving(module) else module


def over_the_sound(module: M, duration: float) -> M:
    """Return a copy of the module in which each control is replaced by its values at several moments, as a batch.

    The `MEAN_MOMENTS` moments are spread over a sound of `duration` seconds.
    """
    # Multiples of the golden ratio are spread evenly, and are not aligned with any periodic movement.
    return freeze_at_times(module, (torch.arange(MEAN_MOMENTS, dtype=torch.float64) * GOLDEN_RATIO).frac() * duration)


def window_begin(module: Module, start: int, count: int, rate: float, tolerance: float) -> int | None:
    """Return the first sample of the window of the input that the module needs to compute a part of its output.

    It is None if the output depends on the complete input, or if the memory of the module cannot be determined.

    Args:
        module: The module; without a response, its output is assumed to depend on the complete input.
        start: The first sample of the part of the output.
        count: The number of samples of the part.
        rate: The sample rate in Hz.
        tolerance: The fraction of the input before the window that may remain in the output.
    """
    if not has_response(module):
        return None
    if not is_moving(module):
        memory = _memory(module, rate, tolerance)
        # The length of the window is a multiple, so that the engine has no odd remainder to filter.
        return None if memory is None else max(0, start - memory - -(memory + count) % MULTIPLE)
    memory = _moving_memory(module, start, count, rate, tolerance)
    # The window begins at the start of a hop of the control values, so that no part of a hop is filtered on its own.
    return None if memory is None else max(0, start - memory) // MULTIPLE * MULTIPLE


def _moving_memory(module: Module, start: int, count: int, rate: float, tolerance: float) -> int | None:
    """Return the memory, in samples, of a module whose parameters move; None if it cannot be determined.

    It is the largest memory at several moments of the part of the output and of the input that this part depends on,
    plus the memory of the controls. See `window_begin` for the arguments.
    """
    # The level that a follower measures depends on earlier input too.
    of_controls = sum(control.memory(rate, tolerance) for _, _, control in moving_parameters(module))
    memory = int(FIRST_SPAN * rate)
    while True:
        first = max(0, start - memory)
        times = torch.linspace(first, start + count, MEMORY_MOMENTS, dtype=torch.float64) / rate
        needed = _memory(freeze_at_times(module, times), rate, tolerance)
        if needed is None:
            return None
        if needed <= memory or first == 0:
            return needed + of_controls
        memory = needed + needed // 2


def _memory(module: Module, rate: float, tolerance: float) -> int | None:
    assert has_response(module)
    try:
        return module.memory(rate, tolerance=tolerance)
    except FxlabError:  # no sections, or an invalid value, which the complete render reports
        return None
