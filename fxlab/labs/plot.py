"""`Plot` and `Picture`: what an explored function gives to be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.panel.views import Drawing

COLORS = ("accent", "text", "danger", "input")
LINES = [
    *((color, style) for style in ("line", "dashed") for color in COLORS),
    *((f"stage-{number}", "line") for number in range(1, 9)),
]
"""How the curves of one plot differ: their colours, and of more than four whether they are dashed."""
ROWS, COLUMNS = 512, 1200
"""A picture has no more than that: each cell is the mean of those that it stands for."""


@dataclass(frozen=True)
class Plot:
    """Curves over a common axis.

    Args:
        lines: Curves by name, each a vector, or a pair of vectors `(x, y)`.
        x: The unit of the axis across: `"Hz"`, `"s"`, `"samples"`.
        y: The unit of the axis up: `"dB"`, or nothing for plain numbers.
        x_scale: `"linear"` or `"log"`.
        x_range: The ends of the axis across; left out, as far as the curves reach.
        y_range: The ends of the axis up; left out, as far as the curves reach.
        stems: The names of the curves that are drawn as stems, one a sample.
        note: A sentence that stands above it.

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
        """Fields and vectors of the kind `trace` of docs/panel-protocol.md."""
        vectors: dict[str, Tensor] = {}
        lines = []
        for number, (label, curve) in enumerate(self.lines.items()):
            pair = curve if isinstance(curve, tuple) and len(curve) == 2 else (None, curve)
            y = vector(pair[1], label)
            x = torch.arange(len(y), dtype=torch.float64) if pair[0] is None else vector(pair[0], label)
            if len(x) != len(y):
                raise ParameterError(f"Plot: {label!r} has {len(x)} places and {len(y)} values; give as many of each.")
            vectors[f"x{number}"], vectors[f"y{number}"] = x, y
            color, style = LINES[number % len(LINES)]
            line = {"x": f"x{number}", "y": f"y{number}", "label": label, "color": color}
            lines.append({**line, "style": "stem" if label in self.stems else style})
        if not any(len(y) for name, y in vectors.items() if name.startswith("y")):
            raise ParameterError("Plot: there is no curve in it; give a dictionary of vectors by name.")
        axes: dict[str, dict[str, Any]] = {"x": {"unit": self.x, "scale": self.x_scale}, "y": {"unit": self.y}}
        for name, ends in (("x", self.x_range or reach(vectors, self.x_scale)), ("y", self.y_range)):
            if ends is not None:
                axes[name]["low"], axes[name]["high"] = ends
        finite = any(bool(y.isfinite().any()) for name, y in vectors.items() if name.startswith("y"))
        note = self.note or ("" if finite else "None of the numbers is finite: there is nothing to draw.")
        form = {"label": "", "y": axes["y"], "lines": lines}
        return {"x": axes["x"], "forms": [form], "note": note}, vectors


@dataclass(frozen=True)
class Picture:
    """Levels over two axes, in colours.

    Args:
        levels: `(rows, columns)`, the lowest row first.
        x: The unit across and its ends: `("s", 0.0, 2.0)`; in seconds the playhead is over it, and a click seeks.
        y: The unit up and its ends.
        unit: That of the levels.
        depth: How far below the greatest level the colours reach.
        note: A sentence that stands above it.
        top: The level at which the colours end; left out, the greatest.
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
        """Fields and bytes of the kind `image` of docs/panel-protocol.md."""
        levels = torch.as_tensor(self.levels).detach().float().cpu()
        if levels.ndim != 2 or not levels.numel():
            raise ParameterError(f"Picture: levels have shape {tuple(levels.shape)}; allowed is (rows, columns).")
        most = min(levels.shape[0], ROWS), min(levels.shape[1], COLUMNS)
        if most != tuple(levels.shape):
            levels = torch.nn.functional.adaptive_avg_pool2d(levels[None], most)[0]
        finite = levels[levels.isfinite()]
        high = self.top if self.top is not None else float(finite.max()) if len(finite) else 0.0
        scaled = (torch.nan_to_num(levels, nan=-torch.inf) - high + self.depth) * (255 / self.depth)
        cells = scaled.clamp(0, 255).round().to(torch.uint8).flip(0)
        axes = {name: {"unit": u, "low": a, "high": b} for name, (u, a, b) in (("x", self.x), ("y", self.y))}
        level = {"unit": self.unit, "low": high - self.depth, "high": high}
        fields = {**axes, "level": level, "rows": most[0], "columns": most[1], "note": self.note}
        return {**fields, "x_is_time": self.x[0] == "s"}, {"levels": cells.flatten()}


def reach(vectors: Mapping[str, Tensor], scale: str = "linear") -> tuple[float, float]:
    """From the first place across to the last; on a log axis from the first above 0."""
    places = torch.cat([x for name, x in vectors.items() if name.startswith("x")])
    places = places[places.isfinite() & ((places > 0) | torch.tensor(scale == "linear"))]
    if not len(places):
        return (1.0, 10.0) if scale == "log" else (0.0, 1.0)
    low, high = float(places.min()), float(places.max())
    if high > low:
        return low, high
    return (low / 2, 2 * low) if scale == "log" else (low - 0.5, low + 0.5)


def vector(values: Any, label: str) -> Tensor:
    """A curve as float64 on the CPU."""
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
