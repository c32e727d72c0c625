"""The picture of a Signal: its waveform, channel under channel, over its spectrogram."""

from __future__ import annotations

import math
from typing import Any

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import DENSITY, Box, Canvas
from fxlab.display.canvas.colors import Pen
from fxlab.display.canvas.frame import TICK_SIZE, Frame
from fxlab.display.cards import number_format
from fxlab.display.cards.module_card import Picture
from fxlab.display.plots.axis import Axis, even, frequencies, linear, stepped
from fxlab.display.plots.spectrogram import SHORTEST, spectrogram
from fxlab.display.plots.waveform_envelope import envelope
from fxlab.signal import Signal

WIDTH = 720
MOST_CHANNELS = 8
_COLOURS = 28
_LEFT, _PLOT = 44, 620
_CELL_WIDTH, _CELL_HEIGHT = 5, 4  # pixels of the picture to a cell of the spectrogram
_COLUMNS, _ROWS, _HEIGHT = 248, 80, 160
_RANGE = 80.0
_LEVELS = 16


def draw_signal(signal: Signal) -> Picture:
    """Draw `signal`."""
    samples = _samples(signal)
    shown = samples[:MOST_CHANNELS]
    lane = {1: 84, 2: 54, 3: 42, 4: 36}.get(len(shown), 26)
    bottom = 30 + lane * len(shown)
    long_enough = signal.frames >= SHORTEST
    height = bottom + (22 + _HEIGHT + 22 if long_enough else 40)
    sheet = Canvas(WIDTH, height)
    time = _time_axis(signal.duration)
    line = _describe(signal, samples)
    sheet.text(_LEFT, 12, "Signal", size=13, bold=True)
    sheet.text(_LEFT + 62, 12, line)
    _draw_waveform(sheet, (_LEFT, 30, _PLOT, lane), shown, time, labels=not long_enough)
    notes = []
    if len(samples) > len(shown):
        notes.append(f"The waveform shows the first {MOST_CHANNELS} of {len(samples)} channels.")
    said = "the waveform"
    if long_enough:
        _draw_spectrogram(sheet, (_LEFT, bottom + 22, _PLOT, _HEIGHT), samples, float(signal.sample_rate), time)
        said += " over the spectrogram"
    else:
        notes.append(f"{number_format.count(signal.frames, 'sample')}: too short for a spectrogram.")
    return Picture(sheet, f"Signal, {line}: {said}.", _COLOURS, tuple(notes))


def _describe(signal: Signal, samples: NDArray[Any]) -> str:
    peak = max(float(samples.max()), -float(samples.min()))
    scaled = samples / peak if peak > 1e15 or 0 < peak < 1e-15 else samples  # their squares would leave the range
    rms = math.sqrt(float(np.einsum("ct,ct->", scaled, scaled, dtype=np.float64)) / samples.size)
    words = [
        "mono" if signal.channels == 1 else number_format.count(signal.channels, "channel"),
        number_format.seconds(signal.duration),
        number_format.hertz(signal.sample_rate),
        f"peak {number_format.level(peak)}" if peak else "silent",
    ]
    if peak:
        words.append(f"RMS {number_format.level(rms if scaled is samples else rms * peak)}")
    return " · ".join(words)


def _draw_waveform(sheet: Canvas, box: Box, samples: NDArray[Any], time: Axis, *, labels: bool) -> None:
    left, top, width, lane = box
    peak = max(float(samples.max()), -float(samples.min()))
    reach = _reach(peak)
    low, high = envelope(samples, round(width))
    for channel in range(len(samples)):
        place = (left, top + channel * lane + 1, width, lane - 2)
        frame = Frame(sheet, place, time, linear(-reach, reach, (-reach, 0.0, reach) if lane > 50 else (0.0,)))
        if len(samples) > 1:
            name = "LR"[channel] if len(samples) == 2 else str(channel + 1)
            sheet.text(left - 6, frame.up(0.0).item(), name, size=TICK_SIZE, align="right")
        frame.grid(x_labels=labels and channel == len(samples) - 1, y_labels=len(samples) == 1, x_unit=_unit(time))
        if samples.shape[-1] < 2 * width:
            _draw_points(frame, samples[channel], time)
        else:
            _draw_bars(frame, low[channel], high[channel])
        if reach > 1:
            frame.level(-1.0, Pen(colors.ALARM, (4.0, 3.0)))
            frame.level(1.0, Pen(colors.ALARM, (4.0, 3.0)), "" if channel else "0 dBFS")
    if len(samples) > 1 and reach <= 1:
        sheet.text(left + width + 5, top + 8, f"±{number_format.figure(reach)}", size=TICK_SIZE)


def _draw_points(frame: Frame, samples: NDArray[Any], time: Axis) -> None:
    """Few enough samples to be told apart: a line, and dots where there is room."""
    times = (np.arange(len(samples)) + 0.5) * time.high / len(samples)
    frame.curve(times, samples, colors.MAIN, width=1.2)
    if len(samples) <= 64:
        frame.sheet.marks(frame.across(times), frame.up(samples), "dot", colors.MAIN)


def _draw_bars(frame: Frame, low: NDArray[Any], high: NDArray[Any]) -> None:
    """One bar to a pixel of the page, from the lowest to the highest sample; red where it is over full scale."""
    rows = round(frame.height * DENSITY)
    ends = (np.clip(0.5 - np.stack([high, low]) / (2 * frame.y.high), 0, 1) * rows).round().astype(int)
    first, last = np.minimum(ends[0], rows - 1), np.maximum(ends[1], ends[0] + 1)
    row = np.arange(rows)[:, None]
    inside = (row >= first) & (row < last)
    pixels = np.zeros((rows, len(low), 4), np.uint8)
    pixels[inside] = _bytes(colors.MAIN)
    over = np.maximum(high, -low) > 1 + 2**-15
    pixels[inside & over] = _bytes(colors.ALARM)
    frame.sheet.image(pixels.repeat(DENSITY, 1), round(frame.left), round(frame.top))


def _draw_spectrogram(sheet: Canvas, box: Box, samples: NDArray[Any], rate: float, time: Axis) -> None:
    left, top, width, height = box
    axis = frequencies(0.0, rate / 2, "mel", height, gap=15)
    found = spectrogram(samples, rate, axis, _ROWS, _COLUMNS)
    loudest = float(found.db.max())
    high = math.ceil(loudest / 10) * 10.0 if loudest > -190 else 0.0
    ramp = mpl.colormaps["magma"](np.linspace(0, 1, _LEVELS), bytes=True)
    level = np.clip((found.db - high + _RANGE) / _RANGE * _LEVELS, 0, _LEVELS - 1).astype(np.uint8)
    sheet.image(ramp[level].repeat(_CELL_HEIGHT, 0).repeat(_CELL_WIDTH, 1), round(left), round(top))
    frame = Frame(sheet, box, time, axis)
    for value, label in axis.ticks:
        sheet.text(left - 6, float(frame.up(value)), label, size=TICK_SIZE, align="right")
    Frame(sheet, (left, top + height, width, 0), time, Axis(0, 1, ())).grid(x_unit=_unit(time))
    mean = f", mean of {len(samples)} channels" if len(samples) > 1 else ""
    frame.title(f"Spectrogram, Hz{mean}")
    sheet.text(
        left + width, top - 9, f"Hann window of {number_format.seconds(found.window / rate)}", size=10, align="right"
    )
    bar = ramp[::-1].repeat(math.ceil(height * DENSITY / _LEVELS), 0)[: round(height * DENSITY), None]
    sheet.image(bar.repeat(6 * DENSITY, 1), round(left + width + 8), round(top))
    for step in range(0, round(_RANGE) + 1, 20):
        words = f"{number_format.figure(high - step)}{' dB' if step == 0 else ''}"
        sheet.text(left + width + 18, top + height * step / _RANGE, words, size=TICK_SIZE)


def _time_axis(duration: float) -> Axis:
    if duration >= 120:
        ticks = stepped(0.0, duration, 9, (15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400))
        return Axis(0.0, duration, tuple((t, f"{t // 60:.0f}:{t % 60:02.0f}") for t in ticks))
    factor = 1.0 if duration >= 1 else 1e3 if duration >= 1e-3 else 1e6
    ticks = [value for value in even(0.0, duration * factor, 7) if value <= duration * factor * 0.99]
    return Axis(0.0, duration, tuple((value / factor, number_format.figure(value)) for value in ticks))


def _unit(time: Axis) -> str:
    return "min" if time.high >= 120 else "s" if time.high >= 1 else "ms" if time.high >= 1e-3 else "µs"


def _reach(peak: float) -> float:
    """The amplitude at the edge of a lane: full scale, unless the sound is far softer or louder."""
    if 0.2 <= peak <= 1 + 2**-15 or peak == 0:
        return 1.0
    decade = 10.0 ** math.floor(math.log10(peak))
    return next((digit * decade for digit in (1.2, 1.5, 2, 3, 5, 7, 10) if peak <= digit * decade), 12 * decade)


def _samples(signal: Signal) -> NDArray[Any]:
    found = signal.samples.detach().cpu()
    array: NDArray[Any] = (found.float() if found.dtype.itemsize < 4 else found).numpy()
    return array


def _bytes(ink: str) -> list[int]:
    return [*bytes.fromhex(ink[1:7]), 255]
