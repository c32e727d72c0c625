"""The card of a feature: a picture of each channel, with a bar that explains the colors, or a curve of each channel.

A feature with one number per frame has curves. At most `MAX_CHANNELS` channels of the first example are shown.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fxlab.display.canvas.axis import Axis, even_ticks, frequency_axis, linear_axis, step_ticks
from fxlab.display.canvas.canvas import Box, Canvas, fit_text
from fxlab.display.canvas.colors import example_style
from fxlab.display.canvas.frame import TICK_SIZE, Frame
from fxlab.display.cards.card import Card
from fxlab.display.number_format import format_count, format_duration, format_frequency, format_number
from fxlab.display.plots.color_map import draw_cells, draw_color_bar
from fxlab.display.plots.feature_map import feature_map, has_coefficients, level_limits, time_axis
from fxlab.display.plots.time_axis import seconds_axis, time_unit
from fxlab.features.feature import Feature

WIDTH = 720
MAX_CHANNELS = 4
_LEFT, _PLOT_WIDTH, _TOP, _GAP = 52, 600, 48, 8
_LANE_HEIGHTS = {1: 200, 2: 112, 3: 84, 4: 64}
_CELL = 2
"""The width and the height of a cell, in CSS pixels."""
_CURVES_HEIGHT = 140


def draw_feature(feature: Feature) -> Card:
    """Return the card of a feature, with up to `MAX_CHANNELS` channels of the first example.

    The card of a feature without frames has no plot, but a note that the sound is too short.
    """
    if feature.data.numel() == 0:
        canvas = Canvas(WIDTH, 40)
        canvas.draw_text(_LEFT, 12, f"{feature.name}: no frames", size=13, bold=True)
        return Card(canvas, f"{feature.name} without frames.", ("The sound is too short for a frame.",))
    height = plot_height(feature)
    canvas = Canvas(WIDTH, _TOP + height + 24)
    canvas.draw_text(_LEFT, 12, feature.name, size=13, bold=True)
    left = _LEFT + canvas.text_width(feature.name, size=13, bold=True) + 14
    canvas.draw_text(left, 12, fit_text(canvas, describe_shape(feature).split(" · "), WIDTH - 8 - left))
    content = draw_feature_plot(canvas, (_LEFT, _TOP, _PLOT_WIDTH, height), feature)
    return Card(canvas, f"{feature.name}, {describe_shape(feature)}: {content}.", feature_notes(feature))


def plot_height(feature: Feature) -> int:
    """Return the height of the plot of a feature in CSS pixels; that of pictures depends on the number of channels."""
    if len(feature.frequency) == 1:
        return _CURVES_HEIGHT
    shown = min(feature.channels, MAX_CHANNELS)
    return _LANE_HEIGHTS[shown] * shown + _GAP * (shown - 1)


def draw_feature_plot(canvas: Canvas, box: Box, feature: Feature) -> str:
    """Draw the first example of a feature with its axes into `box`, and return a description of the drawing.

    Outside the box, the labels need 24 px on the left (44 px if there are several channels), 24 px below and 18 px
    above; the color bar needs 60 px on the right.
    """
    left, top, width, height = box
    x = seconds_axis(time_axis(feature).high)
    _draw_titles(canvas, box, feature)
    shown = min(feature.channels, MAX_CHANNELS)
    if len(feature.frequency) == 1:
        low, high = _draw_curves(canvas, box, feature, x)
    else:
        low, high = level_limits(feature)
        lane = (height - _GAP * (shown - 1)) // shown // _CELL * _CELL
        for channel in range(shown):
            _draw_channel(canvas, (left, top + channel * (lane + _GAP), width, lane), feature, channel, (low, high))
        bottom = top + shown * lane + (shown - 1) * _GAP
        Frame(canvas, (left, bottom, width, 0), x, Axis(0, 1, ())).draw_grid(x_unit=time_unit(x))
        _draw_bar(canvas, (left, top, width, bottom - top), feature, (low, high))
    return (
        f"{feature.quantity.lower()} in {feature.level_unit or 'numbers'} from {format_number(low)} to "
        f"{format_number(high)} over {feature.frequency.quantity.lower()} and time"
    )


def _draw_titles(canvas: Canvas, box: Box, feature: Feature) -> None:
    left, top, width, _ = box
    levels = ", ".join(filter(None, (feature.quantity, feature.level_unit)))
    if len(feature.frequency) == 1:
        canvas.draw_text(left, top - 10, levels, size=TICK_SIZE)
        return
    axis = ", ".join(filter(None, (feature.frequency.quantity, feature.frequency.unit)))
    canvas.draw_text(left, top - 10, axis, size=TICK_SIZE)
    canvas.draw_text(left + width + 60, top - 10, levels, size=TICK_SIZE, align="right")


def describe_shape(feature: Feature) -> str:
    """Return the number of channels, the duration, the sample rate and the size of a feature as text.

    If there are several frames, the text ends with the time from one frame to the next.
    """
    parts = [
        "mono" if feature.channels == 1 else format_count(feature.channels, "channel"),
        format_duration(feature.samples / feature.sample_rate),
        format_frequency(feature.sample_rate),
        f"{len(feature.frequency)} × {len(feature.time)}"
        if len(feature.frequency) > 1
        else format_count(len(feature.time), "frame"),
    ]
    if len(feature.time) > 1:
        step = float(feature.time.values[1] - feature.time.values[0])
        parts.append(f"a frame every {format_duration(step)}")
    return " · ".join(parts)


def _draw_channel(canvas: Canvas, box: Box, feature: Feature, channel: int, limits: tuple[float, float]) -> None:
    """Draw the picture of a channel, whose colors span the levels `limits`, with the labels of its rows."""
    left, top, width, height = box
    found = feature_map(feature, channel, (round(height) // _CELL, round(width) // _CELL))
    draw_cells(canvas, box, found.cells, *limits)
    frame = Frame(canvas, box, found.x, _with_ticks(found.y, feature, height))
    for value, label in frame.y.ticks:
        canvas.draw_text(left - 6, float(frame.canvas_y(value)), label, size=TICK_SIZE, align="right")
    if feature.channels > 1:
        name = "LR"[channel] if feature.channels == 2 else str(channel + 1)
        canvas.draw_text(left - 44, top + height / 2, name, bold=True)


def _draw_bar(canvas: Canvas, box: Box, feature: Feature, limits: tuple[float, float]) -> None:
    """Draw the color bar to the right of `box`, with labels; the highest label includes the unit, if there is one.

    The colors span the levels `limits`. Labels at the ends of the bar are moved so that they do not extend beyond it.
    """
    (low, high), unit = limits, feature.level_unit.split(" ")[0]
    ticks = step_ticks(low, high, 6, (10, 20, 40)) if unit == "dB" else even_ticks(low, high, 4)
    margin = (high - low) * TICK_SIZE / 2 / box[3]
    labels = [(min(max(value, low + margin), high - margin), format_number(value)) for value in ticks]
    if labels and unit:
        labels[-1] = (labels[-1][0], f"{labels[-1][1]} {unit}")
    draw_color_bar(canvas, box, low, high, labels)


def _with_ticks(axis: Axis, feature: Feature, height: float) -> Axis:
    """Return the axis of the rows with its ticks, for a plot of `height` CSS pixels.

    If the rows have names, the ticks are these names, or as many of them as fit; otherwise the ticks are frequencies or
    whole numbers.
    """
    if feature.frequency.labels:
        named = list(zip(feature.frequency.values.tolist(), feature.frequency.labels, strict=True))
        every = -(-len(named) * 13 // round(height))
        return replace(axis, ticks=tuple(named[:: max(1, every)]))
    if feature.frequency.unit == "Hz" and axis.scale == "linear":
        return linear_axis(axis.low, axis.high, even_ticks(axis.low, axis.high, max(2, round(height / 30))))
    if feature.frequency.unit == "Hz":
        return frequency_axis(axis.low, axis.high, axis.scale, height, gap=15)
    ticks = [value for value in even_ticks(axis.low, axis.high, max(2, round(height / 24))) if value == round(value)]
    return replace(axis, ticks=tuple((value, format_number(value)) for value in ticks))


def _draw_curves(canvas: Canvas, box: Box, feature: Feature, x: Axis) -> tuple[float, float]:
    """Draw a feature with one number per frame as a curve for each of the first `MAX_CHANNELS` channels.

    Returns:
        The lowest and the highest value of the vertical axis.
    """
    shown = min(feature.channels, MAX_CHANNELS)
    levels = feature.levels().detach().reshape(-1, *feature.data.shape[-3:])[0, :shown, 0].double().cpu().numpy()
    low, high = level_limits(feature)
    if feature.limits is None and not feature.level_unit.startswith("dB"):
        margin = 0.06 * (high - low)
        low, high = (0.0 if 0 <= low < 0.5 * high else low - margin), high + margin
    in_decibels = feature.level_unit.startswith("dB")
    ticks = step_ticks(low, high, 6, (10, 20, 40)) if in_decibels else even_ticks(low, high, 5)
    frame = Frame(canvas, box, x, linear_axis(low, high, ticks))
    frame.draw_grid(x_unit=time_unit(x))
    times = feature.time.values.cpu().numpy()
    for channel in reversed(range(shown)):
        values = np.where(np.isneginf(levels[channel]), low - (high - low), levels[channel])
        frame.draw_curve(times, values, example_style(channel), width=1.6)
        if len(times) == 1:
            canvas.draw_markers(frame.canvas_x(times), frame.canvas_y(values), "dot", example_style(channel).color)
    if feature.channels > 1:
        names = ["L", "R"] if feature.channels == 2 else [str(channel + 1) for channel in range(shown)]
        frame.draw_legend([(name, example_style(number).color) for number, name in enumerate(names)])
    return low, high


def feature_notes(feature: Feature) -> tuple[str, ...]:
    """Return the notes below the picture of a feature.

    If examples or channels are omitted, the notes state which ones are shown. For a picture of a feature without fixed
    limits, they state that the range of the colors depends on the sound.
    """
    notes, shown = [], min(feature.channels, MAX_CHANNELS)
    examples = feature.data[..., 0, 0, 0].numel()
    if examples > 1:
        notes.append(f"A batch of {examples} examples: this is the first.")
    if shown < feature.channels:
        notes.append(f"The first {shown} of {feature.channels} channels.")
    if feature.limits is None and len(feature.frequency) > 1:
        but = " except those of coefficient 0, the level" if has_coefficients(feature) else ""
        notes.append(f"The colors cover the values of this sound{but}; those of another sound may differ.")
    return tuple(notes)
