"""A plot on a sheet: two axes, hairlines at their ticks, and curves clipped to its box."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import Box, Canvas
from fxlab.display.canvas.colors import Pen
from fxlab.display.plots.axis import Axis

TICK_SIZE = 10.0


class Frame:
    """The box `(left, top, width, height)` of `sheet`, in which `x` runs to the right and `y` upward."""

    def __init__(self, sheet: Canvas, box: Box, x: Axis, y: Axis) -> None:
        self.sheet, self.box, self.x, self.y = sheet, box, x, y
        self.left, self.top, self.width, self.height = box
        self.right, self.bottom = self.left + self.width, self.top + self.height

    def across(self, values: ArrayLike) -> NDArray[np.float64]:
        """Where values of `x` stand on the sheet."""
        return np.asarray(self.left + self.x.place(values) * self.width)

    def up(self, values: ArrayLike) -> NDArray[np.float64]:
        """Where values of `y` stand on the sheet; far beyond the box they stay near it."""
        return np.asarray(self.bottom - np.clip(self.y.place(values), -1.0, 2.0) * self.height)

    def grid(self, *, x_labels: bool = True, y_labels: bool = True, x_unit: str = "") -> None:
        """Draw the hairlines and label them, on the left and below."""
        for value, label in self.y.ticks:
            height = float(self.up(value))
            self.sheet.line([self.left, self.right], [height, height], colors.GRID, snap=True)
            if y_labels:
                self.sheet.text(self.left - 6, height, label, size=TICK_SIZE, align="right")
        for value, label in self.x.ticks:
            place = float(self.across(value))
            self.sheet.line([place, place], [self.top, self.bottom], colors.GRID, snap=True)
            if x_labels:
                self.sheet.text(place, self.bottom + 10, label, size=TICK_SIZE, align="center")
        if x_labels and x_unit:
            value, label = self.x.ticks[-1] if self.x.ticks else (self.x.high, "")
            end = float(self.across(value)) + self.sheet.width_of(label, size=TICK_SIZE) / 2 + 4
            self.sheet.text(max(self.right + 8, end), self.bottom + 10, x_unit, size=TICK_SIZE)

    def title(self, words: str, *, align_right: bool = False) -> None:
        """Write what is drawn, above the box."""
        place, align = (self.right, "right") if align_right else (self.left, "left")
        self.sheet.text(place, self.top - 9, words, size=TICK_SIZE, align=align)  # type: ignore[arg-type]

    def curve(self, x: ArrayLike, y: ArrayLike, pen: Pen | str = colors.MAIN, *, width: float = 2.0) -> None:
        """Draw a curve."""
        self.sheet.line(self.across(x), self.up(y), pen, width=width, clip=self.box)

    def under(self, x: ArrayLike, y: ArrayLike, ink: str, *, alpha: float = 0.14) -> None:
        """Fill what lies under a curve."""
        places, heights = self.across(x), self.up(y)
        whole = np.isfinite(heights)
        places, heights = places[whole], np.minimum(heights[whole], self.bottom)
        if len(places) > 1:
            ends = [(places[-1], self.bottom), (places[0], self.bottom)]
            self.sheet.area([*zip(places, heights, strict=True), *ends], ink, alpha=alpha, clip=self.box)

    def level(self, value: float, pen: Pen, label: str = "") -> None:
        """Draw a level line across the box, labelled at its right end."""
        if self.y.low <= value <= self.y.high:
            height = float(self.up(value))
            self.sheet.line([self.left, self.right], [height, height], pen, snap=True)
            if label:
                self.sheet.text(self.right + 5, height, label, pen.ink, size=TICK_SIZE)

    def uprights(self, values: Iterable[float], pen: Pen) -> None:
        """Draw upright lines at values of `x`."""
        for value in values:
            if self.x.low <= value <= self.x.high:
                place = float(self.across(value))
                self.sheet.line([place, place], [self.top, self.bottom], pen, snap=True)
