"""The taps of a finite impulse response, one stem each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import Box, Canvas
from fxlab.display.canvas.frame import Frame
from fxlab.display.cards.number_format import count, figure
from fxlab.display.plots.axis import even, linear
from fxlab.display.plots.waveform_envelope import envelope

_STEM = 3.0  # pixels that a stem needs; closer, an outline is drawn
_SAME = 1e-9  # of the largest tap: by less two of them do not differ

Array = NDArray[np.float64]


def draw_taps(sheet: Canvas, box: Box, taps: Array, *, last: bool = False) -> None:
    """Draw the taps `(examples, taps)`; of several examples the first."""
    row = taps[0]
    reach = float(np.abs(row).max()) or 1.0
    low, high = min(float(row.min()), 0.0), max(float(row.max()), 0.0)
    if low == high:  # all taps are 0
        high = reach
    ticks = even(low, high, 2)
    y = linear(low - 0.08 * reach, high + 0.08 * reach, ticks)
    count = len(row)
    ends = (-0.5, count - 0.5)
    places = [value for value in even(0, max(1, count - 1), 6) if value == int(value) and value < count]
    frame = Frame(sheet, box, linear(*ends, places or [0.0]), y)
    frame.grid(x_labels=last)
    index = np.arange(count, dtype=np.float64)
    if count * _STEM <= box[2]:
        gap = np.full(count, np.nan)
        frame.curve(np.stack([index, index, gap], -1).ravel(), np.stack([0 * row, row, gap], -1).ravel(), width=1.4)
        if count * 2 * _STEM <= box[2]:
            sheet.marks(frame.across(index), frame.up(row), "dot", colors.MAIN, clip=None)
    else:
        columns = min(count, round(box[2]))
        below, above = (side[0] for side in envelope(row[None], columns))
        there = (np.arange(columns) + 0.5) * count / columns - 0.5
        outline = np.concatenate([frame.up(above), frame.up(below)[::-1]])
        across = frame.across(np.concatenate([there, there[::-1]]))
        sheet.area(np.stack([across, outline], -1), colors.MAIN, alpha=0.25, clip=box)
        for side in (below, above):
            frame.curve(there, side, width=1.0)
    frame.title("Impulse response, by sample" if last else "Taps")


def symmetry(taps: Array) -> str:
    """What the taps' symmetry says of the phase, in words.

    >>> symmetry(np.array([[1.0, 2.0, 1.0]])), symmetry(np.array([[1.0, 0.5]]))
    ('3 taps, linear phase, delay 1', '2 taps')
    """
    row = taps[0]
    words = count(len(row), "tap")
    size = _SAME * np.abs(row).max()
    alike = [np.abs(row - sign * row[::-1]).max() <= size for sign in (1, -1)]
    return f"{words}, linear phase, delay {figure((len(row) - 1) / 2)}" if any(alike) and len(row) > 1 else words
