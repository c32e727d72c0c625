"""The card of a fit: the responses before and after it, and the loss and the parameters over the steps."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import Axis, even_ticks, linear_axis
from fxlab.display.canvas.canvas import Canvas, fit_text
from fxlab.display.canvas.colors import LineStyle, stage_style
from fxlab.display.canvas.frame import Frame
from fxlab.display.canvas.legend import LegendEntry, draw_legend
from fxlab.display.cards.card import Card
from fxlab.display.number_format import format_count
from fxlab.display.plots.bode import decibel_axis, log_frequency_axis
from fxlab.display.plots.response_curves import compute_curves, corner_frequencies, frequency_grid
from fxlab.learn import Fit
from fxlab.learn.search_space import slider_interval
from fxlab.module import has_response
from fxlab.module.parameters.design_cache import cache_designs

WIDTH = 720
_LEFT, _PLOT_WIDTH, _SIDE = 44, 428, 500
_TOP, _HEIGHT, _GAP = 46, 96, 32
_MAX_LINES = 9
_BEFORE = LineStyle(colors.TEXT, (4.0, 3.0))
_TARGET = LineStyle(colors.ACCENT)

Array = NDArray[np.float64]


def draw_fit(fit: Fit) -> Card:
    """Return a card with the loss and the positions of the sliders over the steps of a fit.

    If the module has a response, the card includes the magnitude responses of the first example before and after the
    fit, and the target if it consists of points.
    """
    curves = has_response(fit.module)
    rows = 2 + curves
    canvas = Canvas(WIDTH, _TOP + rows * _HEIGHT + (rows - 1) * _GAP + 24)
    top = _TOP
    entries: list[LegendEntry] = []
    if curves:
        entries += _draw_responses(canvas, top, fit)
        top += _HEIGHT + _GAP
    _draw_loss(canvas, top, fit)
    entries += _draw_parameters(canvas, top + _HEIGHT + _GAP, fit)
    draw_legend(canvas, _SIDE, _TOP + 4, entries)
    title = f"Fit after {format_count(fit.steps, 'step')}"
    canvas.draw_text(_LEFT, 12, title, size=13, bold=True)
    canvas.draw_text(WIDTH - 4, 12, fit_text(canvas, [fit.miss], WIDTH - 220), align="right")
    notes = [] if fit.stopped == "all steps done" else [f"It ended because of this: {fit.stopped}."]
    if fit.losses.shape[-1] > 1:
        notes.append(f"Start {fit.start} of {fit.losses.shape[-1]} had the smallest loss; thin lines are the others.")
    return Card(canvas, f"{title}: {fit.miss}.", tuple(notes))


def _draw_responses(canvas: Canvas, top: float, fit: Fit) -> list[LegendEntry]:
    """Draw the magnitudes before and after a fit and the points of its target, and return the entries of the legend.

    `top` is the upper edge of the plot in CSS pixels.
    """
    rate = fit.sample_rate
    with torch.no_grad(), cache_designs():
        grid = frequency_grid(rate, corner_frequencies(fit.module), None)
        before, after = (compute_curves(module, rate, grid) for module in (fit.before, fit.module))  # type: ignore[arg-type]
    shown = [before.db[:1], after.db[:1]]
    points = fit.target if isinstance(fit.target, (tuple, list)) else None
    entries = [LegendEntry("before", _BEFORE), LegendEntry("after", LineStyle(colors.MAIN))]
    if points is not None:
        hz, db = (_array(torch.as_tensor(part)).reshape(-1) for part in points)
        shown.append(db[None])
        entries.append(LegendEntry("target", _TARGET))
    frame = Frame(
        canvas, (_LEFT, top, _PLOT_WIDTH, _HEIGHT), log_frequency_axis(rate, grid, _PLOT_WIDTH), decibel_axis(shown)
    )
    frame.draw_grid(x_unit="Hz")
    frame.draw_curve(grid, before.db[0], _BEFORE, width=1.4)
    frame.draw_curve(grid, after.db[0], LineStyle(colors.MAIN), width=2.0)
    if points is not None:
        order = np.argsort(hz)
        frame.draw_curve(hz[order], db[order], _TARGET, width=1.4)
    frame.draw_title("Magnitude, dB")
    return entries


def _draw_loss(canvas: Canvas, top: float, fit: Fit) -> None:
    """Draw the loss over the steps on a logarithmic axis, with thin lines for the starts that were not chosen.

    Only the first 64 starts and the chosen one are drawn. `top` is the upper edge of the plot in CSS pixels.
    """
    losses = np.where(np.isfinite(_array(fit.losses)), _array(fit.losses), np.nan)
    levels = np.log10(np.maximum(losses, 1e-300))
    good = levels[np.isfinite(levels)]
    low, high = (math.floor(good.min()), math.ceil(good.max())) if good.size else (-1, 0)
    high = max(high, low + 1)
    step = max(1, math.ceil((high - low) / 4))
    ticks = tuple((float(k), f"1e{k}" if k else "1") for k in range(low, high + 1, step))
    frame = Frame(canvas, (_LEFT, top, _PLOT_WIDTH, _HEIGHT), _step_axis(fit), Axis(float(low), float(high), ticks))
    frame.draw_grid(x_labels=False)
    steps = np.arange(len(levels), dtype=np.float64)
    for start in range(min(levels.shape[-1], 64)):
        if start != fit.start:
            frame.draw_curve(steps, levels[:, start], LineStyle(colors.GRID), width=1.0)
    best = levels[:, fit.start if levels.shape[-1] > 1 else 0]
    frame.draw_curve(steps, best, LineStyle(colors.MAIN), width=2.0)
    frame.draw_title("Loss")


def _draw_parameters(canvas: Canvas, top: float, fit: Fit) -> list[LegendEntry]:
    """Draw the positions of the parameters on their sliders over the steps, and return the entries of the legend.

    At most `_MAX_LINES` numbers are drawn; an array has one line for each of its numbers. `top` is the upper edge of
    the plot in CSS pixels.
    """
    y = Axis(0.0, 1.0, ((0.0, "low"), (0.5, ""), (1.0, "high")))
    frame = Frame(canvas, (_LEFT, top, _PLOT_WIDTH, _HEIGHT), _step_axis(fit), y)
    frame.draw_grid()
    entries: list[LegendEntry] = []
    number = 0
    for path, owner, declaration in fit.learned():
        values = fit.parameters[path]
        rows = values.reshape(len(values), -1)
        interval = slider_interval(declaration, rows, fit.sample_rate)
        for column in range(rows.shape[-1]):
            if number < _MAX_LINES:
                positions = _array(interval.to_position(rows[:, column].to(torch.float64)))
                frame.draw_curve(np.arange(len(positions), dtype=np.float64), positions, stage_style(number), width=1.6)
            label = f"{path}[{column}]" if rows.shape[-1] > 1 else path
            value = declaration.format(_rounded(declaration.stored(owner).detach().flatten()[column]))
            entries.append(LegendEntry(fit_text(canvas, [f"{label} {value}"], WIDTH - _SIDE - 28), stage_style(number)))
            number += 1
    frame.draw_title("Parameters, position on their sliders over the steps")
    hidden = len(entries) - _MAX_LINES
    return entries[:_MAX_LINES] + ([LegendEntry(f"and {hidden} more")] if hidden > 0 else [])


def _step_axis(fit: Fit) -> Axis:
    last = max(1, len(fit.losses) - 1)
    ticks = [tick for tick in even_ticks(0, last, 6) if tick == round(tick)]
    return linear_axis(0.0, float(last), ticks)


def _array(values: Tensor) -> Array:
    return np.asarray(values.detach().cpu().numpy(), np.float64)


def _rounded(value: Tensor) -> float:
    return float(f"{float(value):.4g}")
