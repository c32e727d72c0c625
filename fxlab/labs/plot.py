"""`Plot` and `Picture`: return values of an explored function that are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.panel.protocol import Axis, AxisScale, ImageFields, LineStyle, TraceFields, TraceLine
from fxlab.panel.views import Drawing

COLORS = ("accent", "text", "danger", "input")
LINES = [
    *((color, style) for style in ("line", "dashed") for color in COLORS),
    *((f"stage-{number}", "line") for number in range(1, 9)),
]
"""Color and line style of each curve of a plot, in order; they are repeated for further curves."""
ROWS, COLUMNS = 512, 1200
"""Largest number of rows and of columns of a picture; larger ones are reduced by averaging cells."""


@dataclass(frozen=True)
class Plot:
    """Curves over a common horizontal axis, to be returned by an explored function.

    Args:
        lines: Curves by name, each a tuple of vectors `(x, y)`, or a vector of y values, whose x values are 0, 1, 2, …
        x: Unit of the horizontal axis, such as `"Hz"`, `"s"` or `"samples"`.
        y: Unit of the vertical axis, such as `"dB"`; `""` for numbers without a unit.
        x_scale: Scale of the horizontal axis, `"linear"` or `"log"`.
        x_range: Limits of the horizontal axis. Default: the range of the finite x values.
        y_range: Limits of the vertical axis. Default: the range of the curves.
        stems: Names of the curves that are drawn as stems, one for each value.
        note: A sentence shown above the drawing.

    >>> Plot({"rising": [0.0, 0.5, 1.0]}).drawing()[1]["y0"].tolist()
    [0.0, 0.5, 1.0]
    """

    lines: Mapping[str, Any]
    x: str = ""
    y: str = ""
    x_scale: Literal["linear", "log"] = "linear"
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    stems: tuple[str, ...] = ()
    note: str = ""
    kind: str = field(default="trace", init=False)

    def drawing(self) -> Drawing:
        """Return the fields and vectors of a drawing of the kind `trace`, as docs/panel-protocol.md defines them.

        Raises:
            ParameterError: A curve is not a vector of real numbers, its numbers of x and y values differ, or there are
                no values.
        """
        lines, vectors = self.curves()
        x_range = self.x_range or x_limits(vectors, self.x_scale)
        finite = any(bool(y.isfinite().any()) for name, y in vectors.items() if name.startswith("y"))
        note = self.note or ("" if finite else "No value is finite: there is nothing to draw.")
        return self.fields(lines, x_range, note), vectors

    def curves(self) -> tuple[list[TraceLine], dict[str, Tensor]]:
        """Return the line of each curve, with its color and style, and the vectors of all curves by name.

        The vectors of the first curve are named `x0` and `y0`, those of the second `x1` and `y1`, and so on.

        Raises:
            ParameterError: A curve is not a vector of real numbers, its numbers of x and y values differ, or there are
                no values.
        """
        vectors: dict[str, Tensor] = {}
        lines: list[TraceLine] = []
        for number, (label, curve) in enumerate(self.lines.items()):
            pair = curve if isinstance(curve, tuple) and len(curve) == 2 else (None, curve)
            y = to_vector(pair[1], label)
            x = torch.arange(len(y), dtype=torch.float64) if pair[0] is None else to_vector(pair[0], label)
            if len(x) != len(y):
                raise ParameterError(
                    f"Plot: {label!r} has {len(x)} x values and {len(y)} y values; the numbers must be equal."
                )
            vectors[f"x{number}"], vectors[f"y{number}"] = x, y
            color, style = LINES[number % len(LINES)]
            shown_as = cast(LineStyle, "stem" if label in self.stems else style)
            x_name, y_name = f"x{number}", f"y{number}"
            lines.append({"x": x_name, "y": y_name, "label": label, "color": color, "style": shown_as})
        if not any(len(y) for name, y in vectors.items() if name.startswith("y")):
            raise ParameterError("Plot: lines has no values; give a dictionary of vectors by name.")
        return lines, vectors

    def fields(self, lines: list[TraceLine], x_range: tuple[float, float] | None, note: str) -> TraceFields:
        """Return the fields of a drawing of the kind `trace`; if `x_range` is None, the x axis has no fixed limits."""
        x_axis: Axis = {"unit": self.x, "scale": cast(AxisScale, self.x_scale)}
        y_axis: Axis = {"unit": self.y}
        for axis, limits in ((x_axis, x_range), (y_axis, self.y_range)):
            if limits is not None:
                axis["low"], axis["high"] = limits
        return {"x": x_axis, "forms": [{"label": "", "y": y_axis, "lines": lines}], "note": note}


@dataclass(frozen=True)
class Picture:
    """A color map of levels over two axes, to be returned by an explored function.

    Args:
        levels: `(rows, columns)`, the bottom row first.
        x: Unit and limits of the horizontal axis, such as `("s", 0.0, 2.0)`; an axis in seconds shows the playhead, and
            a click seeks.
        y: Unit and limits of the vertical axis.
        unit: Unit of the levels.
        depth: Range of the colors below `top`, in the unit of the levels.
        note: A sentence shown above the drawing.
        top: Upper limit of the colors. Default: the highest finite level, or 0 if there is none.
    """

    levels: Any
    x: tuple[str, float, float] = ("", 0.0, 1.0)
    y: tuple[str, float, float] = ("", 0.0, 1.0)
    unit: str = "dB"
    depth: float = 120.0
    note: str = ""
    top: float | None = None
    kind: str = field(default="image", init=False)

    def drawing(self) -> Drawing:
        """Return the fields and bytes of a drawing of the kind `image`, as docs/panel-protocol.md defines them.

        Raises:
            ParameterError: `levels` is not a matrix `(rows, columns)` of real numbers with at least one value.
        """
        levels = self._real_levels()
        if levels.ndim != 2 or not levels.numel():
            raise ParameterError(
                f"Picture: levels has shape {tuple(levels.shape)}; it must be (rows, columns), both at least 1."
            )
        size = min(levels.shape[0], ROWS), min(levels.shape[1], COLUMNS)
        if size != tuple(levels.shape):
            levels = torch.nn.functional.adaptive_avg_pool2d(levels[None], size)[0]
        finite = levels[levels.isfinite()]
        high = self.top if self.top is not None else float(finite.max()) if len(finite) else 0.0
        scaled = (torch.nan_to_num(levels, nan=-torch.inf) - high + self.depth) * (255 / self.depth)
        cells = scaled.clamp(0, 255).round().to(torch.uint8).flip(0)
        return self.fields(size, high), {"levels": cells.flatten()}

    def _real_levels(self) -> Tensor:
        try:
            levels = torch.as_tensor(self.levels).detach()
        except (TypeError, ValueError, RuntimeError) as error:
            raise ParameterError(
                f"Picture: levels is a {type(self.levels).__name__} that is not a matrix of numbers ({error}); it must "
                "be (rows, columns), with rows of equal lengths."
            ) from None
        if levels.is_complex():
            raise ParameterError("Picture: levels holds complex numbers; draw their .abs(), .angle(), .real or .imag.")
        return levels.float().cpu()

    def fields(self, size: tuple[int, int], high: float) -> ImageFields:
        """Return the fields of a drawing of the kind `image`; `size` is (rows, columns), `high` the upper limit."""
        return {
            "x": _axis(*self.x),
            "y": _axis(*self.y),
            "level": _axis(self.unit, high - self.depth, high),
            "rows": size[0],
            "columns": size[1],
            "note": self.note,
            "x_is_time": self.x[0] == "s",
        }


def _axis(unit: str, low: float, high: float) -> Axis:
    return {"unit": unit, "low": low, "high": high}


def x_limits(vectors: Mapping[str, Tensor], scale: str = "linear") -> tuple[float, float]:
    """Return the smallest and the largest finite x value in `vectors`; on a log axis only values above 0 are used.

    `vectors` are the vectors of `Plot.curves`, by name. If no value remains, the limits are 0 and 1, or 1 and 10 on a
    log axis; if all are equal, the limits lie around them.
    """
    values = torch.cat([x for name, x in vectors.items() if name.startswith("x")])
    values = values[values.isfinite() & ((values > 0) | torch.tensor(scale == "linear"))]
    if not len(values):
        return (1.0, 10.0) if scale == "log" else (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if high > low:
        return low, high
    return (low / 2, 2 * low) if scale == "log" else (low - 0.5, low + 0.5)


def to_vector(values: Any, label: str) -> Tensor:
    """Return the values of the curve `label` as a float64 vector on the CPU.

    Raises:
        ParameterError: They are not a vector of real numbers.
    """
    try:
        given = torch.as_tensor(values).detach()
    except (TypeError, ValueError, RuntimeError):
        raise ParameterError(f"Plot: {label!r} must be a vector of numbers, not {type(values).__name__}.") from None
    if given.is_complex():
        raise ParameterError(f"Plot: {label!r} holds complex numbers; draw their .abs(), .angle(), .real or .imag.")
    found = given.to("cpu", torch.float64)
    if found.ndim != 1:
        raise ParameterError(f"Plot: {label!r} has shape {tuple(found.shape)}; a curve has one dimension.")
    return found
