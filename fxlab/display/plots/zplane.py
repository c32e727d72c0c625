"""Poles and zeros in the z plane, with the unit circle round."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import Canvas
from fxlab.display.canvas.frame import TICK_SIZE, Frame
from fxlab.display.cards.number_format import count, figure, radius
from fxlab.display.plots.axis import Axis
from fxlab.display.plots.response_curves import Response

_WIDEST = 2.2
_MOST_CORNERS = 4


def draw_zplane(
    sheet: Canvas, corner: tuple[float, float], size: float, response: Response, marks: Sequence[float]
) -> None:
    """Draw a square of `size` pixels, and each corner frequency as a ray at its angle."""
    assert response.zeros is not None
    assert response.poles is not None
    left, top = corner
    zeros, poles = response.zeros, response.poles
    radii = np.abs(np.concatenate([zeros.flatten(), poles.flatten()]))
    radii = radii[np.isfinite(radii)]
    reach = float(np.clip(1.12 * radii.max(initial=0.0), 1.22, _WIDEST))
    frame = Frame(sheet, (left, top, size, size), Axis(-reach, reach, ()), Axis(-reach, reach, ()))
    middle, half = left + size / 2, top + size / 2
    sheet.line([left, left + size], [half, half], colors.GRID, snap=True)
    sheet.line([middle, middle], [top, top + size], colors.GRID, snap=True)
    turn = np.linspace(0, 2 * math.pi, 181)
    sheet.line(frame.across(np.cos(turn)), frame.up(np.sin(turn)), colors.TEXT, width=1.0)
    for value in marks[:_MOST_CORNERS]:
        angle = 2 * math.pi * value / response.rate
        frame_x, frame_y = frame.across([0, math.cos(angle)]), frame.up([0, math.sin(angle)])
        sheet.line(frame_x, frame_y, colors.Pen(colors.ACCENT, (1.5, 2.5)))
    labels: list[tuple[complex, int, str]] = []
    for number in reversed(range(len(poles))):
        hue = colors.example_pen(number).ink if len(poles) > 1 else colors.MAIN
        labels += _roots(frame, zeros[min(number, len(zeros) - 1)] if len(zeros) else zeros, "o", hue)
        labels += _roots(frame, poles[number], "x", hue)
    _label(frame, labels[::-1])
    beyond = int((radii > reach).sum())
    if beyond:
        words = f"{beyond} beyond, out to {figure(float(radii.max()), 3)}"
        sheet.text(left + size, top + size - 7, words, size=TICK_SIZE, align="right")
    at_one, nyquist = frame.across(1.0), frame.across(-1.0)
    every = np.concatenate([zeros.flatten(), poles.flatten()])
    beside = np.abs(frame.across(every.real) - float(at_one) - 11) < 11
    heights = frame.up(every.imag)[beside]
    below = next((drop for drop in (10, 24, 38) if not (np.abs(heights - half - drop) < 9).any()), 10)
    sheet.text(float(at_one) + 8, half + below, "1", size=TICK_SIZE)
    sheet.text(float(nyquist) - 6, half + 10, "−1", size=TICK_SIZE, align="right")


def facts(response: Response) -> list[tuple[str, str]]:
    """Lines to write beside the plane: the sign that stands for it, and words."""
    if response.zeros is None or response.poles is None:
        return []
    poles, zeros = _number(response.poles), _number(response.zeros)
    reach = float(np.abs(response.poles[np.isfinite(response.poles)]).max(initial=0.0))
    inner = f", radius ≤ {radius(reach)}" if poles and reach < 1 else ""
    if poles and not reach:
        inner = " at the origin"
    return [("x", count(poles, "pole") + inner), ("o", count(zeros, "zero"))]


def _roots(frame: Frame, roots: NDArray[np.complex128], shape: str, hue: str) -> list[tuple[complex, int, str]]:
    """Draw the marks, and give the spots that stand for several, how many, and their colour."""
    roots = roots[np.isfinite(roots)]
    limit = frame.x.high
    roots = roots[(np.abs(roots.real) <= limit) & (np.abs(roots.imag) <= limit)]
    frame.sheet.marks(frame.across(roots.real), frame.up(roots.imag), shape, hue)  # type: ignore[arg-type]
    return [(root, times, hue) for root, times in _repeated(roots)]


def _label(frame: Frame, labels: list[tuple[complex, int, str]]) -> None:
    """Write how many stand at a spot; of two numbers that would lie on one another the first stays."""
    taken: list[tuple[float, float]] = []
    for root, times, hue in labels:
        x, y = float(frame.across(root.real)) + 6, float(frame.up(root.imag)) - 7
        if all(abs(x - left) > 8 or abs(y - top) > 9 for left, top in taken):
            frame.sheet.text(x, y, str(times), hue, size=9.0)
            taken.append((x, y))


def _repeated(roots: NDArray[np.complex128]) -> list[tuple[complex, int]]:
    """Roots that fall on one spot of the picture, and how many they are."""
    spots, counts = np.unique(np.round(roots, 3), return_counts=True)
    return [(complex(spot), int(times)) for spot, times in zip(spots, counts, strict=True) if times > 1]


def _number(roots: NDArray[np.complex128]) -> int:
    """How many roots the example with the most of them has."""
    return int(np.isfinite(roots).sum(-1).max(initial=0)) if roots.size else 0
