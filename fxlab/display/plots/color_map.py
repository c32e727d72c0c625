"""Drawing of levels as colors: a grid of cells on a canvas, and the bar that explains its colors."""

from __future__ import annotations

import math
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from fxlab.display.canvas.axis import Axis
from fxlab.display.canvas.canvas import DENSITY, Box, Canvas
from fxlab.display.canvas.frame import TICK_SIZE, Frame

LEVELS = 11
"""The number of colors: all colors of a card then fit into a palette of 16 entries, which halves the file size."""
_BAR_LEFT, _BAR_WIDTH, _LABEL_LEFT = 8, 6, 18


def draw_cells(canvas: Canvas, box: Box, cells: NDArray[np.floating], low: float, high: float) -> None:
    """Draw the values of cells, `(rows, columns)`, as colors, the first row at the top.

    The colors span the values from `low` to `high`. Values outside this range have the color of its nearest end, and
    NaN has the color of `low`. The size of `box` in image pixels must be a multiple of the number of cells.
    """
    left, top, width, height = box
    index = np.nan_to_num((cells - low) / (high - low) * LEVELS, nan=0.0)
    pixels = _colors()[np.clip(index, 0, LEVELS - 1).astype(np.uint8)]
    repeats = round(height * DENSITY) // cells.shape[0], round(width * DENSITY) // cells.shape[1]
    canvas.draw_image(pixels.repeat(repeats[0], 0).repeat(repeats[1], 1), round(left), round(top))


def draw_color_bar(canvas: Canvas, box: Box, low: float, high: float, ticks: Sequence[tuple[float, str]]) -> None:
    """Draw a bar of the colors from `low` to `high` to the right of `box`, with its ticks `(value, label)`."""
    left, top, width, height = box
    rows = round(height * DENSITY)
    bar = _colors()[::-1].repeat(math.ceil(rows / LEVELS), 0)[:rows, None]
    canvas.draw_image(bar.repeat(_BAR_WIDTH * DENSITY, 1), round(left + width + _BAR_LEFT), round(top))
    frame = Frame(canvas, box, Axis(0.0, 1.0, ()), Axis(low, high, ()))
    for value, label in ticks:
        canvas.draw_text(left + width + _LABEL_LEFT, float(frame.canvas_y(value)), label, size=TICK_SIZE)


def _colors() -> NDArray[np.uint8]:
    return np.asarray(mpl.colormaps["magma"](np.linspace(0, 1, LEVELS), bytes=True))
