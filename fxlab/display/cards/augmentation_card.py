"""The card of an augmentation: its ranges and options, from which it draws values, and the values of the last draw.

At most `MAX_PLOTS` ranges and lists of options are shown. Values that are drawn without a range or a list have no plot.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.compose.container import Container
from fxlab.augment.drawing.range import Options, Range
from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import Axis, even_ticks, frequency_axis, linear_axis, tick_label
from fxlab.display.canvas.canvas import Canvas, fit_text
from fxlab.display.canvas.frame import Frame
from fxlab.display.cards.card import Card
from fxlab.display.number_format import format_number

WIDTH, MARGIN = 720, 12
COLUMNS, PLOT_WIDTH, PLOT_GAP, PLOT_HEIGHT, ROW_HEIGHT = 2, 328, 40, 40, 92
_TOP = 42
MAX_PLOTS = 16
NO_RANGES = "It has no ranges and no options"


class Distribution(NamedTuple):
    """A range or a list of options from which an augmentation draws values."""

    owner: str
    """The text in front of the name of the parameter: the index, the name and the probability of each
    augmentation in a container that leads to the parameter; empty for a parameter of the augmentation itself."""
    declaration: Range | Options
    """The declaration of the parameter."""
    value: tuple[Any, ...]
    """The lowest and the highest value, or the options."""
    drawn: tuple[float, ...]
    """The values of the last draw, or for options their indices; empty if nothing was drawn."""


def draw_augmentation(augmentation: Augmentation, summary: Canvas | None = None) -> Card:
    """Return a card with the distributions of up to `MAX_PLOTS` ranges and options, and marks at the last drawn values.

    The title and the first plot are also drawn on `summary`, if it is not None.
    """
    found = list(distributions(augmentation))
    shown = found[:MAX_PLOTS]
    height = _TOP + ROW_HEIGHT * max(1, -(-len(shown) // COLUMNS))
    canvas = Canvas(WIDTH, height)
    for drawn_on in (canvas, summary):
        if drawn_on is not None:
            _draw_title(drawn_on, augmentation)
    for number, distribution in enumerate(shown):
        left = MARGIN + (number % COLUMNS) * (PLOT_WIDTH + PLOT_GAP)
        box = (float(left), float(_TOP + 10 + (number // COLUMNS) * ROW_HEIGHT), float(PLOT_WIDTH), float(PLOT_HEIGHT))
        _draw_distribution(canvas, box, distribution)
        if summary is not None and number == 0:
            _draw_distribution(summary, (float(MARGIN), 64.0, 480.0, 80.0), distribution)
    if not shown:
        canvas.draw_text(MARGIN, _TOP + 20, f"{NO_RANGES}.")
    notes = [f"The first {MAX_PLOTS} of {len(found)} ranges are shown."] if len(found) > MAX_PLOTS else []
    if augmentation.is_frozen:
        notes.append("It is frozen: every call repeats the last draw.")
    text = "; ".join(_title(distribution) for distribution in shown) or NO_RANGES
    return Card(canvas, f"{augmentation._name()}, {_sharing_text(augmentation)}. {text}.", tuple(notes))


def distributions(augmentation: Augmentation, prefix: str = "") -> Iterator[Distribution]:
    """Yield the distributions of an augmentation, and if it is a container, those of the augmentations in it.

    `prefix` is the text in front of the names of the parameters of `augmentation`.
    """
    draw = augmentation._draw
    for name, declaration in augmentation.ranges.items():
        values = () if draw is None or name not in draw.values else tuple(draw.values[name].flatten().tolist())
        value = getattr(augmentation, name)
        if not isinstance(value, tuple):
            value = tuple(value.detach().tolist())
        yield Distribution(prefix, declaration, value, values)
    if isinstance(augmentation, Container):
        for index, part in enumerate(augmentation):
            if isinstance(part, Augmentation):
                chance = f", p = {format_number(part.p)}" if isinstance(part.p, float) else ""
                yield from distributions(part, f"{prefix}{index} {part._name()}{chance} · ")


def _draw_title(canvas: Canvas, augmentation: Augmentation) -> None:
    title = augmentation._name()
    canvas.draw_text(MARGIN, 12, title, size=13, bold=True)
    left = MARGIN + canvas.text_width(title, size=13, bold=True) + 14
    canvas.draw_text(left, 12, fit_text(canvas, [_sharing_text(augmentation)], WIDTH - MARGIN - left))


def _sharing_text(augmentation: Augmentation) -> str:
    """Return as text the probability of an augmentation, and which examples or channels share decisions and values."""
    p = augmentation.p
    chance = format_number(p) if isinstance(p, float) else "given for each example"
    sharing = augmentation._sharing().replace("_", " ")
    return f"applied with p = {chance} {sharing}, values {augmentation.mode.replace('_', ' ')}"


def _title(distribution: Distribution, *, in_full: bool = True) -> str:
    """Return the name of a parameter with its range or options; `in_full` adds that a range is uniform in octaves."""
    declaration, value = distribution[1], distribution[2]
    name = f"{distribution.owner}{declaration.label}"
    if isinstance(declaration, Options):
        return f"{name}: {', '.join(map(str, value))}"
    unit = f" {declaration.unit}" if declaration.unit else ""
    low, high = value
    if low == high:
        return f"{name}: {format_number(low)}{unit}"
    kind = ", every octave equally likely" if declaration.scale == "log" and in_full else ""
    return f"{name}: {format_number(low)} to {format_number(high)}{unit}{kind}"


def _draw_distribution(canvas: Canvas, box: tuple[float, float, float, float], distribution: Distribution) -> None:
    declaration, value = distribution[1], distribution[2]
    frame = Frame(canvas, box, _axis(declaration, value, box[2]), Axis(0.0, 1.15, ()))
    frame.draw_grid()
    if isinstance(declaration, Options):
        for number in range(len(value)):
            _bar(frame, number - 0.3, number + 0.3, 1.0)
    else:
        low, high = value
        if low == high:
            frame.draw_vertical_lines([low], colors.LineStyle(colors.MAIN))
        elif declaration.whole:
            for number in range(int(low), int(high) + 1, declaration.multiple):
                _bar(frame, number - 0.35, number + 0.35, 1.0)
        else:
            _bar(frame, low, high, 1.0)
    canvas.draw_line([frame.left, frame.right], [frame.bottom, frame.bottom], colors.TEXT, snap=True)
    for drawn in distribution.drawn[:256]:
        x = float(frame.canvas_x(drawn))
        canvas.draw_line([x, x], [frame.bottom - 9, frame.bottom], colors.ACCENT, width=1.2)
    title = _title(distribution)
    if canvas.text_width(title) > box[2]:
        title = fit_text(canvas, [_title(distribution, in_full=False)], box[2])
    frame.draw_title(title)


def _bar(frame: Frame, low: float, high: float, height: float) -> None:
    frame.fill_below([low, high], [height, height], colors.MAIN, alpha=0.22)
    frame.draw_curve([low, low, high, high], [0.0, height, height, 0.0], colors.MAIN, width=1.5)


def _axis(declaration: Range | Options, value: tuple[Any, ...], pixels: float) -> Axis:
    if isinstance(declaration, Options):
        ticks = tuple((float(number), str(option)) for number, option in enumerate(value))
        return Axis(-0.5, len(value) - 0.5, ticks)
    low, high = min(declaration.low, *value), max(declaration.high, *value)
    if declaration.scale == "log":
        return frequency_axis(low, high, "log", pixels)
    margin = 0.5 if declaration.whole else 0.0
    axis = linear_axis(low - margin, high + margin, even_ticks(low, high, 6))
    if np.isfinite([tick for tick, _ in axis.ticks]).all():
        return axis
    return Axis(low, high, ((low, tick_label(low)), (high, tick_label(high))))
