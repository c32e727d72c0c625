"""The card of measured levels: a plot of the loudness over time, and a list of all levels beside it."""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor

from fxlab.analysis import LevelMeasurement
from fxlab.analysis.loudness import SHORT_TERM
from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import linear_axis, step_ticks
from fxlab.display.canvas.canvas import Canvas
from fxlab.display.canvas.colors import LineStyle, stage_style
from fxlab.display.canvas.frame import Frame
from fxlab.display.canvas.legend import LegendEntry, draw_legend
from fxlab.display.cards.card import Card
from fxlab.display.number_format import format_count, format_duration, format_frequency
from fxlab.display.plots.time_axis import seconds_axis, time_unit
from fxlab.effects.level.integrated_loudness import MOMENTARY, STEP

WIDTH, HEIGHT = 720, 250
_BOX = (44, 46, 448, 176)
_SIDE = 528
_LOW, _HIGH = -60.0, 0.0
"""The range of the axis in LUFS, which is the same on all cards unless a sound is louder or much softer."""
_SHORT_TERM, _MOMENTARY, _INTEGRATED = colors.MAIN, LineStyle(colors.TEXT), stage_style(0)


def draw_levels(levels: LevelMeasurement) -> Card:
    """Return a card with the momentary and the short-term loudness over time, and a list of all measured levels."""
    canvas = Canvas(WIDTH, HEIGHT)
    left = float(_BOX[0])
    canvas.draw_text(left, 12, "Levels", size=13, bold=True)
    sound = " · ".join(
        (
            "mono" if levels.channels == 1 else format_count(levels.channels, "channel"),
            format_duration(levels.duration),
            format_frequency(levels.sample_rate),
        )
    )
    canvas.draw_text(left + canvas.text_width("Levels", size=13, bold=True) + 14, 12, sound)
    x = seconds_axis(levels.duration)
    low, high = _limits(levels)
    frame = Frame(canvas, _BOX, x, linear_axis(low, high, step_ticks(low, high, 8, (5, 10, 20))))
    if not math.isnan(levels.range):
        ends = [0.0, levels.duration]
        frame.fill_between(ends, [levels.percentiles[0]] * 2, [levels.percentiles[1]] * 2, _SHORT_TERM, alpha=0.14)
    frame.draw_grid(x_unit=time_unit(x))
    frame.draw_title("Loudness, LUFS")
    _draw_blocks(frame, levels.momentary, MOMENTARY, _MOMENTARY, 1.2)
    _draw_blocks(frame, levels.short_term, SHORT_TERM, LineStyle(_SHORT_TERM), 2.0)
    if math.isfinite(levels.integrated):
        frame.draw_horizontal_line(levels.integrated, LineStyle(_INTEGRATED.color, (4.0, 3.0)))
    draw_legend(canvas, _SIDE, _BOX[1] + 2, _entries(levels))
    description = f"Levels of a sound, {sound}: {', '.join(entry.text for entry in _entries(levels) if entry.text)}."
    return Card(canvas, description, _notes(levels))


def _entries(levels: LevelMeasurement) -> list[LegendEntry]:
    integrated_style = LineStyle(_INTEGRATED.color, (4.0, 3.0))
    return [
        LegendEntry(_text("integrated", levels.integrated, "LUFS"), integrated_style),
        LegendEntry(_text("short-term max", levels.short_term_max, "LUFS"), LineStyle(_SHORT_TERM)),
        LegendEntry(_text("momentary max", levels.momentary_max, "LUFS"), _MOMENTARY),
        LegendEntry(_text("loudness range", levels.range, "LU")),
        LegendEntry(""),
        LegendEntry(
            _text("true peak", levels.true_peak_db, "dBTP"),
            color=colors.ALARM if levels.true_peak_db > 0 else colors.TEXT,
        ),
        LegendEntry(_text("sample peak", levels.peak_db, "dBFS")),
        LegendEntry(_text("RMS", levels.rms_db, "dB")),
        LegendEntry(_text("crest factor", levels.crest_db, "dB")),
        LegendEntry(_text("peak to loudness", levels.peak_to_loudness, "dB")),
    ]


def _notes(levels: LevelMeasurement) -> tuple[str, ...]:
    if levels.duration < MOMENTARY:
        return ("Momentary loudness needs 0.4 s of sound, short-term loudness and its range need 3 s.",)
    if math.isnan(levels.integrated):
        return ("The sample rate is too low for loudness, whose weighting needs 2 kHz.",)
    if levels.duration < SHORT_TERM:
        return ("Short-term loudness and the loudness range need 3 s of sound.",)
    return ("Each value is at the end of its block: 0.4 s for momentary, 3 s for short-term. Band: loudness range.",)


def _draw_blocks(frame: Frame, values: Tensor, window: float, style: LineStyle, width: float) -> None:
    """Draw the loudness of blocks of `window` seconds, each at the end of its block.

    `values` are in LUFS, and the line is `width` CSS pixels wide. The loudness of silence, which is minus infinity, is
    drawn below the lower edge of the plot.
    """
    if len(values):
        times = window + STEP * np.arange(len(values))
        shown = values.clamp(min=2 * frame.y.low - frame.y.high).numpy()
        if len(values) == 1:
            frame.canvas.draw_markers(frame.canvas_x(times), frame.canvas_y(shown), "dot", style.color, clip=frame.box)
        frame.draw_curve(times, shown, style, width=width)


def _limits(levels: LevelMeasurement) -> tuple[float, float]:
    """Return the range of the axis in LUFS: the fixed one, or shifted by a multiple of 10 for a loud or soft sound.

    It is shifted if the larger of the integrated loudness and the highest momentary loudness is above the fixed range
    or below −40 LUFS.
    """
    top = max((value for value in (levels.momentary_max, levels.integrated) if math.isfinite(value)), default=0.0)
    shift = 10.0 * math.ceil((top - _HIGH) / 10) if top > _HIGH else 10.0 * min(0, math.floor((top + 40) / 10))
    return _LOW + shift, _HIGH + shift


def _text(name: str, value: float, unit: str) -> str:
    """Return a name with a level, rounded to one decimal, and its unit.

    >>> _text("RMS", -23.04, "dB"), _text("true peak", float("-inf"), "dBTP"), _text("range", float("nan"), "LU")
    ('RMS −23.0 dB', 'true peak −∞ dBTP', 'range: none')
    """
    if math.isnan(value):
        return f"{name}: none"
    number = "−∞" if value == -math.inf else f"{round(value, 1) + 0.0:.1f}".replace("-", "−")
    return f"{name} {number} {unit}"
