"""`show_batch`: a grid of spectrograms with players, for a batch of sounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from torch import Tensor

from fxlab.errors import ParameterError, SignalError
from fxlab.signal import Signal
from fxlab.signal.samples import is_integer

WIDTH, HEIGHT = 220, 110
_LEFT, _TOP, _PLOT_WIDTH, _PLOT_HEIGHT = 34, 24, 180, 64
_ROWS, _COLUMNS = 64, 180
_RANGE_DB = 80.0


class BatchGrid:
    """A grid of the sounds of a batch, with a spectrogram and a player of each; the result of `show_batch`.

    Args:
        sounds: The sounds that are shown.
        labels: The label of each of `sounds`, an empty text for none.
        columns: The number of sounds in a row.
        total: The number of sounds in the batch.
    """

    def __init__(self, sounds: Sequence[Signal], labels: Sequence[str], columns: int, total: int) -> None:
        self.sounds, self.labels, self.columns, self.total = list(sounds), list(labels), columns, total

    def __repr__(self) -> str:
        first = self.sounds[0]
        shown = "" if self.total == len(self.sounds) else f", the first {len(self.sounds)} shown"
        return f"<batch of {self.total} sounds of {first.duration:g} s at {first.sample_rate:g} Hz{shown}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._html()}

    def _html(self) -> str:
        from fxlab.display.player import player_html

        cells = []
        for number, (sound, label) in enumerate(zip(self.sounds, self.labels, strict=True)):
            picture = _picture(sound, f"{number}  {label}" if label else str(number))
            player = player_html(sound).replace("width:720px", f"width:{WIDTH}px")
            cells.append(f'<td style="vertical-align:top;padding:2px">{picture}<div>{player}</div></td>')
        rows = [cells[start : start + self.columns] for start in range(0, len(cells), self.columns)]
        body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
        more = f"<div>The first {len(self.sounds)} of {self.total} sounds.</div>" if self.total > len(cells) else ""
        return f"<div><table><tbody>{body}</tbody></table>{more}</div>"


def show_batch(
    batch: Tensor | Sequence[Signal],
    sample_rate: float | None = None,
    *,
    labels: Sequence[Any] | None = None,
    columns: int = 4,
    limit: int = 16,
) -> BatchGrid:
    """Return a grid of the spectrograms of a batch of sounds, with a player below each, for the output of a cell.

    Args:
        batch: A tensor `(batch, channels, time)` or `(batch, time)`, or a list of Signals.
        sample_rate: The sample rate in Hz; required for a tensor, and not used for Signals.
        labels: A label for each sound in `batch`, also for those that are not shown; each is converted to text. None
            for no labels.
        columns: The number of sounds in a row of the grid.
        limit: The maximum number of sounds that are shown, from the first on. The output contains the samples of each
            of them, up to one minute.

    Raises:
        SignalError: `batch` is empty or has another type or shape; or a tensor has no sample rate, or `Signal` refuses
            its samples or sample rate.
        ParameterError: The number of labels is not that of the sounds, or `columns` or `limit` is not a whole number of
            at least 1.

    >>> import torch
    >>> show_batch(torch.zeros(3, 1, 800), 8000)
    <batch of 3 sounds of 0.1 s at 8000 Hz>
    """
    for name, value in (("columns", columns), ("limit", limit)):
        if not is_integer(value) or value < 1:
            raise ParameterError(f"show_batch: {name} is {value!r}; it must be a whole number of at least 1.")
    if isinstance(batch, Tensor):
        if batch.ndim not in (2, 3) or not batch.numel():
            raise SignalError(
                f"show_batch: the tensor has the shape {tuple(batch.shape)}; it must be (batch, channels, time) or "
                "(batch, time), not empty."
            )
        if sample_rate is None:
            raise SignalError("show_batch: a tensor has no sample rate; write show_batch(batch, 16000).")
        total = len(batch)
        sounds = [Signal(sound.detach().cpu(), sample_rate) for sound in batch[:limit]]
    else:
        if not isinstance(batch, Sequence):
            raise SignalError(f"show_batch takes a tensor or a list of Signals, not a {type(batch).__name__}.")
        sounds, total = list(batch[:limit]), len(batch)
        if not sounds or not all(isinstance(sound, Signal) for sound in sounds):
            raise SignalError("show_batch: a list must hold Signals, at least one.")
    texts = [""] * total if labels is None else [str(_plain(label)) for label in labels]
    if len(texts) != total:
        raise ParameterError(f"show_batch: there are {len(texts)} labels and {total} sounds; give one label for each.")
    return BatchGrid(sounds, texts[: len(sounds)], columns, total)


def _plain(label: Any) -> Any:
    """Return the number in a tensor of one element; return any other label as it is."""
    return label.item() if isinstance(label, Tensor) and label.numel() == 1 else label


def _picture(sound: Signal, title: str) -> str:
    """Return the spectrogram of a sound, with `title` above it, as an HTML image.

    The plot of a sound with fewer than `MIN_FRAMES` samples is empty.
    """
    import base64

    from fxlab.display.canvas.axis import frequency_axis
    from fxlab.display.canvas.canvas import Canvas, fit_text
    from fxlab.display.canvas.frame import TICK_SIZE, Frame
    from fxlab.display.plots.color_map import draw_cells
    from fxlab.display.plots.spectrogram import MIN_FRAMES, spectrogram
    from fxlab.display.plots.time_axis import seconds_axis

    canvas = Canvas(WIDTH, HEIGHT)
    canvas.draw_text(_LEFT, 11, fit_text(canvas, [title], _PLOT_WIDTH))
    box = (_LEFT, _TOP, _PLOT_WIDTH, _PLOT_HEIGHT)
    rate = float(sound.sample_rate)
    axis = frequency_axis(0.0, rate / 2, "mel", _PLOT_HEIGHT, gap=18)
    if sound.frames >= MIN_FRAMES:
        levels = spectrogram(sound.numpy(), rate, axis, _ROWS, _COLUMNS)
        loudest = float(levels.db.max())
        high = math.ceil(loudest / 10) * 10.0 if loudest > -190 else 0.0
        draw_cells(canvas, box, levels.db, high - _RANGE_DB, high)
    frame = Frame(canvas, box, seconds_axis(sound.duration), axis)
    for value, label in axis.ticks:
        canvas.draw_text(_LEFT - 4, float(frame.canvas_y(value)), label, size=TICK_SIZE, align="right")
    for value, label in frame.x.ticks[:: max(1, len(frame.x.ticks) // 4)]:
        canvas.draw_text(float(frame.canvas_x(value)), _TOP + _PLOT_HEIGHT + 9, label, size=TICK_SIZE, align="center")
    webp = canvas.to_webp()
    kind, data = ("webp", webp) if webp is not None else ("png", canvas.to_png())
    source = base64.b64encode(data).decode("ascii")
    alt = escape(f"Spectrogram of sound {title}")
    return f'<img alt="{alt}" src="data:image/{kind};base64,{source}" width="{WIDTH}" height="{HEIGHT}">'
