"""The card of a control: its value over time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fxlab.control import Automation
from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import Axis, even_ticks, frequency_axis, linear_axis, step_ticks, tick_label
from fxlab.display.canvas.canvas import Canvas, fit_text
from fxlab.display.canvas.colors import LineStyle, example_style
from fxlab.display.canvas.frame import TICK_SIZE, Frame
from fxlab.display.cards.card import Card
from fxlab.display.cards.control_text import movement_text, value_text
from fxlab.display.cards.parameter_table import html_table
from fxlab.display.number_format import format_count, format_duration, format_number
from fxlab.display.plots.control_curve import ControlCurve, compute_control_curve
from fxlab.display.plots.time_axis import seconds_axis, time_unit
from fxlab.module import Param
from fxlab.module.parameters.control import Control
from fxlab.module.parameters.moving_value import parameter_of

WIDTH, HEIGHT = 720, 206
_BOX = (52, 46, 632, 130)
_POINT_LIMIT = 64


def draw_control(control: Control) -> Card:
    """Return a card with the value of `control` over time.

    If the parameter that it moves is known, the plot has the scale and the unit of that parameter.
    """
    parameter = parameter_of(control)
    unit, scale = (parameter.unit, parameter.scale) if parameter is not None else ("", "linear")
    name = parameter.label if parameter is not None else "Value"
    axis_title, curve = f"{name}, {unit}" if unit else name, compute_control_curve(control, scale)
    canvas = Canvas(WIDTH, HEIGHT)
    x = seconds_axis(float(curve.seconds[-1]))
    frame = Frame(canvas, _BOX, x, _value_axis(control, scale, unit))
    frame.draw_grid(x_unit=time_unit(x))
    if curve.burst is not None:
        _shade(frame, *curve.burst, f"square wave at {format_number(curve.burst_db)} dBFS", axis_title)
    single = len(curve.values) == 1
    for number in reversed(range(len(curve.values))):
        frame.draw_curve(curve.seconds, curve.values[number], example_style(number), width=2.0 if single else 1.5)
    if isinstance(control, Automation) and single:
        _draw_points(frame, control)
    frame.draw_title(axis_title)
    if not single:
        frame.draw_legend([(str(number), example_style(number).color) for number in range(len(curve.values))])
    title, left = type(control).__name__, float(_BOX[0])
    canvas.draw_text(left, 12, title, size=13, bold=True)
    left += canvas.text_width(title, size=13, bold=True) + 14
    text = movement_text(control, unit)
    canvas.draw_text(left, 12, fit_text(canvas, text.split(", "), WIDTH - 4 - left, separator=", "))
    description = f"{title}: {text}. A curve of {name.lower()} over {format_duration(float(curve.seconds[-1]))}."
    return Card(canvas, description, tuple(_notes(curve, known=parameter is not None)))


def control_table(control: Control) -> str:
    """Return the parameters of a control as an HTML table.

    Those in `value_parameters` that are not arrays, such as `low`, have the unit of the parameter that the control
    moves, if that parameter is known.
    """
    parameter = parameter_of(control)
    rows = []
    for name, declaration in control.in_use().items():
        is_value = name in control.value_parameters and isinstance(declaration, Param)
        shown_as = parameter if is_value and parameter is not None else declaration
        rows.append((declaration.label, value_text(shown_as, getattr(control, name)), declaration.doc))
    return html_table(("Parameter", "Value", "Meaning"), rows)


def _notes(curve: ControlCurve, *, known: bool) -> list[str]:
    notes = []
    if curve.burst is not None:
        tone = f"a burst of a square wave at {format_number(curve.burst_db)} dBFS"
        notes.append(f"It follows the input; this curve follows {tone}, where the plot is shaded.")
    if not known:
        notes.append("It moves in the unit and on the scale of the parameter whose value it is.")
    if curve.examples > 1:
        drawn = len(curve.values)
        which = "one curve each" if drawn == curve.examples else f"the first {drawn}"
        notes.append(f"A batch of {format_count(curve.examples, 'movement')}: {which}.")
    return notes


def _value_axis(control: Control, scale: str, unit: str) -> Axis:
    """Return an axis that extends a little beyond the range of the control, so that the ends of the range are visible.

    `scale` and `unit` are those of the parameter that the control moves.
    """
    lows, highs = (limit.detach() for limit in control.limits())
    low, high = float(lows.min()), float(highs.max())
    if scale == "log":
        margin = (high / low) ** 0.06 if high > low else 2.0
        axis = frequency_axis(low / margin, high * margin, "log", _BOX[3], gap=18.0)
        ends = [(value, tick_label(value)) for value in dict.fromkeys((low, high))]
        between = [tick for tick in axis.ticks if all(_distance(axis, tick[0], end) >= 15.0 for end, _ in ends)]
        return replace(axis, ticks=tuple(sorted([*ends, *between])))
    margin = 0.06 * (high - low) if high > low else max(abs(low), 1.0) * 0.5
    low, high = low - margin, high + margin
    in_decibels = unit == "dB" and high - low > 4
    return linear_axis(
        low, high, step_ticks(low, high, 7, (1, 2, 3, 6, 12)) if in_decibels else even_ticks(low, high, 5)
    )


def _distance(axis: Axis, first: float, second: float) -> float:
    """Return the vertical distance of two values of `axis` on the card, in CSS pixels."""
    return float(abs(axis.position(first) - axis.position(second))) * _BOX[3]


def _shade(frame: Frame, start: float, end: float, label: str, title: str) -> None:
    """Shade the time of the test burst from `start` to `end` in seconds, and draw `label` above it.

    The label is moved to the right where it would overlap `title`, the title of the frame.
    """
    left, right = frame.canvas_x([start, end])
    corners = [(left, frame.top), (right, frame.top), (right, frame.bottom), (left, frame.bottom)]
    frame.canvas.fill_polygon(corners, colors.INPUT, alpha=0.14)
    frame.draw_vertical_lines([start, end], LineStyle(colors.TEXT, (1.5, 2.5)))
    half = frame.canvas.text_width(label, size=TICK_SIZE) / 2
    center = max((left + right) / 2, frame.left + frame.canvas.text_width(title, size=TICK_SIZE) + 16 + half)
    frame.canvas.draw_text(center, frame.top - 9, label, size=TICK_SIZE, align="center")


def _draw_points(frame: Frame, control: Automation) -> None:
    """Draw a dot at each point of an automation, unless it has more than `_POINT_LIMIT` points."""
    values = control.values()
    times, points = (values[name].detach().double().cpu().numpy().ravel() for name in ("times", "points"))
    if len(times) <= _POINT_LIMIT and len(times) == len(points):
        frame.canvas.draw_markers(frame.canvas_x(times), frame.canvas_y(np.asarray(points)), "dot", colors.MAIN)
