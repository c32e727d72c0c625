"""Plots of magnitude, phase and group delay over frequency."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import Axis, even_ticks, frequency_axis, linear_axis, step_ticks
from fxlab.display.canvas.canvas import Box, Canvas
from fxlab.display.canvas.colors import LineStyle
from fxlab.display.canvas.frame import TICK_SIZE, Frame
from fxlab.display.number_format import format_frequency
from fxlab.display.plots.mask_plot import draw_mask
from fxlab.display.plots.response_curves import ResponseCurves
from fxlab.filters import Mask

CORNER = LineStyle(colors.ACCENT, (1.5, 2.5))
HALF_POWER = LineStyle(colors.TEXT, (4.0, 3.0))
_MAX_DEPTH_DB = 60.0
_MIN_MAGNITUDE_DB = -80.0
"""The magnitude in dB below which phase and delay may be dominated by rounding errors."""

Array = NDArray[np.float64]


def log_frequency_axis(rate: float, frequency: Array, width: float) -> Axis:
    """Return a logarithmic frequency axis from the first value of `frequency`, in Hz, to half the sample rate.

    `rate` is the sample rate in Hz, and `width` the length of the axis in CSS pixels.
    """
    return frequency_axis(float(frequency[0]), rate / 2, "log", width)


def draw_magnitude(
    canvas: Canvas,
    box: Box,
    response: ResponseCurves,
    corners: Sequence[float],
    *,
    last: bool = False,
    mask: Mask | None = None,
) -> None:
    """Draw the magnitude in dB, thin curves of the stages, a line at −3 dB, and the range over time if there is one.

    Args:
        canvas: The canvas.
        box: The box of the plot, without its labels.
        response: The curves.
        corners: The corner frequencies in Hz, at which vertical lines are drawn.
        last: Whether the frequency axis is labeled, because no plot with the same axis follows below.
        mask: A mask of which the forbidden areas are shaded; None for no mask.
    """
    x = log_frequency_axis(response.rate, response.frequency, box[2])
    depth = _MAX_DEPTH_DB if mask is None else max(_MAX_DEPTH_DB, 1.25 * mask.attenuation_db)
    over_time = response.range_db or ()
    frame = Frame(canvas, box, x, decibel_axis([response.db, *(db for _, db in response.stages), *over_time], depth))
    if mask is not None:
        draw_mask(frame, mask, response.rate)
    frame.draw_grid(x_labels=last, x_unit="Hz")
    for number, db in response.stages:
        frame.draw_curve(response.frequency, db[0], colors.stage_style(number), width=1.2)
    if response.range_db is not None:
        frame.fill_between(response.frequency, *response.range_db, colors.MAIN)
    elif len(response.db) == 1 and mask is None:
        frame.fill_below(response.frequency, response.db[0], colors.MAIN)
    frame.draw_horizontal_line(-3.0, HALF_POWER, "−3 dB")
    frame.draw_vertical_lines(corners, CORNER)
    _draw_curves(frame, response.frequency, response.db)
    draw_title_and_corners(frame, corners, "Magnitude, dB")


def draw_phase(
    canvas: Canvas, box: Box, response: ResponseCurves, corners: Sequence[float], *, last: bool = False
) -> None:
    """Draw the unwrapped phase in degrees; see `draw_magnitude` for the arguments."""
    low, high = _value_range(response.phase, response.db)
    step, first, last_step = _phase_steps(low, high)
    ticks = [number * step for number in range(first, last_step + 1)]
    y = linear_axis(min(low, ticks[0]), max(high, ticks[-1]), ticks)
    frame = Frame(canvas, box, log_frequency_axis(response.rate, response.frequency, box[2]), y)
    frame.draw_grid(x_labels=last, x_unit="Hz")
    frame.draw_vertical_lines(corners, CORNER)
    _draw_curves(frame, response.frequency, response.phase)
    frame.draw_title("Phase, degrees")


def draw_delay(
    canvas: Canvas, box: Box, response: ResponseCurves, corners: Sequence[float], *, last: bool = False
) -> None:
    """Draw the group delay in samples, which must be known; see `draw_magnitude` for the arguments."""
    assert response.delay is not None
    low, high = _value_range(response.delay, response.db)
    low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-6:
        low, high = -1.0, 1.0
    ticks = even_ticks(low, high + 0.08 * (high - low), 3)
    y = linear_axis(min(low, ticks[0]), max(high * 1.08, ticks[-1]), ticks)
    frame = Frame(canvas, box, log_frequency_axis(response.rate, response.frequency, box[2]), y)
    frame.draw_grid(x_labels=last, x_unit="Hz")
    frame.draw_vertical_lines(corners, CORNER)
    _draw_curves(frame, response.frequency, response.delay)
    frame.draw_title("Group delay, samples")


def decibel_axis(curves: Sequence[Array], depth: float = _MAX_DEPTH_DB) -> Axis:
    """Return an axis in dB that includes 0 dB and the curves, down to `depth` dB below their maximum.

    It covers at least 24 dB. Values that are not finite are not considered.
    """
    finite = [curve[np.isfinite(curve)] for curve in curves]
    top = max((float(part.max()) for part in finite if part.size), default=0.0)
    bottom = max(min((float(part.min()) for part in finite if part.size), default=0.0), top - depth)
    low, high = math.floor((min(bottom, 0) - 2) / 6) * 6.0, math.ceil((max(top, 0) + 2) / 6) * 6.0
    if high - low < 24:
        low, high = min(low, -12.0), max(high, 12.0)
    return linear_axis(low, high, step_ticks(low, high, 8, (6, 12, 24, 48, 96)))


def draw_title_and_corners(frame: Frame, corners: Sequence[float], title: str) -> None:
    """Draw the corner frequencies in Hz as labels above their lines, and the title of the frame at one end.

    A label that would overlap the title or an earlier label is omitted.
    """
    labels: list[tuple[float, float, str]] = []  # left end, right end, text
    for value in corners:
        if frame.x.low <= value <= frame.x.high:
            text = format_frequency(value)
            center, half = float(frame.canvas_x(value)), frame.canvas.text_width(text, size=TICK_SIZE) / 2
            if not labels or center - half >= labels[-1][1] + 8:
                labels.append((center - half, center + half, text))
    width = frame.canvas.text_width(title, size=TICK_SIZE) + 4
    fits_left = all(left >= frame.left + width for left, *_ in labels)
    if not fits_left and any(right > frame.right - width for _, right, _ in labels):
        # There are labels at both ends. The left ones are omitted; the legend and the table show these values too.
        labels = [label for label in labels if label[0] >= frame.left + width]
        fits_left = True
    frame.draw_title(title, align_right=not fits_left)
    for left, right, text in labels:
        frame.canvas.draw_text((left + right) / 2, frame.top - 9, text, colors.ACCENT, size=TICK_SIZE, align="center")


def _draw_curves(frame: Frame, frequency: Array, curves: Array) -> None:
    for number in reversed(range(len(curves))):
        style = colors.example_style(number) if len(curves) > 1 else LineStyle(colors.MAIN)
        frame.draw_curve(frequency, curves[number], style, width=2.0 if len(curves) == 1 else 1.5)


def _phase_steps(low: float, high: float) -> tuple[float, int, int]:
    """Return the distance of the ticks of the phase axis in degrees, and the numbers of the first and the last tick.

    Tick number 0 is at 0°. The distance is the smallest of 45°, 90°, …, 1440°, 3600°, 7200°, … of which two cover
    the range from `low` to `high` in degrees, except for at most a tenth of the distance at each end.
    """
    step = 45.0
    while math.ceil(high / step - 0.1) - math.floor(low / step + 0.1) > 2:
        step = 3600.0 if step == 1440 else step * 2
    first, last = math.floor(low / step + 0.1), math.ceil(high / step - 0.1)
    return step, first - (first >= last), last + (first >= last)


def _value_range(curves: Array, db: Array) -> tuple[float, float]:
    """Return the minimum and the maximum of the curves where the magnitude `db` is above `_MIN_MAGNITUDE_DB`.

    Values that are not finite are not considered. Both results are 0 if no value remains.
    """
    relevant = np.isfinite(curves) & (np.broadcast_to(db, curves.shape) > _MIN_MAGNITUDE_DB)
    values = curves[relevant] if relevant.any() else np.zeros(1)
    return float(values.min()), float(values.max())
