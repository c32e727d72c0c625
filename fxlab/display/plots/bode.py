"""Magnitude, phase and group delay over frequency, one above the other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import Box, Canvas
from fxlab.display.canvas.colors import Pen
from fxlab.display.canvas.frame import TICK_SIZE, Frame
from fxlab.display.cards.number_format import hertz
from fxlab.display.plots.axis import Axis, even, frequencies, linear, stepped
from fxlab.display.plots.mask_plot import draw_mask
from fxlab.display.plots.response_curves import Response
from fxlab.filters import Mask

CORNER = Pen(colors.ACCENT, (1.5, 2.5))
HALF_POWER = Pen(colors.TEXT, (4.0, 3.0))
_DEEPEST = 60.0
_MEANT = -80.0
"""Below this magnitude in dB a phase is rounding."""

Array = NDArray[np.float64]


def frequency_axis(rate: float, frequency: Array, width: float) -> Axis:
    """The log axis of all plots over frequency."""
    return frequencies(float(frequency[0]), rate / 2, "log", width)


def draw_magnitude(
    sheet: Canvas,
    box: Box,
    response: Response,
    marks: Sequence[float],
    *,
    last: bool = False,
    mask: Mask | None = None,
) -> None:
    """Draw the magnitude in dB, the −3 dB line, a line at every corner, each stage's own curve, thin, and the mask."""
    x = frequency_axis(response.rate, response.frequency, box[2])
    deepest = _DEEPEST if mask is None else max(_DEEPEST, 1.25 * mask.attenuation_db)
    frame = Frame(sheet, box, x, decibel_axis([response.db, *(db for _, db in response.stages)], deepest))
    if mask is not None:
        draw_mask(frame, mask, response.rate)
    frame.grid(x_labels=last, x_unit="Hz")
    for number, db in response.stages:
        frame.curve(response.frequency, db[0], colors.stage_pen(number), width=1.2)
    if len(response.db) == 1 and mask is None:
        frame.under(response.frequency, response.db[0], colors.MAIN)
    frame.level(-3.0, HALF_POWER, "−3 dB")
    frame.uprights(marks, CORNER)
    _curves(frame, response.frequency, response.db)
    label_corners(frame, marks, "Magnitude, dB")


def draw_phase(sheet: Canvas, box: Box, response: Response, marks: Sequence[float], *, last: bool = False) -> None:
    """Draw the unwrapped phase in degrees."""
    low, high = _range(response.phase, response.db)
    step, first, last_step = _turns(low, high)
    ticks = [number * step for number in range(first, last_step + 1)]
    y = linear(min(low, ticks[0]), max(high, ticks[-1]), ticks)
    frame = Frame(sheet, box, frequency_axis(response.rate, response.frequency, box[2]), y)
    frame.grid(x_labels=last, x_unit="Hz")
    frame.uprights(marks, CORNER)
    _curves(frame, response.frequency, response.phase)
    frame.title("Phase, degrees")


def draw_delay(sheet: Canvas, box: Box, response: Response, marks: Sequence[float], *, last: bool = False) -> None:
    """Draw the group delay in samples."""
    assert response.delay is not None
    low, high = _range(response.delay, response.db)
    low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-6:
        low, high = -1.0, 1.0
    ticks = even(low, high + 0.08 * (high - low), 3)
    y = linear(min(low, ticks[0]), max(high * 1.08, ticks[-1]), ticks)
    frame = Frame(sheet, box, frequency_axis(response.rate, response.frequency, box[2]), y)
    frame.grid(x_labels=last, x_unit="Hz")
    frame.uprights(marks, CORNER)
    _curves(frame, response.frequency, response.delay)
    frame.title("Group delay, samples")


def decibel_axis(curves: Sequence[Array], deepest: float = _DEEPEST) -> Axis:
    """An axis in dB that holds the curves down to `deepest` dB below the highest of them, and 0 dB."""
    finite = [curve[np.isfinite(curve)] for curve in curves]
    top = max((float(part.max()) for part in finite if part.size), default=0.0)
    bottom = max(min((float(part.min()) for part in finite if part.size), default=0.0), top - deepest)
    low, high = math.floor((min(bottom, 0) - 2) / 6) * 6.0, math.ceil((max(top, 0) + 2) / 6) * 6.0
    if high - low < 24:
        low, high = min(low, -12.0), max(high, 12.0)
    return linear(low, high, stepped(low, high, 8, (6, 12, 24, 48, 96)))


def label_corners(frame: Frame, marks: Sequence[float], title: str) -> None:
    """Write the corners' frequencies above their lines, as far as there is room, and the frame's title beside them."""
    spots: list[tuple[float, float, str]] = []  # left end, right end, words
    for value in marks:
        if frame.x.low <= value <= frame.x.high:
            words = hertz(value)
            place, half = float(frame.across(value)), frame.sheet.width_of(words, size=TICK_SIZE) / 2
            if not spots or place - half >= spots[-1][1] + 8:
                spots.append((place - half, place + half, words))
    width = frame.sheet.width_of(title, size=TICK_SIZE) + 4
    on_left = all(left >= frame.left + width for left, *_ in spots)
    if not on_left and any(right > frame.right - width for _, right, _ in spots):
        # Both ends are taken: the corner on the left, whose number the legend and the table have too, gives way.
        spots = [spot for spot in spots if spot[0] >= frame.left + width]
        on_left = True
    frame.title(title, align_right=not on_left)
    for left, right, words in spots:
        frame.sheet.text((left + right) / 2, frame.top - 9, words, colors.ACCENT, size=TICK_SIZE, align="center")


def _curves(frame: Frame, frequency: Array, curves: Array) -> None:
    for number in reversed(range(len(curves))):
        pen = colors.example_pen(number) if len(curves) > 1 else Pen(colors.MAIN)
        frame.curve(frequency, curves[number], pen, width=2.0 if len(curves) == 1 else 1.5)


def _turns(low: float, high: float) -> tuple[float, int, int]:
    """The smallest step in degrees that spans `low..high` in two, and the multiples of it that do."""
    step = 45.0
    while math.ceil(high / step - 0.1) - math.floor(low / step + 0.1) > 2:
        step = 3600.0 if step == 1440 else step * 2
    first, last = math.floor(low / step + 0.1), math.ceil(high / step - 0.1)
    return step, first - (first >= last), last + (first >= last)


def _range(curves: Array, db: Array) -> tuple[float, float]:
    """The least and the greatest value where there is any sound to speak of."""
    heard = np.isfinite(curves) & (np.broadcast_to(db, curves.shape) > _MEANT)
    values = curves[heard] if heard.any() else np.zeros(1)
    return float(values.min()), float(values.max())
