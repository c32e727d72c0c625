"""Drawing of the plots and pictures that a module defines itself, in the form in which it sends them to a panel.

Their fields and vectors are those of the types `trace` and `image` in docs/panel-protocol.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import Axis, even_ticks, frequency_axis, linear_axis, tick_label
from fxlab.display.canvas.canvas import DENSITY, Box, Canvas
from fxlab.display.canvas.frame import Frame
from fxlab.display.plots.color_map import draw_cells, draw_color_bar
from fxlab.display.plots.waveform_envelope import waveform_envelope

MAX_POINTS = 3000
"""The number of points above which a curve is drawn as the lowest and the highest value of each of its parts."""
_DASHED = (5.0, 2.0)
_STYLES = {"accent": colors.MAIN, "text": colors.TEXT, "danger": colors.ALARM, "input": colors.ACCENT}
"""The colors on cards, by the names that panels use."""

Array = NDArray[np.float64]


class Drawing(NamedTuple):
    """A plot or a picture: its type in a panel, `"trace"` or `"image"`, its fields, and its vectors by name."""

    kind: str
    fields: Mapping[str, Any]
    vectors: Mapping[str, Tensor]


def draw_drawing(canvas: Canvas, box: Box, drawing: Drawing, title: str) -> None:
    """Draw a plot or a picture into `box`.

    The title above it is the field `note` of `drawing`, or without one, `title` and the unit of the vertical axis.
    """
    is_image = drawing.kind == "image"
    if note := drawing.fields.get("note"):
        title = str(note)
    else:
        unit = drawing.fields["y"]["unit"] if is_image else drawing.fields["forms"][0]["y"]["unit"]
        title = f"{title}, {unit}" if unit else title
    (_draw_image if is_image else _draw_trace)(canvas, box, drawing, title)


def _draw_trace(canvas: Canvas, box: Box, drawing: Drawing, title: str) -> None:
    form = drawing.fields["forms"][0]
    lines = [(line, _vector(drawing, line["x"]), _vector(drawing, line["y"])) for line in form["lines"]]
    heights = np.concatenate([y[np.isfinite(y)] for _, _, y in lines])
    frame = Frame(canvas, box, _axis(drawing.fields["x"], box[2]), _value_axis(form["y"], heights))
    frame.draw_grid(x_unit=drawing.fields["x"]["unit"])
    legend = []
    for line, x, y in lines:
        style = _style(line["color"], line["style"])
        if line["style"] == "stem":
            _draw_stems(frame, x, y, style.color)
        else:
            frame.draw_curve(*_reduced(x, y), style, width=1.4)
        legend.append((line["label"], style.color))
    frame.draw_title(title)
    frame.draw_legend(legend)


def _draw_stems(frame: Frame, x: Array, y: Array, color: str) -> None:
    inside = (x >= frame.x.low) & (x <= frame.x.high) & np.isfinite(y)
    x, y = x[inside], y[inside]
    gaps = np.full_like(x, np.nan)
    frame.draw_curve(np.stack([x, x, x], -1).ravel(), np.stack([0 * y, y, gaps], -1).ravel(), color, width=1.0)
    frame.canvas.draw_markers(frame.canvas_x(x), frame.canvas_y(y), "dot", color, clip=frame.box)


def _draw_image(canvas: Canvas, box: Box, drawing: Drawing, title: str) -> None:
    fields = drawing.fields
    rows, columns = fields["rows"], fields["columns"]
    cells = drawing.vectors["levels"].reshape(rows, columns).cpu().numpy().astype(float)
    low, high = fields["level"]["low"], fields["level"]["high"]
    levels = low + cells / 255 * (high - low)
    height, width = round(box[3] * DENSITY) // 2, round(box[2] * DENSITY) // 2
    shown = levels[np.arange(height) * rows // height][:, np.arange(width) * columns // width]
    draw_cells(canvas, box, shown, low, high)
    ticks = [(value, tick_label(value)) for value in even_ticks(low, high, 4)]
    draw_color_bar(canvas, box, low, high, ticks)
    frame = Frame(canvas, box, _axis(fields["x"], box[2]), _axis(fields["y"], box[3]))
    frame.draw_grid(x_unit=fields["x"]["unit"])
    frame.draw_title(title)


def _axis(axis: Mapping[str, Any], pixels: float) -> Axis:
    low, high = float(axis["low"]), float(axis["high"])
    if axis.get("scale") == "log":
        return frequency_axis(low, high, "log", pixels)
    ticks = even_ticks(low, high, 8 if pixels > 300 else 4)
    return Axis(low, high, tuple((value, tick_label(value)) for value in ticks))


def _value_axis(axis: Mapping[str, Any], values: Array) -> Axis:
    if "low" in axis:
        low, high = float(axis["low"]), float(axis["high"])
    elif len(values):
        margin = 0.05 * float(values.max() - values.min()) or 0.5
        low, high = float(values.min()) - margin, float(values.max()) + margin
    else:
        low, high = 0.0, 1.0
    return linear_axis(low, high, even_ticks(low, high, 4))


def _style(color: str, style: str) -> colors.LineStyle:
    if color.startswith("stage-"):
        return colors.stage_style(int(color.removeprefix("stage-")) - 1)
    return colors.LineStyle(_STYLES.get(color, colors.MAIN), _DASHED if style == "dashed" else None)


def _vector(drawing: Drawing, name: str) -> Array:
    return drawing.vectors[name].detach().cpu().numpy().astype(np.float64)


def _reduced(x: Array, y: Array) -> tuple[Array, Array]:
    """Return the points of a curve; if there are more than `MAX_POINTS`, reduce them.

    The reduced curve has the lowest and the highest value of each of `MAX_POINTS // 2` parts, both at the first
    position of the part.
    """
    if len(y) <= MAX_POINTS:
        return x, y
    low, high = (edge[0] for edge in waveform_envelope(y[None], MAX_POINTS // 2))
    places = x[np.linspace(0, len(x), len(low), endpoint=False).astype(np.int64)]
    return places.repeat(2), np.stack([low, high], -1).ravel()
