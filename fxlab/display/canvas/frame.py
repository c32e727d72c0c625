"""`Frame`: a plot on a canvas, with two axes, grid lines at their ticks, and curves clipped to its box."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import Axis
from fxlab.display.canvas.canvas import Box, Canvas
from fxlab.display.canvas.colors import LineStyle

TICK_SIZE = 10.0


class Frame:
    """A plot: the box `(left, top, width, height)` of a canvas, with a horizontal axis `x` and a vertical axis `y`."""

    def __init__(self, canvas: Canvas, box: Box, x: Axis, y: Axis) -> None:
        self.canvas, self.box, self.x, self.y = canvas, box, x, y
        self.left, self.top, self.width, self.height = box
        self.right, self.bottom = self.left + self.width, self.top + self.height

    def canvas_x(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return the horizontal positions on the canvas, in CSS pixels, of values of the axis `x`."""
        return np.asarray(self.left + self.x.position(values) * self.width)

    def canvas_y(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return the vertical positions on the canvas, in CSS pixels, of values of the axis `y`.

        A position that is more than one height of the box above or below the box is limited to that distance.
        """
        return np.asarray(self.bottom - np.clip(self.y.position(values), -1.0, 2.0) * self.height)

    def draw_grid(self, *, x_labels: bool = True, y_labels: bool = True, x_unit: str = "") -> None:
        """Draw grid lines at the ticks of both axes, with their labels.

        The labels of the axis `y` are on the left, if `y_labels` is true. Those of the axis `x` are below the box,
        followed by the unit `x_unit`, if `x_labels` is true.
        """
        for value, label in self.y.ticks:
            y = float(self.canvas_y(value))
            self.canvas.draw_line([self.left, self.right], [y, y], colors.GRID, snap=True)
            if y_labels:
                self.canvas.draw_text(self.left - 6, y, label, size=TICK_SIZE, align="right")
        for value, label in self.x.ticks:
            x = float(self.canvas_x(value))
            self.canvas.draw_line([x, x], [self.top, self.bottom], colors.GRID, snap=True)
            if x_labels:
                self.canvas.draw_text(x, self.bottom + 10, label, size=TICK_SIZE, align="center")
        if x_labels and x_unit:
            value, label = self.x.ticks[-1] if self.x.ticks else (self.x.high, "")
            end = float(self.canvas_x(value)) + self.canvas.text_width(label, size=TICK_SIZE) / 2 + 4
            self.canvas.draw_text(max(self.right + 8, end), self.bottom + 10, x_unit, size=TICK_SIZE)

    def draw_title(self, text: str, *, align_right: bool = False) -> None:
        """Draw the title of the plot above the left end of the box, or above its right end if `align_right` is true."""
        x, align = (self.right, "right") if align_right else (self.left, "left")
        self.canvas.draw_text(x, self.top - 9, text, size=TICK_SIZE, align=align)  # type: ignore[arg-type]

    def draw_legend(self, entries: Iterable[tuple[str, str]]) -> None:
        """Draw `(text, color)` pairs in one row above the right end of the box."""
        x = self.right
        for text, color in reversed(list(entries)):
            self.canvas.draw_text(x, self.top - 9, text, color, size=TICK_SIZE, align="right")
            x -= self.canvas.text_width(text, size=TICK_SIZE) + 10

    def draw_curve(
        self, x: ArrayLike, y: ArrayLike, style: LineStyle | str = colors.MAIN, *, width: float = 2.0
    ) -> None:
        """Draw a curve through points, given as values of the axes, clipped to the box; it is interrupted at NaN.

        `width` is the width of the line in CSS pixels.
        """
        self.canvas.draw_line(self.canvas_x(x), self.canvas_y(y), style, width=width, clip=self.box)

    def fill_below(self, x: ArrayLike, y: ArrayLike, color: str, *, alpha: float = 0.14) -> None:
        """Fill the area between a curve, given as values of the axes, and the lower edge of the box.

        Points where `y` is NaN are skipped. `alpha` is the opacity of the area.
        """
        xs, ys = self.canvas_x(x), self.canvas_y(y)
        finite = np.isfinite(ys)
        xs, ys = xs[finite], np.minimum(ys[finite], self.bottom)
        if len(xs) > 1:
            ends = [(xs[-1], self.bottom), (xs[0], self.bottom)]
            self.canvas.fill_polygon([*zip(xs, ys, strict=True), *ends], color, alpha=alpha, clip=self.box)

    def fill_between(self, x: ArrayLike, low: ArrayLike, high: ArrayLike, color: str, *, alpha: float = 0.2) -> None:
        """Fill the area between the curves `low` and `high` over `x`, given as values of the axes.

        `alpha` is the opacity of the area.
        """
        xs, lower, upper = self.canvas_x(x), self.canvas_y(low), self.canvas_y(high)
        outline = np.concatenate([np.stack([xs, upper], -1), np.stack([xs, lower], -1)[::-1]])
        self.canvas.fill_polygon(outline, color, alpha=alpha, clip=self.box)

    def draw_horizontal_line(self, value: float, style: LineStyle, label: str = "") -> None:
        """Draw a line across the box at a value of the axis `y`, with `label` to the right of the box.

        Nothing is drawn if the value is outside the range of the axis.
        """
        if self.y.low <= value <= self.y.high:
            y = float(self.canvas_y(value))
            self.canvas.draw_line([self.left, self.right], [y, y], style, snap=True)
            if label:
                self.canvas.draw_text(self.right + 5, y, label, style.color, size=TICK_SIZE)

    def draw_vertical_lines(self, values: Iterable[float], style: LineStyle) -> None:
        """Draw vertical lines at those of `values` that are within the range of the axis `x`."""
        for value in values:
            if self.x.low <= value <= self.x.high:
                x = float(self.canvas_x(value))
                self.canvas.draw_line([x, x], [self.top, self.bottom], style, snap=True)
