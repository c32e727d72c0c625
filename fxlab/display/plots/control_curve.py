"""The values of a control over time; for a follower of the input, those while it follows a test burst."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from fxlab.control import LFO, Automation, Follower, Ramp
from fxlab.display.plots.response_curves import ASSUMED_RATE, MAX_EXAMPLES
from fxlab.module.parameters.control import Control
from fxlab.module.parameters.moving_value import MovingValue

_POINTS = 1200
_LONGEST_SOUND = 30.0  # seconds of a followed signal that are drawn

Array = NDArray[np.float64]


class ControlCurve(NamedTuple):
    """The values of a control over time."""

    seconds: Array
    """The times in seconds, `(points,)`."""
    values: Array
    """The values, `(examples, points)`, of at most `MAX_EXAMPLES` examples."""
    examples: int
    """The number of all examples."""
    burst: tuple[float, float] | None = None
    """The start and the end in seconds of the test burst that a follower of the input follows; None without a burst."""
    burst_db: float = 0.0
    """The level of the burst in dBFS; 0 without a burst."""


def drawing_rate_of(control: Control) -> float:
    """Return the sample rate in Hz at which to draw a control.

    It is that of the control, or else that of the sound that the control follows, or else 44.1 kHz.
    """
    if control.sample_rate:
        return control.sample_rate
    if isinstance(control, Follower) and control.of is not None:
        return float(control.of.sample_rate)
    return ASSUMED_RATE


def shown_duration(control: MovingValue) -> float:
    """Return the duration in seconds of the plot of a control.

    The plot contains about 4 cycles of an LFO, or 12 of a random one, a complete ramp, all points of an automation, or
    up to 30 s of the sound that a follower follows. For other controls, and for a follower of the input, the duration
    is 2 s.
    """
    if isinstance(control, LFO):
        rate = control.cycles_per_second().detach()
        cycles = 12.0 if "random" in control.shape or "hold" in control.shape else 4.0
        return cycles / math.sqrt(float(rate.min()) * float(rate.max()))
    if isinstance(control, Ramp):
        values = control.values()
        return 1.2 * float(values["delay"].detach().max() + values["duration"].detach().max())
    if isinstance(control, Automation):
        last = float(control.values()["times"].detach().max())
        return 1.1 * last if last else 1.0
    if isinstance(control, Follower) and control.of is not None:
        return min(control.of.duration, _LONGEST_SOUND)
    return 2.0


def compute_control_curve(control: Control, scale: str) -> ControlCurve:
    """Return the values of a control over time; a follower of the input follows a test burst.

    `scale` is the scale of the parameter that the control moves, `"linear"` or `"log"`.
    """
    rate = drawing_rate_of(control)
    with torch.no_grad():
        if isinstance(control, Follower) and control.of is None:
            return _response_to_burst(control, rate, scale)
        duration = shown_duration(control)
        positions = torch.linspace(0.0, duration * rate * (1 - 1e-6), _POINTS, dtype=torch.float64)
        values = control.evaluate(positions, rate, scale)
    return ControlCurve(positions.numpy() / rate, *_rows(values))


def _response_to_burst(follower: Follower, rate: float, scale: str) -> ControlCurve:
    """Return the values before, during and after a burst of a square wave.

    The level of the burst drives the follower to the top of its range, but is not above 0 dBFS. `rate` is the sample
    rate in Hz, and `scale` that of the parameter that the follower moves.
    """
    values = follower.values()
    attack, release = (float(values[name].detach().max()) / 1000 for name in ("attack_ms", "release_ms"))
    tail = max(5 * release, 0.02)
    length = max(8 * attack, 0.4 * tail)
    start = 0.12 * (length + tail)
    duration = start + length + tail
    seconds = torch.arange(math.ceil(duration * rate), dtype=torch.float64) / rate
    level_db = min(-float(values["gain_db"].detach().max()), 0.0) + 0.0
    # The magnitude of a square wave is constant, so that the curve shows the two time constants and nothing else.
    burst = 10 ** (level_db / 20) * ((seconds >= start) & (seconds < start + length)).double()
    # One axis in front for each dimension of the batch, and one for the channels.
    shape = follower.batch_shape()
    x = burst.expand(*(shape or (1,)), *((1,) if len(shape) < 2 else ()), len(burst))
    shown = torch.linspace(0, len(burst) - 1, _POINTS).long()
    moved, _ = follower.evaluate_block(x, 0, shown, rate, scale, None)
    return ControlCurve(seconds[shown].numpy(), *_rows(moved), (start, start + length), level_db)


def _rows(values: torch.Tensor) -> tuple[Array, int]:
    """Return the first `MAX_EXAMPLES` examples of `values`, `(..., points)`, and the number of all examples."""
    rows = values.reshape(-1, values.shape[-1])
    return rows[:MAX_EXAMPLES].cpu().numpy(), len(rows)
