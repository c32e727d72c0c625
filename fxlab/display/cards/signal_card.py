"""The card of a Signal: the waveforms of its channels above the spectrogram."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import Axis, frequency_axis, linear_axis
from fxlab.display.canvas.canvas import DENSITY, Box, Canvas
from fxlab.display.canvas.colors import LineStyle
from fxlab.display.canvas.frame import TICK_SIZE, Frame
from fxlab.display.cards.card import Card
from fxlab.display.number_format import (
    format_count,
    format_duration,
    format_frequency,
    format_level,
    format_number,
)
from fxlab.display.plots.color_map import draw_cells, draw_color_bar
from fxlab.display.plots.spectrogram import MIN_FRAMES, spectrogram
from fxlab.display.plots.time_axis import seconds_axis, time_unit
from fxlab.display.plots.waveform_envelope import waveform_envelope
from fxlab.signal import Signal
from fxlab.signal.samples import peak

WIDTH = 720
MAX_CHANNELS = 8
_LEFT, _PLOT_WIDTH = 44, 620
_COLUMNS, _ROWS, _SPECTROGRAM_HEIGHT = 310, 80, 160
_RANGE_DB = 80.0
_FULL_SCALE = 1 + 2**-15  # the highest peak that is not an overload: one 16-bit step above 1


def draw_signal(signal: Signal) -> Card:
    """Return the card of `signal`, with its properties, the waveforms of its channels, and its spectrogram.

    The waveforms are those of up to `MAX_CHANNELS` channels; the spectrogram is that of the mean power of all channels.
    A signal with fewer than `MIN_FRAMES` samples has no spectrogram.
    """
    samples = _to_numpy(signal)
    shown = samples[:MAX_CHANNELS]
    lane_height = {1: 84, 2: 54, 3: 42, 4: 36}.get(len(shown), 26)
    bottom = 30 + lane_height * len(shown)
    has_spectrogram = signal.frames >= MIN_FRAMES
    height = bottom + (22 + _SPECTROGRAM_HEIGHT + 22 if has_spectrogram else 40)
    canvas = Canvas(WIDTH, height)
    time_axis = seconds_axis(signal.duration)
    properties = _describe(signal, samples)
    canvas.draw_text(_LEFT, 12, "Signal", size=13, bold=True)
    canvas.draw_text(_LEFT + 62, 12, properties)
    _draw_waveform(canvas, (_LEFT, 30, _PLOT_WIDTH, lane_height), shown, time_axis, labels=not has_spectrogram)
    notes = []
    if len(samples) > len(shown):
        notes.append(f"The waveform shows the first {MAX_CHANNELS} of {len(samples)} channels.")
    content = "the waveform"
    if has_spectrogram:
        box = (_LEFT, bottom + 22, _PLOT_WIDTH, _SPECTROGRAM_HEIGHT)
        _draw_spectrogram(canvas, box, samples, float(signal.sample_rate), time_axis)
        content += " over the spectrogram"
    else:
        notes.append(f"{format_count(signal.frames, 'sample')}: too short for a spectrogram.")
    return Card(canvas, f"Signal, {properties}: {content}.", tuple(notes))


def _describe(signal: Signal, samples: NDArray[Any]) -> str:
    top = peak(samples)
    scaled = samples / top if top > 1e15 or 0 < top < 1e-15 else samples  # so that the squares stay in range
    rms = math.sqrt(float(np.einsum("ct,ct->", scaled, scaled, dtype=np.float64)) / samples.size)
    texts = [
        "mono" if signal.channels == 1 else format_count(signal.channels, "channel"),
        format_duration(signal.duration),
        format_frequency(signal.sample_rate),
        f"peak {format_level(top)}" if top else "silent",
    ]
    if top:
        texts.append(f"RMS {format_level(rms if scaled is samples else rms * top)}")
    return " · ".join(texts)


def _draw_waveform(canvas: Canvas, box: Box, samples: NDArray[Any], time_axis: Axis, *, labels: bool) -> None:
    left, top, width, lane_height = box
    limit = _amplitude_limit(peak(samples))
    low, high = waveform_envelope(samples, round(width))
    for channel in range(len(samples)):
        lane = (left, top + channel * lane_height + 1, width, lane_height - 2)
        y = linear_axis(-limit, limit, (-limit, 0.0, limit) if lane_height > 50 else (0.0,))
        frame = Frame(canvas, lane, time_axis, y)
        if len(samples) > 1:
            name = "LR"[channel] if len(samples) == 2 else str(channel + 1)
            canvas.draw_text(left - 6, frame.canvas_y(0.0).item(), name, size=TICK_SIZE, align="right")
        x_labels = labels and channel == len(samples) - 1
        frame.draw_grid(x_labels=x_labels, y_labels=len(samples) == 1, x_unit=time_unit(time_axis))
        if samples.shape[-1] < 2 * width:
            _draw_samples(frame, samples[channel], time_axis)
        else:
            _draw_bars(frame, low[channel], high[channel])
        if limit > 1:
            frame.draw_horizontal_line(-1.0, LineStyle(colors.ALARM, (4.0, 3.0)))
            frame.draw_horizontal_line(1.0, LineStyle(colors.ALARM, (4.0, 3.0)), "" if channel else "0 dBFS")
    if len(samples) > 1 and limit <= 1:
        canvas.draw_text(left + width + 5, top + 8, f"±{format_number(limit)}", size=TICK_SIZE)


def _draw_samples(frame: Frame, samples: NDArray[Any], time_axis: Axis) -> None:
    """Draw the samples of a short signal as a line, with a dot at each sample if there are at most 64."""
    times = (np.arange(len(samples)) + 0.5) * time_axis.high / len(samples)
    frame.draw_curve(times, samples, colors.MAIN, width=1.2)
    if len(samples) <= 64:
        frame.canvas.draw_markers(frame.canvas_x(times), frame.canvas_y(samples), "dot", colors.MAIN)


def _draw_bars(frame: Frame, low: NDArray[Any], high: NDArray[Any]) -> None:
    """Draw one bar per column of one CSS pixel, from its lowest sample `low` to its highest sample `high`.

    Bars that exceed full scale are red.
    """
    rows = round(frame.height * DENSITY)
    ends = (np.clip(0.5 - np.stack([high, low]) / (2 * frame.y.high), 0, 1) * rows).round().astype(int)
    first, last = np.minimum(ends[0], rows - 1), np.maximum(ends[1], ends[0] + 1)
    row = np.arange(rows)[:, None]
    inside = (row >= first) & (row < last)
    pixels = np.zeros((rows, len(low), 4), np.uint8)
    pixels[inside] = _rgba(colors.MAIN)
    overload = np.maximum(high, -low) > _FULL_SCALE
    pixels[inside & overload] = _rgba(colors.ALARM)
    frame.canvas.draw_image(pixels.repeat(DENSITY, 1), round(frame.left), round(frame.top))


def _draw_spectrogram(canvas: Canvas, box: Box, samples: NDArray[Any], rate: float, time_axis: Axis) -> None:
    left, top, width, height = box
    axis = frequency_axis(0.0, rate / 2, "mel", height, gap=15)
    levels = spectrogram(samples, rate, axis, _ROWS, _COLUMNS)
    loudest = float(levels.db.max())
    high = math.ceil(loudest / 10) * 10.0 if loudest > -190 else 0.0
    draw_cells(canvas, box, levels.db, high - _RANGE_DB, high)
    frame = Frame(canvas, box, time_axis, axis)
    for value, label in axis.ticks:
        canvas.draw_text(left - 6, float(frame.canvas_y(value)), label, size=TICK_SIZE, align="right")
    below = Frame(canvas, (left, top + height, width, 0), time_axis, Axis(0, 1, ()))
    below.draw_grid(x_unit=time_unit(time_axis))
    mean = f", mean of {len(samples)} channels" if len(samples) > 1 else ""
    frame.draw_title(f"Spectrogram, Hz{mean}")
    window = f"Hann window of {format_duration(levels.window / rate)}"
    canvas.draw_text(left + width, top - 9, window, size=TICK_SIZE, align="right")
    steps = range(0, round(_RANGE_DB) + 1, 20)
    ticks = [(high - step, f"{format_number(high - step)}{' dB' if step == 0 else ''}") for step in steps]
    draw_color_bar(canvas, box, high - _RANGE_DB, high, ticks)


def _amplitude_limit(top: float) -> float:
    """Return the amplitude at the upper edge of the plot of a waveform whose peak is `top`.

    It is 1 for silence and for a peak from 0.2 to full scale; otherwise it is a round number of at least `top`.
    """
    if 0.2 <= top <= _FULL_SCALE or top == 0:
        return 1.0
    decade = 10.0 ** math.floor(math.log10(top))
    return next((digit * decade for digit in (1.2, 1.5, 2, 3, 5, 7, 10) if top <= digit * decade), 12 * decade)


def _to_numpy(signal: Signal) -> NDArray[Any]:
    """Return the samples, `(channels, time)`, in at least single precision, without a copy if possible."""
    samples = signal.samples.detach().cpu()
    array: NDArray[Any] = (samples.float() if samples.dtype.itemsize < 4 else samples).numpy()
    return array


def _rgba(color: str) -> list[int]:
    return [*bytes.fromhex(color[1:7]), 255]
