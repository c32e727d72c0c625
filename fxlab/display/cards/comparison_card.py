"""The card of a comparison: the curves of several filters on the same axes, and a table of their properties."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import torch

from fxlab.analysis import Comparison, FilterSummary, Measurement
from fxlab.analysis.comparison import SWEEP_LEVEL_DB
from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import even_ticks, linear_axis
from fxlab.display.canvas.canvas import Box, Canvas, fit_text
from fxlab.display.canvas.colors import LineStyle, example_style
from fxlab.display.canvas.frame import Frame
from fxlab.display.canvas.legend import LegendEntry, draw_legend
from fxlab.display.cards.card import Card
from fxlab.display.cards.module_text import module_title, stage_title
from fxlab.display.cards.parameter_table import html_table
from fxlab.display.number_format import format_count, format_frequency, format_number
from fxlab.display.plots.bode import draw_delay, draw_magnitude, draw_phase, log_frequency_axis
from fxlab.display.plots.response_curves import (
    MAX_EXAMPLES,
    Array,
    ResponseCurves,
    Roots,
    compute_curves,
    corner_frequencies,
    frequency_grid,
)
from fxlab.display.plots.zplane import draw_zplane
from fxlab.errors import FxlabError
from fxlab.module import has_response
from fxlab.module.parameters.design_cache import cache_designs

WIDTH, HEIGHT = 720, 352
_LEFT, _PLOT_WIDTH = 44, 428
_SIDE, _SQUARE = 516, 200
_TOP = 46
_MIN_DB = -100.0
_MAX_POLES = 400


def draw_comparison(comparison: Comparison) -> Card:
    """Return a card with the curves of the filters on the same axes, and their poles and zeros if any pole is known.

    At most `MAX_EXAMPLES` filters are drawn. For two filters that are not batches, the card includes the
    difference of their magnitudes.
    """
    response = combine_curves(comparison)
    drawn = len(response.db)
    has_difference = comparison.difference_db is not None
    lines = drawn + has_difference
    canvas = Canvas(WIDTH, max(HEIGHT + 76 * has_difference, _TOP + _SQUARE + 26 + 16 * lines))
    draw_magnitude(canvas, (_LEFT, _TOP, _PLOT_WIDTH, 132), response, [])
    draw_phase(canvas, (_LEFT, 202, _PLOT_WIDTH, 50), response, [])
    draw_delay(canvas, (_LEFT, 278, _PLOT_WIDTH, 50), response, [], last=not has_difference)
    if has_difference:
        _draw_difference(canvas, (_LEFT, 354, _PLOT_WIDTH, 50), response)
    if response.poles is not None and np.isfinite(response.poles).any():
        draw_zplane(canvas, (_SIDE, _TOP), _SQUARE, response, [])
    names = _curve_names(canvas, comparison, WIDTH - _SIDE - 24)[:drawn]
    entries = [LegendEntry(name, _curve_style(number, drawn)) for number, name in enumerate(names)]
    if has_difference:
        assert comparison.difference_hz is not None
        frequency = format_frequency(comparison.difference_hz)
        entries.append(LegendEntry(f"difference {comparison.difference_db:.3g} dB at {frequency}"))
    draw_legend(canvas, _SIDE, _TOP + _SQUARE + 18, entries)
    at = f"at {format_frequency(comparison.sample_rate)}{', assumed' if comparison.assumed else ''}"
    title = f"{format_count(len(comparison.facts), 'filter')} compared"
    canvas.draw_text(_LEFT, 12, title, size=13, bold=True)
    canvas.draw_text(WIDTH - 4, 12, at, align="right")
    description = f"{title} {at}: {'; '.join(summary.name for summary in comparison.facts[:drawn])}."
    return Card(canvas, description, tuple(_notes(comparison, drawn)))


def summary_table(comparison: Comparison) -> str:
    """Return the properties of the filters as an HTML table, with one row for each filter or example of a batch."""
    header = (
        "", "Poles", "−3 dB at", "Peak", "Ripple", "Longest delay", "Margin", "Noise gain", "Stable", "Per sample"
    )  # fmt: skip
    return html_table(header, [_table_row(summary) for summary in comparison.facts])


def combine_curves(comparison: Comparison) -> ResponseCurves:
    """Return the curves of the filters on one frequency grid, each as an example of a batch.

    Only the first `MAX_EXAMPLES` filters are included, where each example of a batch of filters counts as one. The
    curves of a module without a transfer function are those of its measurement, and NaN outside the measured range.
    """
    rate = comparison.sample_rate
    pairs = list(zip(comparison.modules, comparison.measurements, strict=True))
    corners = sorted({corner for module in comparison.modules for corner in corner_frequencies(module)})
    poles: list[Roots] = []
    with torch.no_grad(), cache_designs():
        for module, measurement in pairs:
            if measurement is None and has_response(module):
                with suppress(FxlabError):  # a sum of batches has no roots in closed form
                    poles.append(module.poles(rate).cpu().flatten()[:_MAX_POLES].numpy())
        grid = frequency_grid(rate, corners, np.concatenate(poles)[None] if poles else None)
        parts = [
            compute_curves(module, rate, grid)
            if measurement is None and has_response(module)
            else _measured_curves(measurement, grid)
            for module, measurement in pairs
        ]
    counts = [len(part.db) for part in parts]
    delays = [np.full_like(part.db, np.nan) if part.delay is None else part.delay for part in parts]
    shown = slice(0, MAX_EXAMPLES)
    return ResponseCurves(
        rate,
        grid,
        np.concatenate([part.db for part in parts])[shown],
        np.concatenate([_repeat(part.phase, count) for part, count in zip(parts, counts, strict=True)])[shown],
        np.concatenate([_repeat(delay, count) for delay, count in zip(delays, counts, strict=True)])[shown],
        _pad_roots([part.zeros for part in parts], counts)[shown],
        _pad_roots([part.poles for part in parts], counts)[shown],
        (),
        len(comparison.facts),
    )


def _measured_curves(measurement: Measurement | None, grid: Array) -> ResponseCurves:
    """Return measured curves at the frequencies `grid` in Hz, and NaN outside the measured range."""
    assert measurement is not None
    hz = measurement.frequencies.numpy()

    def resample(values: torch.Tensor) -> Array:
        rows = values.reshape(-1, len(hz)).numpy()
        return np.stack([np.interp(grid, hz, row, left=np.nan, right=np.nan) for row in rows])

    phase, delay = np.degrees(resample(measurement.phase)), resample(measurement.group_delay)
    return ResponseCurves(
        measurement.sample_rate, grid, resample(measurement.magnitude_db), phase, delay, None, None, (), 1
    )


def _repeat(rows: Array, count: int) -> Array:
    return np.broadcast_to(rows, (count, rows.shape[-1]))


def _pad_roots(parts: list[Roots | None], counts: list[int]) -> Roots:
    """Return the roots of all modules as one array `(examples, roots)`, padded with NaN.

    Args:
        parts: The roots of each module, `(examples, roots)`; None for a module whose roots are not known.
        counts: The number of examples of each module.
    """
    width = max((part.shape[-1] for part in parts if part is not None), default=0)
    padded = []
    for part, count in zip(parts, counts, strict=True):
        rows = np.full((count, width), np.nan, np.complex128)
        if part is not None:
            rows[:, : part.shape[-1]] = part
        padded.append(rows)
    return np.concatenate(padded)


def _draw_difference(canvas: Canvas, box: Box, response: ResponseCurves) -> None:
    first, second = np.maximum(response.db, _MIN_DB)
    difference = np.where((first > _MIN_DB) | (second > _MIN_DB), first - second, np.nan)
    finite = difference[np.isfinite(difference)]
    low, high = min(float(finite.min(initial=0.0)), 0.0), max(float(finite.max(initial=0.0)), 0.0)
    if high - low < 1e-9:
        low, high = -1.0, 1.0
    ticks = even_ticks(low, high, 3)
    y = linear_axis(min(low * 1.05, ticks[0]), max(high * 1.05, ticks[-1]), ticks)
    frame = Frame(canvas, box, log_frequency_axis(response.rate, response.frequency, box[2]), y)
    frame.draw_grid(x_unit="Hz")
    frame.draw_curve(response.frequency, difference, LineStyle(colors.TEXT), width=1.5)
    frame.draw_title("First − second, dB, where one is above −100 dB")


def _curve_names(canvas: Canvas, comparison: Comparison, max_width: float) -> list[str]:
    """Return the name of each filter for the legend, shortened where it is wider than `max_width` in CSS pixels."""
    if comparison.called:
        return [fit_text(canvas, [summary.name], max_width) for summary in comparison.facts]
    names = []
    for summary, owner in zip(comparison.facts, comparison.owners, strict=True):
        module = comparison.modules[owner]
        if comparison.owners.count(owner) == 1:
            names.append(stage_title(canvas, module_title(module), module, max_width))
        else:
            example = summary.name[summary.name.rindex("[") :]
            names.append(fit_text(canvas, [f"{module_title(module)} {example}"], max_width))
    return names


def _curve_style(number: int, count: int) -> LineStyle:
    return example_style(number) if count > 1 else LineStyle(colors.MAIN)


def _notes(comparison: Comparison, drawn: int) -> list[str]:
    notes = []
    if len(comparison.facts) > drawn:
        notes.append(f"The first {drawn} of {len(comparison.facts)} are drawn.")
    for name, measurement in zip(comparison.names, comparison.measurements, strict=True):
        if measurement is not None:
            level = format_number(SWEEP_LEVEL_DB)
            notes.append(f"{name} has no transfer function: it was measured with a sweep at {level} dBFS.")
    if comparison.difference_db is not None and comparison.difference_hz is not None:
        frequency = format_frequency(comparison.difference_hz)
        notes.append(f"The largest difference is {comparison.difference_db:.3g} dB, at {frequency}.")
    return notes


def _table_row(summary: FilterSummary) -> tuple[str, ...]:
    edges = ", ".join(format_frequency(edge) for edge in summary.edges_hz[:6])
    more = f" and {len(summary.edges_hz) - 6} more" if len(summary.edges_hz) > 6 else ""
    sections = "" if summary.sections is None else format_count(summary.sections, "section")
    has_peak = abs(summary.peak_db) >= 0.005
    return (
        summary.name,
        "" if summary.order is None else str(summary.order),
        f"{edges}{more}" if edges else "nowhere",
        f"{_format_db(summary.peak_db)} at {format_frequency(summary.peak_hz)}" if has_peak else "0 dB",
        "" if summary.ripple_db is None else _format_db(summary.ripple_db),
        "" if summary.delay is None else f"{format_number(summary.delay)} samples",
        "" if summary.margin is None else format_number(summary.margin, 3),
        "" if summary.noise_gain_db is None else _format_db(summary.noise_gain_db),
        "" if summary.stable is None else "yes" if summary.stable else "no",
        ""
        if summary.multiplications is None
        else f"{format_count(summary.multiplications, 'multiplication')}, {sections}",
    )


def _format_db(value: float) -> str:
    if not np.isfinite(value):
        return "∞ dB" if value > 0 else "−∞ dB"
    return f"{format_number(round(value, 2) + 0.0)} dB"
