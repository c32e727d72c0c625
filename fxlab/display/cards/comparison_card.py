"""The picture and the table of a comparison."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import torch
from numpy.typing import NDArray

from fxlab.analysis import Comparison, FilterSummary, Measurement
from fxlab.analysis.comparison import MEASURED_DB
from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import Canvas, fitted
from fxlab.display.canvas.colors import Pen, example_pen
from fxlab.display.canvas.frame import Frame
from fxlab.display.cards import number_format
from fxlab.display.cards.legend import Entry, briefly, draw_entries, title
from fxlab.display.cards.module_card import Picture
from fxlab.display.cards.parameter_table import table
from fxlab.display.plots.axis import even, linear
from fxlab.display.plots.bode import draw_delay, draw_magnitude, draw_phase, frequency_axis
from fxlab.display.plots.response_curves import MOST_EXAMPLES, Response, corners, grid_about, measure
from fxlab.display.plots.zplane import draw_zplane
from fxlab.errors import FxlabError
from fxlab.module import has_response
from fxlab.module.parameters.scope import designed_once

WIDTH, HEIGHT = 720, 352
_LEFT, _PLOT = 44, 428
_SIDE, _SQUARE = 516, 200
_TOP = 46
_FLOOR = -100.0
_MOST_POLES = 400

Array = NDArray[np.float64]


def draw_comparison(comparison: Comparison) -> Picture:
    """Draw the curves over one another, and of exactly two also how far they lie apart."""
    response = overlaid(comparison)
    drawn = len(response.db)
    apart = comparison.difference_db is not None
    lines = drawn + apart
    sheet = Canvas(WIDTH, max(HEIGHT + 76 * apart, _TOP + _SQUARE + 26 + 16 * lines))
    draw_magnitude(sheet, (_LEFT, _TOP, _PLOT, 132), response, [])
    draw_phase(sheet, (_LEFT, 202, _PLOT, 50), response, [])
    draw_delay(sheet, (_LEFT, 278, _PLOT, 50), response, [], last=not apart)
    if apart:
        _draw_difference(sheet, (_LEFT, 354, _PLOT, 50), response)
    if response.poles is not None and np.isfinite(response.poles).any():
        draw_zplane(sheet, (_SIDE, _TOP), _SQUARE, response, [])
    room = WIDTH - _SIDE - 24
    names = _titles(sheet, comparison, room)[:drawn]
    entries = [Entry(name, _pen(number, drawn)) for number, name in enumerate(names)]
    if apart:
        assert comparison.difference_hz is not None
        entries.append(
            Entry(f"{comparison.difference_db:.3g} dB apart at {number_format.hertz(comparison.difference_hz)}")
        )
    draw_entries(sheet, _SIDE, _TOP + _SQUARE + 18, entries)
    at = f"at {number_format.hertz(comparison.sample_rate)}{', assumed' if comparison.assumed else ''}"
    heading = f"{number_format.count(len(comparison.facts), 'filter')} compared"
    sheet.text(_LEFT, 12, heading, size=13, bold=True)
    sheet.text(WIDTH - 4, 12, at, align="right")
    words = f"{heading} {at}: {'; '.join(facts.name for facts in comparison.facts[:drawn])}."
    return Picture(sheet, words, 16, tuple(_notes(comparison, drawn)))


def numbers(comparison: Comparison) -> str:
    """The facts as an HTML table."""
    heads = ("", "Poles", "−3 dB at", "Peak", "Ripple", "Longest delay", "Margin", "Noise gain", "Stable", "A sample")
    return table(heads, [_row(facts) for facts in comparison.facts])


def overlaid(comparison: Comparison) -> Response:
    """The curves of up to eight filters on one grid, one example each."""
    rate = comparison.sample_rate
    linear_ones = [
        module
        for module, found in zip(comparison.modules, comparison.measurements, strict=True)
        if found is None and has_response(module)
    ]
    marks = sorted({mark for module in comparison.modules for mark in corners(module)})
    near: list[NDArray[np.complex128]] = []
    with torch.no_grad(), designed_once():
        for module in linear_ones:
            with suppress(FxlabError):  # a sum of batches has no roots in closed form
                near.append(module.poles(rate).cpu().flatten()[:_MOST_POLES].numpy())
        grid = grid_about(rate, marks, np.concatenate(near)[None] if near else None)
        parts = [
            measure(module, rate, grid) if found is None and has_response(module) else _measured(found, grid)
            for module, found in zip(comparison.modules, comparison.measurements, strict=True)
        ]
    delays = [np.full_like(part.db, np.nan) if part.delay is None else part.delay for part in parts]
    kept = slice(0, MOST_EXAMPLES)
    return Response(
        rate,
        grid,
        np.concatenate([part.db for part in parts])[kept],
        np.concatenate([_spread(part.phase, len(part.db)) for part in parts])[kept],
        np.concatenate([_spread(d, len(part.db)) for d, part in zip(delays, parts, strict=True)])[kept],
        _padded([part.zeros for part in parts], [len(part.db) for part in parts])[kept],
        _padded([part.poles for part in parts], [len(part.db) for part in parts])[kept],
        (),
        len(comparison.facts),
    )


def _measured(found: Measurement | None, grid: Array) -> Response:
    assert found is not None
    hz = found.frequencies.numpy()

    def on_grid(values: torch.Tensor) -> Array:
        rows = values.reshape(-1, len(hz)).numpy()
        return np.stack([np.interp(grid, hz, row, left=np.nan, right=np.nan) for row in rows])

    phase = np.degrees(on_grid(found.phase))
    return Response(
        found.sample_rate, grid, on_grid(found.magnitude_db), phase, on_grid(found.group_delay), None, None, (), 1
    )


def _spread(rows: Array, count: int) -> Array:
    return np.broadcast_to(rows, (count, rows.shape[-1]))


def _padded(parts: list[NDArray[np.complex128] | None], counts: list[int]) -> NDArray[np.complex128]:
    """Roots of all as one array, NaN where one has fewer."""
    width = max((part.shape[-1] for part in parts if part is not None), default=0)
    made = []
    for part, count in zip(parts, counts, strict=True):
        rows = np.full((count, width), np.nan, np.complex128)
        if part is not None:
            rows[:, : part.shape[-1]] = part
        made.append(rows)
    return np.concatenate(made)


def _draw_difference(sheet: Canvas, box: tuple[float, float, float, float], response: Response) -> None:
    first, second = np.maximum(response.db, _FLOOR)
    gap = np.where((first > _FLOOR) | (second > _FLOOR), first - second, np.nan)
    inside = gap[np.isfinite(gap)]
    low, high = min(float(inside.min(initial=0.0)), 0.0), max(float(inside.max(initial=0.0)), 0.0)
    if high - low < 1e-9:
        low, high = -1.0, 1.0
    ticks = even(low, high, 3)
    y = linear(min(low * 1.05, ticks[0]), max(high * 1.05, ticks[-1]), ticks)
    frame = Frame(sheet, box, frequency_axis(response.rate, response.frequency, box[2]), y)
    frame.grid(x_unit="Hz")
    frame.curve(response.frequency, gap, Pen(colors.TEXT), width=1.5)
    frame.title("First less second, dB, as far as −100 dB")


def _titles(sheet: Canvas, comparison: Comparison, room: float) -> list[str]:
    """What each curve is called, as far as there is room."""
    if comparison.called:
        return [fitted(sheet, [facts.name], room) for facts in comparison.facts]
    titles = []
    for facts, owner in zip(comparison.facts, comparison.owners, strict=True):
        module = comparison.modules[owner]
        if comparison.owners.count(owner) == 1:
            titles.append(briefly(sheet, title(module), module, room))
        else:
            titles.append(fitted(sheet, [f"{title(module)} {facts.name[facts.name.rindex('[') :]}"], room))
    return titles


def _pen(number: int, count: int) -> Pen:
    return example_pen(number) if count > 1 else Pen(colors.MAIN)


def _notes(comparison: Comparison, drawn: int) -> list[str]:
    notes = []
    if len(comparison.facts) > drawn:
        notes.append(f"The first {drawn} of {len(comparison.facts)} are drawn.")
    for name, found in zip(comparison.names, comparison.measurements, strict=True):
        if found is not None:
            notes.append(
                f"{name} has no response: it was measured with a sweep at {number_format.figure(MEASURED_DB)} dBFS."
            )
    if comparison.difference_db is not None and comparison.difference_hz is not None:
        gap, place = comparison.difference_db, number_format.hertz(comparison.difference_hz)
        notes.append(f"They lie {gap:.3g} dB apart at most, at {place}.")
    return notes


def _row(facts: FilterSummary) -> tuple[str, ...]:
    edges = ", ".join(number_format.hertz(edge) for edge in facts.edges_hz[:6])
    more = f" and {len(facts.edges_hz) - 6} more" if len(facts.edges_hz) > 6 else ""
    sections = "" if facts.sections is None else number_format.count(facts.sections, "section")
    return (
        facts.name,
        "" if facts.order is None else str(facts.order),
        f"{edges}{more}" if edges else "nowhere",
        f"{_db(facts.peak_db)} at {number_format.hertz(facts.peak_hz)}" if abs(facts.peak_db) >= 0.005 else "0 dB",
        "" if facts.ripple_db is None else _db(facts.ripple_db),
        "" if facts.delay is None else f"{number_format.figure(facts.delay)} samples",
        "" if facts.margin is None else number_format.figure(facts.margin, 3),
        "" if facts.noise_gain_db is None else _db(facts.noise_gain_db),
        "" if facts.stable is None else "yes" if facts.stable else "no",
        ""
        if facts.multiplications is None
        else f"{number_format.count(facts.multiplications, 'multiplication')}, {sections}",
    )


def _db(value: float) -> str:
    if not np.isfinite(value):
        return "∞ dB" if value > 0 else "−∞ dB"
    return f"{number_format.figure(round(value, 2) + 0.0)} dB"
