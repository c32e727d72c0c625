"""The plot of poles and zeros in the z plane, with the unit circle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import Axis
from fxlab.display.canvas.canvas import Canvas
from fxlab.display.canvas.frame import TICK_SIZE, Frame
from fxlab.display.canvas.legend import LegendEntry
from fxlab.display.number_format import format_count, format_number, format_radius
from fxlab.display.plots.response_curves import ResponseCurves

_MAX_RADIUS = 2.2
_MAX_CORNERS = 4


def draw_zplane(
    canvas: Canvas, corner: tuple[float, float], size: float, response: ResponseCurves, corners: Sequence[float]
) -> None:
    """Draw the poles and zeros, which must be known, and a ray at the angle of each of the first four `corners`, in Hz.

    The plot is a square of `size` CSS pixels whose upper left corner is at `corner`. The number of roots with a
    magnitude beyond the ends of the axes is drawn as text.
    """
    assert response.zeros is not None
    assert response.poles is not None
    left, top = corner
    zeros, poles = response.zeros, response.poles
    roots = np.concatenate([zeros.flatten(), poles.flatten()])
    radii = np.abs(roots)
    radii = radii[np.isfinite(radii)]
    limit = float(np.clip(1.12 * radii.max(initial=0.0), 1.22, _MAX_RADIUS))
    frame = Frame(canvas, (left, top, size, size), Axis(-limit, limit, ()), Axis(-limit, limit, ()))
    center_x, center_y = left + size / 2, top + size / 2
    canvas.draw_line([left, left + size], [center_y, center_y], colors.GRID, snap=True)
    canvas.draw_line([center_x, center_x], [top, top + size], colors.GRID, snap=True)
    angles = np.linspace(0, 2 * math.pi, 181)
    canvas.draw_line(frame.canvas_x(np.cos(angles)), frame.canvas_y(np.sin(angles)), colors.TEXT, width=1.0)
    for value in corners[:_MAX_CORNERS]:
        angle = 2 * math.pi * value / response.rate
        ray_x, ray_y = frame.canvas_x([0, math.cos(angle)]), frame.canvas_y([0, math.sin(angle)])
        canvas.draw_line(ray_x, ray_y, colors.LineStyle(colors.ACCENT, (1.5, 2.5)))
    labels: list[tuple[complex, int, str]] = []
    for number in reversed(range(len(poles))):
        color = colors.example_style(number).color if len(poles) > 1 else colors.MAIN
        labels += _draw_roots(frame, zeros[min(number, len(zeros) - 1)] if len(zeros) else zeros, "o", color)
        labels += _draw_roots(frame, poles[number], "x", color)
    _draw_multiplicities(frame, labels[::-1])
    outside = int((radii > limit).sum())
    if outside:
        text = f"{outside} outside, up to {format_number(float(radii.max()), 3)}"
        canvas.draw_text(left + size, top + size - 7, text, size=TICK_SIZE, align="right")
    _draw_axis_labels(frame, roots, center_y)


def root_entries(response: ResponseCurves) -> list[LegendEntry]:
    """Return the legend entries with the numbers of poles and zeros, and the largest pole radius if it is below 1.

    The list is empty if poles or zeros are not known.
    """
    if response.zeros is None or response.poles is None:
        return []
    poles, zeros = _max_count(response.poles), _max_count(response.zeros)
    radius = float(np.abs(response.poles[np.isfinite(response.poles)]).max(initial=0.0))
    where = f", radius ≤ {format_radius(radius)}" if poles and radius < 1 else ""
    if poles and not radius:
        where = " at the origin"
    return [
        LegendEntry(format_count(poles, "pole") + where, marker="x"),
        LegendEntry(format_count(zeros, "zero"), marker="o"),
    ]


def _draw_axis_labels(frame: Frame, roots: NDArray[np.complex128], center_y: float) -> None:
    """Draw "1" and "−1" beside the unit circle; "1" is moved down if one of `roots` lies there.

    `center_y` is the vertical position of the real axis in CSS pixels.
    """
    one, minus_one = float(frame.canvas_x(1.0)), float(frame.canvas_x(-1.0))
    near = np.abs(frame.canvas_x(roots.real) - one - 11) < 11
    root_y = frame.canvas_y(roots.imag)[near]
    offset = next((offset for offset in (10, 24, 38) if not (np.abs(root_y - center_y - offset) < 9).any()), 10)
    frame.canvas.draw_text(one + 8, center_y + offset, "1", size=TICK_SIZE)
    frame.canvas.draw_text(minus_one - 6, center_y + 10, "−1", size=TICK_SIZE, align="right")


def _draw_roots(
    frame: Frame, roots: NDArray[np.complex128], shape: Literal["o", "x"], color: str
) -> list[tuple[complex, int, str]]:
    """Draw the markers of roots, except outside the plot.

    Returns:
        The position, the multiplicity and the color of each multiple root in the plot.
    """
    roots = roots[np.isfinite(roots)]
    limit = frame.x.high
    roots = roots[(np.abs(roots.real) <= limit) & (np.abs(roots.imag) <= limit)]
    frame.canvas.draw_markers(frame.canvas_x(roots.real), frame.canvas_y(roots.imag), shape, color)
    return [(root, count, color) for root, count in _multiple_roots(roots)]


def _draw_multiplicities(frame: Frame, labels: list[tuple[complex, int, str]]) -> None:
    """Draw the multiplicity beside each multiple root; a number that would overlap an earlier one is omitted.

    `labels` are results of `_draw_roots`.
    """
    drawn: list[tuple[float, float]] = []
    for root, count, color in labels:
        x, y = float(frame.canvas_x(root.real)) + 6, float(frame.canvas_y(root.imag)) - 7
        if all(abs(x - left) > 8 or abs(y - top) > 9 for left, top in drawn):
            frame.canvas.draw_text(x, y, str(count), color, size=9.0)
            drawn.append((x, y))


def _multiple_roots(roots: NDArray[np.complex128]) -> list[tuple[complex, int]]:
    """Return the positions at which several roots coincide in the picture, with the number of roots at each."""
    positions, counts = np.unique(np.round(roots, 3), return_counts=True)
    return [(complex(root), int(count)) for root, count in zip(positions, counts, strict=True) if count > 1]


def _max_count(roots: NDArray[np.complex128]) -> int:
    """Return the largest number of roots that an example has; `roots` is `(examples, roots)`, padded with NaN."""
    return int(np.isfinite(roots).sum(-1).max(initial=0)) if roots.size else 0
