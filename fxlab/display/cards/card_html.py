"""The picture and the HTML of the card of each kind of object, and the parts of this HTML.

The card is drawn when an `…_output` function is called; the HTML is built when the function in its result is called.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

from fxlab.analysis import Comparison, LevelMeasurement, Measurement
from fxlab.errors import describe_error
from fxlab.features.feature import Feature
from fxlab.learn import Fit
from fxlab.module import Module
from fxlab.module.parameters.control import Control
from fxlab.signal import Signal

if TYPE_CHECKING:
    from fxlab.display.canvas.canvas import Canvas
    from fxlab.display.cards.card import Card

Output = tuple["Canvas", Callable[[], str]]
"""The picture of a card, and a function that returns its HTML."""


def module_output(module: Module) -> Output:
    """Return the card of a module, with the table of its parameters, or a card with the error if drawing fails."""
    from fxlab.display.cards.module_card import draw_failure, draw_module, drawing_rate
    from fxlab.display.cards.parameter_table import parameter_table
    from fxlab.display.number_format import format_frequency

    rate, is_assumed = drawing_rate(module)
    try:
        card = draw_module(module)
    except Exception as error:
        reason = describe_error(error)
        text = f"<p><b>{escape(safe_repr(module))}</b></p><p>{escape(reason)}</p>"
        if is_assumed:
            rate_text = format_frequency(rate)
            text += f"<p>This card assumes {rate_text}. For another rate, set the module's own sample_rate.</p>"
        card = draw_failure(module, reason)
        return card.canvas, lambda: f"<div>{text}{parameter_table(module, rate)}</div>"
    return _output(card, lambda: parameter_table(module, rate))


def signal_output(signal: Signal) -> Output:
    """Return the card of a Signal, with a player."""
    from fxlab.display.cards.signal_card import draw_signal
    from fxlab.display.player import player_html

    card = draw_signal(signal)
    return card.canvas, lambda: f"<div>{image_tag(card)}{player_html(signal)}{paragraphs(card.notes)}</div>"


def feature_output(feature: Feature) -> Output:
    """Return the card of a feature."""
    from fxlab.display.cards.feature_card import draw_feature

    card = draw_feature(feature)
    return _output(card)


def measurement_output(measurement: Measurement) -> Output:
    """Return the card of a Measurement."""
    from fxlab.display.cards.measurement_card import draw_measurement

    card = draw_measurement(measurement)
    return _output(card)


def level_output(levels: LevelMeasurement) -> Output:
    """Return the card of a LevelMeasurement."""
    from fxlab.display.cards.levels_card import draw_levels

    card = draw_levels(levels)
    return _output(card)


def fit_output(fit: Fit) -> Output:
    """Return the card of a Fit."""
    from fxlab.display.cards.fit_card import draw_fit

    card = draw_fit(fit)
    return _output(card)


def comparison_output(comparison: Comparison) -> Output:
    """Return the card of a Comparison, with the table of the properties of its filters."""
    from fxlab.display.cards.comparison_card import draw_comparison, summary_table

    card = draw_comparison(comparison)
    table = summary_table(comparison)
    return _output(card, lambda: table)


def control_output(control: Control) -> Output:
    """Return the card of a control, with the table of its parameters."""
    from fxlab.display.cards.control_card import control_table, draw_control

    card = draw_control(control)
    return _output(card, lambda: control_table(control))


def _output(card: Card, table: Callable[[], str] = str) -> Output:
    """Return the picture of a card, and a function that returns its HTML: the picture, the notes and a table."""
    return card.canvas, lambda: f"<div>{image_tag(card)}{paragraphs(card.notes)}{table()}</div>"


def image_tag(card: Card, *, fine: bool = True) -> str:
    """Return the picture of a card as an `img` element.

    If `fine` is true, it has two image pixels per CSS pixel and is a WebP, or a PNG if Pillow has no WebP. Otherwise it
    is a PNG with one image pixel per CSS pixel.
    """
    picture, kind = card.canvas.to_webp() if fine else None, "webp"
    if picture is None:
        picture, kind = card.canvas.to_png(fine=fine), "png"
    source = base64.b64encode(picture).decode("ascii")
    # `height:auto` keeps the aspect ratio where the page is narrower than the picture.
    size = f'width="{card.canvas.width}" height="{card.canvas.height}" style="max-width:100%;height:auto"'
    return f'<img src="data:image/{kind};base64,{source}" alt="{escape(card.description)}" {size}>'


def paragraphs(notes: tuple[str, ...]) -> str:
    """Return notes as HTML, each in a `div` element."""
    return "".join(f"<div>{escape(note)}</div>" for note in notes)


def safe_repr(owner: object) -> str:
    """Return the `repr` of an object, or a description of the error that it raised."""
    try:
        return repr(owner)
    except Exception as error:
        return f"<{type(owner).__name__}, whose repr raised {type(error).__name__}: {error}>"
