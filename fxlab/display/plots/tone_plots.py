"""Plots of a module's input and output: envelopes, spectra, and output against input."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import even_ticks, frequency_axis, linear_axis
from fxlab.display.canvas.canvas import Box, Canvas
from fxlab.display.canvas.frame import Frame
from fxlab.display.number_format import format_frequency, format_number
from fxlab.display.plots.spectrum import band_levels, tone_spectrum
from fxlab.display.plots.tone_response import LEVELS_DB, ToneResponse
from fxlab.display.plots.waveform_envelope import waveform_envelope
from fxlab.signal import Signal

_INPUT_STYLE = colors.LineStyle(colors.INPUT, (3, 2))
_OUTPUT_STYLE = colors.LineStyle(colors.MAIN)
_LEGEND = (("in", colors.INPUT), ("out", colors.MAIN))

Array = NDArray[np.float64]


def draw_envelopes(canvas: Canvas, box: Box, response: ToneResponse) -> None:
    """Draw the envelopes of the test tone and of the output over time.

    If one of them has fewer than 48 periods, its waveform is drawn instead.
    """
    limit = _round_up(max(float(np.abs(response.input).max()), float(np.abs(response.output).max())))
    duration = max(len(response.input), len(response.output)) / response.rate
    unit, factor = ("ms", 1000.0) if duration < 1.5 else ("s", 1.0)
    x = linear_axis(0.0, duration * factor, even_ticks(0.0, duration * factor, 5))
    frame = Frame(canvas, box, x, linear_axis(-limit, limit, (-limit, 0.0, limit)))
    frame.draw_grid(x_unit=unit)
    period = round(response.rate / response.frequency)
    for samples, style in ((response.output, _OUTPUT_STYLE), (response.input, _INPUT_STYLE)):
        periods = len(samples) // period
        if periods < 48:  # few enough to be distinguishable
            frame.draw_curve(np.arange(len(samples)) / response.rate * factor, samples, style, width=1.2)
            continue
        low, high = (edge[0] for edge in waveform_envelope(samples[None], min(periods, round(box[2]))))
        times = (np.arange(len(low)) + 0.5) * len(samples) / len(low) / response.rate * factor
        if style.dash is None:
            outline_x = frame.canvas_x(np.concatenate([times, times[::-1]]))
            outline_y = np.concatenate([frame.canvas_y(high), frame.canvas_y(low)[::-1]])
            canvas.fill_polygon(np.stack([outline_x, outline_y], -1), style.color, alpha=0.25, clip=box)
        for edge in (low, high):
            frame.draw_curve(times, edge, style, width=1.4)
    levels = ", ".join(format_number(level) for level in LEVELS_DB)
    frame.draw_title(f"A {format_frequency(response.frequency)} tone at {levels} dB")
    frame.draw_legend(_LEGEND)


def draw_harmonics(canvas: Canvas, box: Box, response: ToneResponse) -> None:
    """Draw the spectra of input and output during the loud part of the tone."""
    x = frequency_axis(min(20.0, response.frequency / 4), response.rate / 2, "log", box[2])
    frame = Frame(canvas, box, x, linear_axis(-100.0, 6.0, (-90.0, -60.0, -30.0, 0.0)))
    frame.draw_grid(x_unit="Hz")
    for samples, style, width in ((response.output, _OUTPUT_STYLE, 1.5), (response.input, _INPUT_STYLE, 1.4)):
        part = samples[response.loud_part]
        if len(part) >= 16:
            levels = tone_spectrum(part)
            hz = np.arange(len(levels)) * response.rate / len(part)
            frame.draw_curve(*_column_maxima(hz[1:], levels[1:], frame), style, width=width)
    frame.draw_title("Spectrum of the loud part, dB")


def draw_transfer_curve(canvas: Canvas, corner: tuple[float, float], size: float, response: ToneResponse) -> None:
    """Draw output against input for the last four periods of the loud part: a line, or a loop if the module has memory.

    The plot is a square of `size` CSS pixels whose upper left corner is at `corner`.
    """
    left, top = corner
    period = round(response.rate / response.frequency)
    stop = min(response.loud_part.stop, len(response.output), len(response.input))
    start = max(0, stop - 4 * period)
    input_, output = response.input[start:stop], response.output[start:stop]
    limit = _round_up(max(float(np.abs(input_).max(initial=0)), float(np.abs(output).max(initial=0)), 1e-6))
    axis = linear_axis(-limit, limit, (-limit, limit))
    frame = Frame(canvas, (left, top, size, size), axis, axis)
    center_x, center_y = float(frame.canvas_x(0.0)), float(frame.canvas_y(0.0))
    canvas.draw_line([left, left + size], [center_y, center_y], colors.GRID, snap=True)
    canvas.draw_line([center_x, center_x], [top, top + size], colors.GRID, snap=True)
    canvas.draw_line([left, left + size], [top + size, top], colors.LineStyle(colors.TEXT, (4.0, 3.0)))
    frame.draw_curve(input_, output, colors.MAIN, width=1.5)
    frame.draw_title("Output against input")
    canvas.draw_text(left + size, center_y + 9, f"{format_number(limit)}", size=10, align="right")
    canvas.draw_text(center_x + 4, top + 7, f"{format_number(limit)}", size=10)


def draw_spectra(
    canvas: Canvas,
    box: Box,
    rate: float,
    low: float,
    *,
    input_: NDArray[np.floating],
    output: NDArray[np.floating],
) -> None:
    """Draw the long-term spectra of the input, in gray, and of the output, from `low` in Hz to half the sample rate.

    `rate` is the sample rate in Hz.

    Shape:
        `input_` and `output`: `(channels, time)`.
    """
    x = frequency_axis(low, rate / 2, "log", box[2])
    grid = np.geomspace(low, rate / 2, 320)
    spectra = [band_levels(samples, rate, grid) for samples in (input_, output)]
    top = math.ceil(max(float(levels.max()) for levels in spectra) / 10 + 0.2) * 10.0
    frame = Frame(canvas, box, x, linear_axis(top - 80, top, [top - 80 + 20 * step for step in range(5)]))
    frame.draw_grid(x_unit="Hz")
    for levels, color in zip(spectra, (colors.INPUT, colors.MAIN), strict=True):
        frame.fill_below(grid, levels, color, alpha=0.16)
        frame.draw_curve(grid, levels, color, width=1.4)
    frame.draw_title("Long-term spectrum, dB in 1/6 octave")
    frame.draw_legend(_LEGEND)


def draw_output_spectrum(canvas: Canvas, box: Box, output: Signal) -> None:
    """Draw the long-term spectrum of a sound, as levels in dB of bands of 1/6 octave."""
    rate = float(output.sample_rate)
    low = min(20.0, rate / 400)
    grid = np.geomspace(low, rate / 2, 320)
    levels = band_levels(output.numpy(), rate, grid)
    top = math.ceil(float(levels.max()) / 10 + 0.2) * 10.0
    x = frequency_axis(low, rate / 2, "log", box[2])
    frame = Frame(canvas, box, x, linear_axis(top - 80, top, [top - 80 + 20 * step for step in range(5)]))
    frame.draw_grid(x_unit="Hz")
    frame.fill_below(grid, levels, colors.MAIN, alpha=0.16)
    frame.draw_curve(grid, levels, colors.MAIN, width=1.4)
    frame.draw_title("Long-term spectrum of the sound, dB in 1/6 octave")


def _column_maxima(hz: Array, levels: Array, frame: Frame) -> tuple[Array, Array]:
    """Return the lowest frequency and the highest level in each pixel column that contains a frequency."""
    columns = np.floor(frame.canvas_x(hz)).astype(int)
    starts = np.flatnonzero(np.diff(columns, prepend=columns[0] - 1))
    return hz[starts], np.maximum.reduceat(levels, starts)


def _round_up(value: float) -> float:
    """Return the smallest of 1, 1.5, 2, 3, 5, 7 times a power of ten that is at least `value`.

    A result that is at most 0.01 % smaller than `value` counts as equal to it. If `value` is not positive, the result
    is 1.
    """
    if not value > 0:
        return 1.0
    decade = 10.0 ** math.floor(math.log10(value))
    return next((digit * decade for digit in (1, 1.5, 2, 3, 5, 7) if value <= digit * decade * 1.0001), 10 * decade)
