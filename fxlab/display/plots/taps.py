"""The plot of the taps of a finite impulse response."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import even_ticks, linear_axis
from fxlab.display.canvas.canvas import Box, Canvas
from fxlab.display.canvas.frame import Frame
from fxlab.display.number_format import format_count, format_number
from fxlab.display.plots.waveform_envelope import waveform_envelope

_STEM_SPACING = 3.0  # CSS pixels; if taps are closer, an outline replaces the stems
_SYMMETRY_TOLERANCE = 1e-9  # relative to the largest tap

Array = NDArray[np.float64]


def draw_taps(canvas: Canvas, box: Box, taps: Array, *, last: bool = False) -> None:
    """Draw the taps of the first example: one stem per tap, or their outline where stems would be too close.

    Args:
        canvas: The canvas.
        box: The box of the plot, without its labels.
        taps: The taps, `(examples, taps)`.
        last: Whether the axis of the samples is labeled.
    """
    row = taps[0]
    peak = float(np.abs(row).max()) or 1.0
    low, high = min(float(row.min()), 0.0), max(float(row.max()), 0.0)
    if low == high:  # all taps are 0
        high = peak
    y = linear_axis(low - 0.08 * peak, high + 0.08 * peak, even_ticks(low, high, 2))
    count = len(row)
    x_ticks = [value for value in even_ticks(0, max(1, count - 1), 6) if value == int(value) and value < count]
    frame = Frame(canvas, box, linear_axis(-0.5, count - 0.5, x_ticks or [0.0]), y)
    frame.draw_grid(x_labels=last)
    index = np.arange(count, dtype=np.float64)
    if count * _STEM_SPACING <= box[2]:
        gap = np.full(count, np.nan)
        stems_x, stems_y = np.stack([index, index, gap], -1), np.stack([0 * row, row, gap], -1)
        frame.draw_curve(stems_x.ravel(), stems_y.ravel(), width=1.4)
        if count * 2 * _STEM_SPACING <= box[2]:
            canvas.draw_markers(frame.canvas_x(index), frame.canvas_y(row), "dot", colors.MAIN, clip=None)
    else:
        columns = min(count, round(box[2]))
        lower, upper = (edge[0] for edge in waveform_envelope(row[None], columns))
        centers = (np.arange(columns) + 0.5) * count / columns - 0.5
        outline_x = frame.canvas_x(np.concatenate([centers, centers[::-1]]))
        outline_y = np.concatenate([frame.canvas_y(upper), frame.canvas_y(lower)[::-1]])
        canvas.fill_polygon(np.stack([outline_x, outline_y], -1), colors.MAIN, alpha=0.25, clip=box)
        for edge in (lower, upper):
            frame.draw_curve(centers, edge, width=1.0)
    frame.draw_title("Impulse response, by sample" if last else "Taps")


def describe_symmetry(taps: Array) -> str:
    """Return the number of taps as text, with the delay in samples if their symmetry makes the phase linear.

    `taps` has the shape `(examples, taps)`; the first example is described. A single tap has no delay.

    >>> describe_symmetry(np.array([[1.0, 2.0, 1.0]])), describe_symmetry(np.array([[1.0, 0.5]]))
    ('3 taps, linear phase, delay 1', '2 taps')
    """
    row = taps[0]
    text = format_count(len(row), "tap")
    tolerance = _SYMMETRY_TOLERANCE * np.abs(row).max()
    is_symmetric = any(np.abs(row - sign * row[::-1]).max() <= tolerance for sign in (1, -1))
    return f"{text}, linear phase, delay {format_number((len(row) - 1) / 2)}" if is_symmetric and len(row) > 1 else text
