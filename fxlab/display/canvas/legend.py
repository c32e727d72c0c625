"""The legend beside the plots of a card: lines of text, each with the line style or marker that it explains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import Canvas
from fxlab.display.canvas.colors import LineStyle

_LINE_HEIGHT = 16


class LegendEntry(NamedTuple):
    """One line of a legend: a text in `color`, after a short line in `style` or a marker, if one of them is given.

    A text in the color `ALARM` is bold.
    """

    text: str
    style: LineStyle | None = None
    marker: Literal["", "o", "x"] = ""
    color: str = colors.TEXT


def draw_legend(canvas: Canvas, left: float, top: float, entries: Sequence[LegendEntry]) -> None:
    """Draw the entries of a legend, one per line.

    If they do not all fit on the canvas, the last line that fits contains the number of omitted entries instead.

    `left` is the left end of the lines, and `top` the vertical center of the first line, in CSS pixels.
    """
    max_lines = int((canvas.height - 8 - top) // _LINE_HEIGHT) + 1
    shown = list(entries[:max_lines])
    if len(entries) > max_lines:
        shown[-1] = LegendEntry(f"… and {len(entries) - max_lines + 1} more", LineStyle("#00000000"))
    for number, entry in enumerate(shown):
        x, y = left, top + number * _LINE_HEIGHT
        if entry.marker:
            canvas.draw_markers([left + 5], [y], entry.marker, colors.MAIN)
            x += 16
        if entry.style is not None:
            canvas.draw_line([left, left + 18], [y, y], entry.style, width=1.6)
            x += 24
        canvas.draw_text(x, y, entry.text, entry.color, bold=entry.color == colors.ALARM)
