"""The picture of a measurement: the response, and the harmonics below it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fxlab.analysis import Measurement
from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import Canvas, fitted
from fxlab.display.canvas.colors import Pen, example_pen, stage_pen
from fxlab.display.canvas.frame import Frame
from fxlab.display.cards import number_format
from fxlab.display.cards.legend import Entry, draw_entries
from fxlab.display.cards.module_card import Picture
from fxlab.display.plots.axis import Axis, linear, stepped
from fxlab.display.plots.bode import HALF_POWER, decibel_axis, frequency_axis

WIDTH, HEIGHT = 720, 320
_LEFT, _PLOT, _SIDE = 44, 428, 540
_TOP = 46
_LOWEST = -120.0
_TOTAL = Pen(colors.TEXT, (4.0, 3.0))


def draw_measurement(found: Measurement) -> Picture:
    """Draw `found`; of a batch the response of the first eight and the harmonics of the first example."""
    sheet = Canvas(WIDTH, HEIGHT)
    hz = found.frequencies.numpy()
    levels = found.magnitude_db.reshape(-1, len(hz)).numpy()
    examples, level = len(levels), levels[:8]
    x = frequency_axis(found.sample_rate, hz, _PLOT)
    above = Frame(sheet, (_LEFT, _TOP, _PLOT, 110), x, decibel_axis(list(level)))
    above.grid(x_labels=False)
    above.level(-3.0, HALF_POWER, "−3 dB")
    if len(level) == 1:
        above.under(hz, level[0], colors.MAIN)
    for number in reversed(range(len(level))):
        pen = example_pen(number)
        above.curve(hz, level[number], pen, width=2.0 if len(level) == 1 else 1.5)
    above.title("Response, dB")

    orders = found.harmonics_db.reshape(examples, len(found.orders), len(hz))[0].numpy()
    total = found.thd_db.reshape(-1, len(hz))[0].numpy()
    below = Frame(sheet, (_LEFT, 190, _PLOT, 106), x, _axis(total))
    below.grid(x_unit="Hz")
    for place, number in enumerate(found.orders):
        below.curve(hz, np.maximum(orders[place], _LOWEST - 40), stage_pen(number - 2), width=1.4)
    below.curve(hz, np.maximum(total, _LOWEST - 40), _TOTAL, width=1.4)
    below.title("Harmonics over the frequency that goes in, dB of the fundamental")

    middle = int(np.abs(hz - 1000.0).argmin()) if hz[0] <= 1000 <= hz[-1] else len(hz) // 2
    entries = [Entry(f"Example {number}", example_pen(number)) for number in range(len(level) if examples > 1 else 0)]
    entries.append(Entry(f"At {number_format.hertz(float(f'{hz[middle]:.3g}'))}:"))
    entries.append(Entry(_level("response", level[0, middle]), Pen(colors.MAIN)))
    entries += [
        Entry(_level(f"{_ordinal(number)} harmonic", orders[place, middle]), stage_pen(number - 2))
        for place, number in enumerate(found.orders)
    ]
    if found.orders:
        entries.append(Entry(_level("all of them", total[middle]), _TOTAL))
    draw_entries(sheet, _SIDE, _TOP + 6, entries)

    at = f"at {number_format.hertz(found.sample_rate)}, {number_format.figure(found.level_db)} dBFS"
    sheet.text(WIDTH - 4, 12, at, align="right")
    room = WIDTH - 4 - sheet.width_of(at) - 16 - _LEFT
    sheet.text(_LEFT, 12, fitted(sheet, [found.name], room * 0.9, size=13), size=13, bold=True)
    words = f"{found.name} measured {at}: response and harmonics over frequency."
    notes = []
    if examples > 1:
        drawn = "one curve each" if examples <= 8 else "the first 8"
        notes.append(f"A batch of {examples} examples: {drawn}; harmonics of example 0.")
    return Picture(sheet, words, 16, tuple(notes))


def _axis(total: NDArray[np.float64]) -> Axis:
    finite = total[np.isfinite(total)]
    high = 20.0 * np.ceil((float(finite.max(initial=_LOWEST)) + 1) / 20)
    high = float(np.clip(high, -80.0, 40.0))
    low = max(_LOWEST, high - 100.0)
    return linear(low, high, stepped(low, high, 7, (20, 40)))


def _level(what: str, db: float) -> str:
    if not np.isfinite(db) or db < _LOWEST:
        return f"{what}: {'none' if db < 0 else 'not measured'}"
    return f"{what} {round(db, 1) + 0.0:.1f} dB".replace("-", "−")


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{ending}"
