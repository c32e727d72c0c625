"""Plots for the cards of effects: echoes, the decay of the energy, the static curve, and one cycle of the LFO."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from fxlab.analysis.click_response import click_response
from fxlab.analysis.isolated_run import device_of
from fxlab.analysis.reverberation import after_direct_sound, energy_decay_db, reverberation_time
from fxlab.analysis.transfer import MIN_LEVEL_DB, measure_transfer
from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import even_ticks, linear_axis
from fxlab.display.canvas.canvas import Box, Canvas
from fxlab.display.canvas.frame import Frame
from fxlab.display.number_format import format_number
from fxlab.effects.common.ringing import Ringing
from fxlab.effects.dynamics.gain_reduction import GainReduction
from fxlab.effects.modulation.oscillating import Oscillating
from fxlab.module.parameters.freeze_controls import freeze_at_times

RANGE_DB = 60.0
_DASHED = colors.LineStyle(colors.TEXT, (4.0, 3.0))
_POINTS = 721

Array = NDArray[np.float64]


def draw_echoes(canvas: Canvas, box: Box, square: Box, module: Ringing, rate: float) -> str:
    """Draw the response to a click in `box`, and the decay of its energy after the direct sound in `square`.

    The decay is omitted if the response is 0 after the direct sound. `rate` is the sample rate in Hz.

    Returns:
        A text with the reverberation time RT60, or with the statement that there is none.
    """
    response, rate = click_response(module, 1, rate, device_of(module).type)
    response = response[:1]
    level = 20 * response[0].abs().clamp(min=1e-9).log10()
    top = 6 * math.ceil(float(level.max()) / 6 + 0.1)
    heard = torch.nonzero(level > top - RANGE_DB)[:, 0]
    end = 1000 * (int(heard[-1]) + 1 if len(heard) else 1) / rate
    unit, factor = ("ms", 1.0) if end < 1500 else ("s", 1e-3)
    x = linear_axis(0.0, 1.03 * end * factor, even_ticks(0.0, 1.03 * end * factor, 5))
    frame = Frame(canvas, box, x, linear_axis(top - RANGE_DB, top, [top - RANGE_DB + 20 * k for k in range(4)]))
    frame.draw_grid(x_unit=unit)
    times, levels = _stems((heard * (1000 / rate * factor)).numpy(), level[heard].numpy(), frame)
    for place, value in zip(times, levels, strict=True):
        frame.draw_curve([place, place], [top - RANGE_DB, value], colors.MAIN, width=1.2)
    frame.draw_title("Response to a click, dB")
    tail = after_direct_sound(response, rate)
    seconds = reverberation_time(tail, rate)
    if bool((tail != 0).any()):
        _draw_decay(canvas, square, energy_decay_db(tail).numpy(), rate, seconds)
    if math.isnan(seconds):
        return "It has no RT60."
    return f"RT60 {format_number(round(seconds, 2))} s" if seconds >= 1 else f"RT60 {1000 * seconds:.0f} ms"


def draw_static_curve(canvas: Canvas, square: Box, module: GainReduction, rate: float) -> None:
    """Draw the level of the output over the level of the input, measured with a tone of increasing level.

    The plot is in the box `square`. `rate` is the sample rate in Hz.
    """
    transfer = measure_transfer(module, rate)
    output = transfer.output_levels.numpy()
    high = max(0.0, 12 * math.ceil(float(output.max()) / 12 - 1e-6))
    axis = linear_axis(MIN_LEVEL_DB, high, np.arange(MIN_LEVEL_DB, high + 1, 12).tolist())
    frame = Frame(canvas, square, axis, axis)
    frame.draw_grid()
    frame.draw_curve([MIN_LEVEL_DB, high], [MIN_LEVEL_DB, high], _DASHED, width=1.0)
    frame.draw_curve(transfer.input_levels.numpy(), output, colors.MAIN)
    frame.draw_title("Output over input level, dB")


def draw_cycle(canvas: Canvas, box: Box, module: Oscillating, rate: float) -> None:
    """Draw one cycle of the quantity that `module` modulates, over the phase of its oscillator in degrees.

    Parameters that move have their values at the time 0 s. `rate` is the sample rate in Hz.
    """
    effect = freeze_at_times(module, torch.tensor(0.0))
    phase = torch.linspace(0.0, 1.0 - 1e-9, _POINTS, dtype=torch.float64, device=device_of(module))
    with torch.no_grad():
        values = effect.modulation_at(phase, rate).double().cpu().numpy()
    low, high = float(values.min()), float(values.max())
    space = 0.08 * (high - low) if high > low else max(0.1 * abs(high), 0.1)
    low, high = low - space, high + space
    x = linear_axis(0.0, 360.0, [0.0, 90.0, 180.0, 270.0, 360.0])
    frame = Frame(canvas, box, x, linear_axis(low, high, even_ticks(low, high, 4)))
    frame.draw_grid(x_unit="°")
    frame.draw_curve(np.linspace(0.0, 360.0, _POINTS), values)
    label, unit = module.modulated
    frame.draw_title(f"{label}{', ' + unit if unit else ''}, over a cycle of the oscillator")


def _draw_decay(canvas: Canvas, square: Box, level: Array, rate: float, seconds: float) -> None:
    """Draw the remaining energy over time.

    `level` is the energy from each sample to the end, in dB relative to the total energy, at the sample rate `rate`
    in Hz. The time axis is at least as long as the reverberation time `seconds`, which is NaN if there is none.
    """
    shown = max(2, int((level > -RANGE_DB).sum()))
    end = (shown if math.isnan(seconds) else max(shown, seconds * rate)) / rate
    unit, factor = ("ms", 1000.0) if end < 1.5 else ("s", 1.0)
    x = linear_axis(0.0, end * factor, even_ticks(0.0, end * factor, 3))
    frame = Frame(canvas, square, x, linear_axis(-RANGE_DB, 0.0, [-60.0, -40.0, -20.0, 0.0]))
    frame.draw_grid(x_unit=unit)
    index = np.unique(np.linspace(0, shown - 1, 400).round().astype(int))
    frame.draw_curve(index / rate * factor, np.maximum(level[index], -2 * RANGE_DB))
    frame.draw_title("Energy still to come, dB")


def _stems(times: Array, levels: Array, frame: Frame) -> tuple[Array, Array]:
    """Return the time and the value of the highest of `levels` in each pixel column that contains one of `times`."""
    if not len(times):
        return times, levels
    columns = np.floor(frame.canvas_x(times)).astype(int)
    starts = np.flatnonzero(np.diff(columns, prepend=columns[0] - 1))
    best = [start + int(np.argmax(part)) for start, part in zip(starts, np.split(levels, starts[1:]), strict=True)]
    return times[best], levels[best]
