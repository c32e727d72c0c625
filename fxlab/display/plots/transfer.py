"""A test tone before and after a module: envelopes, harmonics, and output against input."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import Box, Canvas
from fxlab.display.canvas.frame import TICK_SIZE, Frame
from fxlab.display.cards.number_format import figure, hertz
from fxlab.display.cards.tone_response import LEVELS_DB, Probe
from fxlab.display.plots.axis import even, frequencies, linear
from fxlab.display.plots.spectrum import band_levels, tone_spectrum
from fxlab.display.plots.waveform_envelope import envelope

Array = NDArray[np.float64]


def draw_envelopes(sheet: Canvas, box: Box, found: Probe) -> None:
    """Draw the outlines of input and output over time."""
    reach = _round_up(max(float(np.abs(found.given).max()), float(np.abs(found.got).max())))
    length = max(len(found.given), len(found.got)) / found.rate
    unit, factor = ("ms", 1000.0) if length < 1.5 else ("s", 1.0)
    x = linear(0.0, length * factor, even(0.0, length * factor, 5))
    frame = Frame(sheet, box, x, linear(-reach, reach, (-reach, 0.0, reach)))
    frame.grid(x_unit=unit)
    period = round(found.rate / found.tone)
    for samples, pen in ((found.got, colors.Pen(colors.MAIN)), (found.given, colors.Pen(colors.INPUT, (3, 2)))):
        periods = len(samples) // period
        if periods < 48:  # few enough to be told apart
            frame.curve(np.arange(len(samples)) / found.rate * factor, samples, pen, width=1.2)
            continue
        low, high = (side[0] for side in envelope(samples[None], min(periods, round(box[2]))))
        times = (np.arange(len(low)) + 0.5) * len(samples) / len(low) / found.rate * factor
        if pen.dash is None:
            outline = np.concatenate([frame.up(high), frame.up(low)[::-1]])
            there = frame.across(np.concatenate([times, times[::-1]]))
            sheet.area(np.stack([there, outline], -1), pen.ink, alpha=0.25, clip=box)
        for side in (low, high):
            frame.curve(times, side, pen, width=1.4)
    frame.title(f"A {hertz(found.tone)} tone at {', '.join(figure(level) for level in LEVELS_DB)} dB")
    _legend(frame, (("in", colors.INPUT), ("out", colors.MAIN)))


def draw_harmonics(sheet: Canvas, box: Box, found: Probe) -> None:
    """Draw the spectra of the loud part of the tone, before and after."""
    x = frequencies(min(20.0, found.tone / 4), found.rate / 2, "log", box[2])
    frame = Frame(sheet, box, x, linear(-100.0, 6.0, (-90.0, -60.0, -30.0, 0.0)))
    frame.grid(x_unit="Hz")
    for samples, pen, width in (
        (found.got, colors.Pen(colors.MAIN), 1.5),
        (found.given, colors.Pen(colors.INPUT, (3, 2)), 1.4),
    ):
        part = samples[found.loud]
        if len(part) >= 16:
            levels = tone_spectrum(part)
            hz = np.arange(len(levels)) * found.rate / len(part)
            frame.curve(*_thinned(hz[1:], levels[1:], frame), pen, width=width)
    frame.title("Spectrum of the loud part, dB")


def draw_transfer(sheet: Canvas, corner: tuple[float, float], size: float, found: Probe) -> None:
    """Draw output against input over the last periods of the loud part: a line for a memoryless module, else a loop."""
    left, top = corner
    period = round(found.rate / found.tone)
    stop = min(found.loud.stop, len(found.got), len(found.given))
    start = max(0, stop - 4 * period)
    given, got = found.given[start:stop], found.got[start:stop]
    reach = _round_up(max(float(np.abs(given).max(initial=0)), float(np.abs(got).max(initial=0)), 1e-6))
    axis = linear(-reach, reach, (-reach, reach))
    frame = Frame(sheet, (left, top, size, size), axis, axis)
    middle, half = float(frame.across(0.0)), float(frame.up(0.0))
    sheet.line([left, left + size], [half, half], colors.GRID, snap=True)
    sheet.line([middle, middle], [top, top + size], colors.GRID, snap=True)
    sheet.line([left, left + size], [top + size, top], colors.Pen(colors.TEXT, (4.0, 3.0)))
    frame.curve(given, got, colors.MAIN, width=1.5)
    frame.title("Output against input")
    sheet.text(left + size, half + 9, f"{figure(reach)}", size=10, align="right")
    sheet.text(middle + 4, top + 7, f"{figure(reach)}", size=10)


def draw_spectra(sheet: Canvas, box: Box, rate: float, low: float, sounds: list[NDArray[np.floating]]) -> None:
    """Draw the long-term spectra of the input, grey, and over it of the output, each `(channels, time)`."""
    x = frequencies(low, rate / 2, "log", box[2])
    grid = np.geomspace(low, rate / 2, 320)
    levels = [band_levels(samples, rate, grid) for samples in sounds]
    top = math.ceil(max(float(values.max()) for values in levels) / 10 + 0.2) * 10.0
    frame = Frame(sheet, box, x, linear(top - 80, top, [top - 80 + 20 * step for step in range(5)]))
    frame.grid(x_unit="Hz")
    for values, hue in zip(levels, (colors.INPUT, colors.MAIN), strict=True):
        frame.under(grid, values, hue, alpha=0.16)
        frame.curve(grid, values, hue, width=1.4)
    frame.title("Long-term spectrum, dB in 1/6 octave")
    _legend(frame, (("in", colors.INPUT), ("out", colors.MAIN)))


def _legend(frame: Frame, entries: tuple[tuple[str, str], ...]) -> None:
    place = frame.right
    for words, hue in reversed(entries):
        frame.sheet.text(place, frame.top - 9, words, hue, size=TICK_SIZE, align="right")
        place -= frame.sheet.width_of(words, size=TICK_SIZE) + 10


def _thinned(hz: Array, levels: Array, frame: Frame) -> tuple[Array, Array]:
    """The highest level in each column of the picture."""
    columns = np.floor(frame.across(hz)).astype(int)
    starts = np.flatnonzero(np.diff(columns, prepend=columns[0] - 1))
    return hz[starts], np.maximum.reduceat(levels, starts)


def _round_up(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 5, 7 times a power of ten."""
    if not value > 0:
        return 1.0
    decade = 10.0 ** math.floor(math.log10(value))
    return next((digit * decade for digit in (1, 1.5, 2, 3, 5, 7) if value <= digit * decade * 1.0001), 10 * decade)
