"""The card of a measurement: the response, and the harmonics below it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fxlab.analysis import Measurement
from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import Axis, linear_axis, step_ticks
from fxlab.display.canvas.canvas import Canvas, fit_text
from fxlab.display.canvas.colors import LineStyle, example_style, stage_style
from fxlab.display.canvas.frame import Frame
from fxlab.display.canvas.legend import LegendEntry, draw_legend
from fxlab.display.cards.card import Card
from fxlab.display.number_format import format_frequency, format_number
from fxlab.display.plots.bode import HALF_POWER, decibel_axis, log_frequency_axis
from fxlab.engine.torch_support.shapes import first_example

WIDTH, HEIGHT = 720, 320
MAX_EXAMPLES = 8
_LEFT, _PLOT_WIDTH, _SIDE = 44, 428, 540
_TOP = 46
_MIN_DB = -120.0
_TOTAL = LineStyle(colors.TEXT, (4.0, 3.0))


def draw_measurement(measurement: Measurement) -> Card:
    """Return the card of a measurement.

    For a batch, it shows the responses of the first `MAX_EXAMPLES` examples, and the harmonics of the first example.
    """
    canvas = Canvas(WIDTH, HEIGHT)
    hz = measurement.frequencies.numpy()
    all_levels = measurement.magnitude_db.reshape(-1, len(hz)).numpy()
    examples, levels = len(all_levels), all_levels[:MAX_EXAMPLES]
    x = log_frequency_axis(measurement.sample_rate, hz, _PLOT_WIDTH)
    upper = Frame(canvas, (_LEFT, _TOP, _PLOT_WIDTH, 110), x, decibel_axis(list(levels)))
    upper.draw_grid(x_labels=False)
    upper.draw_horizontal_line(-3.0, HALF_POWER, "−3 dB")
    if len(levels) == 1:
        upper.fill_below(hz, levels[0], colors.MAIN)
    for number in reversed(range(len(levels))):
        upper.draw_curve(hz, levels[number], example_style(number), width=2.0 if len(levels) == 1 else 1.5)
    upper.draw_title("Response, dB")

    harmonics = first_example(measurement.harmonics_db, 2).numpy()
    total = first_example(measurement.thd_db).numpy()
    lower = Frame(canvas, (_LEFT, 190, _PLOT_WIDTH, 106), x, _harmonics_axis(total))
    lower.draw_grid(x_unit="Hz")
    for row, order in enumerate(measurement.orders):
        lower.draw_curve(hz, np.maximum(harmonics[row], _MIN_DB - 40), stage_style(order - 2), width=1.4)
    lower.draw_curve(hz, np.maximum(total, _MIN_DB - 40), _TOTAL, width=1.4)
    lower.draw_title("Harmonics over the frequency of the input, dB relative to the fundamental")

    middle = int(np.abs(hz - 1000.0).argmin()) if hz[0] <= 1000 <= hz[-1] else len(hz) // 2
    entries = [
        LegendEntry(f"Example {number}", example_style(number)) for number in range(len(levels) if examples > 1 else 0)
    ]
    entries.append(LegendEntry(f"At {format_frequency(float(f'{hz[middle]:.3g}'))}:"))
    entries.append(LegendEntry(_level_text("response", levels[0, middle]), LineStyle(colors.MAIN)))
    entries += [
        LegendEntry(_level_text(f"{_ordinal(order)} harmonic", harmonics[row, middle]), stage_style(order - 2))
        for row, order in enumerate(measurement.orders)
    ]
    if measurement.orders:
        entries.append(LegendEntry(_level_text("all of them", total[middle]), _TOTAL))
    draw_legend(canvas, _SIDE, _TOP + 6, entries)

    at = f"at {format_frequency(measurement.sample_rate)}, {format_number(measurement.level_db)} dBFS"
    canvas.draw_text(WIDTH - 4, 12, at, align="right")
    title_width = WIDTH - 4 - canvas.text_width(at) - 16 - _LEFT
    canvas.draw_text(_LEFT, 12, fit_text(canvas, [measurement.name], title_width * 0.9, size=13), size=13, bold=True)
    description = f"{measurement.name} measured {at}: response and harmonics over frequency."
    notes = []
    if examples > 1:
        drawn = "one curve each" if examples <= MAX_EXAMPLES else f"the first {MAX_EXAMPLES}"
        notes.append(f"A batch of {examples} examples: {drawn}; harmonics of example 0.")
    return Card(canvas, description, tuple(notes))


def _harmonics_axis(total: NDArray[np.float64]) -> Axis:
    finite = total[np.isfinite(total)]
    high = 20.0 * np.ceil((float(finite.max(initial=_MIN_DB)) + 1) / 20)
    high = float(np.clip(high, -80.0, 40.0))
    low = max(_MIN_DB, high - 100.0)
    return linear_axis(low, high, step_ticks(low, high, 7, (20, 40)))


def _level_text(name: str, db: float) -> str:
    if not np.isfinite(db) or db < _MIN_DB:
        return f"{name}: {'none' if db < 0 else 'not measured'}"
    return f"{name} {round(db, 1) + 0.0:.1f} dB".replace("-", "−")


def _ordinal(number: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{suffix}"
