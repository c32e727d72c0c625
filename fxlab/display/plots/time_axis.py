"""The axis of plots over time."""

from __future__ import annotations

from fxlab.display.canvas.axis import Axis, even_ticks, step_ticks
from fxlab.display.number_format import format_number


def seconds_axis(duration: float) -> Axis:
    """Return an axis from 0 to `duration` seconds, with labels in the unit that `time_unit` returns.

    >>> [label for _, label in seconds_axis(2.0).ticks]
    ['0', '0.25', '0.5', '0.75', '1', '1.25', '1.5', '1.75']
    """
    if duration >= 120:
        ticks = step_ticks(0.0, duration, 9, (15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400))
        return Axis(0.0, duration, tuple((t, f"{t // 60:.0f}:{t % 60:02.0f}") for t in ticks))
    factor = 1.0 if duration >= 1 else 1e3 if duration >= 1e-3 else 1e6
    ticks = [value for value in even_ticks(0.0, duration * factor, 7) if value <= duration * factor * 0.99]
    return Axis(0.0, duration, tuple((value / factor, format_number(value)) for value in ticks))


def time_unit(axis: Axis) -> str:
    """Return the unit of the labels of an axis that `seconds_axis` returned."""
    return "min" if axis.high >= 120 else "s" if axis.high >= 1 else "ms" if axis.high >= 1e-3 else "µs"
