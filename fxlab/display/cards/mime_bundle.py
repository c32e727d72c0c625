"""The MIME bundles of modules, signals, comparisons and measurements: plain text, PNG, and HTML that needs no kernel.

The HTML consists of an image, a table and an audio element, without scripts or style sheets, so that a page that
sanitizes its outputs does not change it. Its image has the pixels of a dense screen; `image/png` is a smaller one.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection
from html import escape
from typing import TYPE_CHECKING, Any

from fxlab.analysis import Comparison, Measurement
from fxlab.errors import describe_error
from fxlab.module import Module
from fxlab.signal import Signal

if TYPE_CHECKING:
    from fxlab.display.cards.card import Card

TEXT, PNG, HTML = "text/plain", "image/png", "text/html"
PANEL_HINT = "A running kernel makes this panel live."
MimeTypes = Collection[str] | None


def module_bundle(module: Module, include: MimeTypes = None, exclude: MimeTypes = None) -> dict[str, Any]:
    """Return the card of a module by MIME type; it never raises, and says in words what could not be drawn.

    >>> from fxlab.filters import LowPass
    >>> module_bundle(LowPass(), include={"text/plain"})
    {'text/plain': 'LowPass()'}
    """
    return _bundle(module, _module_contents, include, exclude)


def signal_bundle(signal: Signal, include: MimeTypes = None, exclude: MimeTypes = None) -> dict[str, Any]:
    """Return the card of a Signal by MIME type; it never raises, and says in words what could not be drawn.

    >>> from fxlab.signal import silence
    >>> sorted(signal_bundle(silence(0.1), exclude={"image/png"}))
    ['text/html', 'text/plain']
    """
    return _bundle(signal, _signal_contents, include, exclude)


def measurement_bundle(
    measurement: Measurement, include: MimeTypes = None, exclude: MimeTypes = None
) -> dict[str, Any]:
    """Return the card of the result of `measure` by MIME type; it never raises."""
    return _bundle(measurement, _measurement_contents, include, exclude)


def comparison_bundle(comparison: Comparison, include: MimeTypes = None, exclude: MimeTypes = None) -> dict[str, Any]:
    """Return the card of the result of `compare` by MIME type; it never raises."""
    return _bundle(comparison, _comparison_contents, include, exclude)


def module_picture(
    module: Module, sample_rate: float | None = None, *, signal: Signal | None = None, fine: bool = True
) -> bytes:
    """Return a PNG of a module, or of the error if it cannot be drawn; with `signal`, spectra of input and output.

    With `fine` it has two image pixels per CSS pixel, otherwise one, in less than half the bytes.

    >>> from fxlab.filters import LowPass
    >>> module_picture(LowPass(), sample_rate=48_000)[1:4]
    b'PNG'
    """
    from fxlab.display.cards.module_card import draw_failure, draw_module

    try:
        card = draw_module(module, sample_rate, signal)
    except Exception as error:
        card = draw_failure(module, describe_error(error))
    return card.canvas.to_png(palette_size=card.palette_size, fine=fine)


def panel_fallback(module: Module, signal: Signal) -> dict[str, Any]:
    """Return what a viewer that shows no widgets displays in place of a panel: PNG, and HTML with the parameters.

    It never raises. The HTML shows the card of the module with the spectra of `signal`; the PNG, for the few viewers
    that show no HTML, only its first plot, because a saved notebook holds both.

    >>> from fxlab.filters import LowPass
    >>> from fxlab.signal import silence
    >>> contents = panel_fallback(LowPass(cutoff=500.0), silence(0.5))
    >>> sorted(contents), "Cutoff" in contents["text/html"]
    (['image/png', 'text/html'], True)
    """
    from fxlab.display.canvas.canvas import Canvas
    from fxlab.display.cards.module_card import SUMMARY_HEIGHT, SUMMARY_WIDTH, draw_failure, draw_module
    from fxlab.display.cards.parameter_table import parameter_table

    summary = Canvas(SUMMARY_WIDTH, SUMMARY_HEIGHT)
    try:
        card = draw_module(module, None, signal, summary)
    except Exception as error:
        card = draw_failure(module, describe_error(error))
        summary = card.canvas
    try:
        table = parameter_table(module, signal.sample_rate)
    except Exception as error:
        table = f"<p>{escape(_safe_repr(module))}</p><p>{escape(describe_error(error))}</p>"
    image = _image_tag(card._replace(palette_size=min(card.palette_size, 12)), fine=False)
    html = f"<div>{image}{_paragraphs(card.notes)}{table}<div>{PANEL_HINT}</div></div>"
    return {PNG: _to_base64(summary.to_png(fine=False)), HTML: html}


def _bundle(
    owner: Any, make_contents: Callable[..., dict[str, Any]], include: MimeTypes, exclude: MimeTypes
) -> dict[str, Any]:
    wanted = set(include or (TEXT, PNG, HTML)) - set(exclude or ())
    types = [mime_type for mime_type in (TEXT, PNG, HTML) if mime_type in wanted]
    contents: dict[str, Any] = {}
    if TEXT in types:
        contents[TEXT] = _safe_repr(owner)
    if PNG in types or HTML in types:
        try:
            contents |= make_contents(owner, types)
        except Exception as error:  # a card that cannot be drawn must not make the cell fail
            reason = escape(describe_error(error))
            contents[HTML] = f"<pre>{escape(_safe_repr(owner))}</pre><p>This card could not be drawn: {reason}</p>"
    return {mime_type: contents[mime_type] for mime_type in types if mime_type in contents}


def _module_contents(module: Module, types: list[str]) -> dict[str, Any]:
    from fxlab.display.cards.module_card import draw_failure, draw_module, drawing_rate
    from fxlab.display.cards.parameter_table import parameter_table
    from fxlab.display.number_format import format_frequency

    contents: dict[str, Any] = {}
    rate, is_assumed = drawing_rate(module)
    try:
        card = draw_module(module)
        above = _image_tag(card) + _paragraphs(card.notes) if HTML in types else ""
    except Exception as error:
        card = draw_failure(module, describe_error(error))
        above = f"<p><b>{escape(_safe_repr(module))}</b></p><p>{escape(describe_error(error))}</p>"
        if is_assumed:
            rate_text = format_frequency(rate)
            above += f"<p>This card assumes {rate_text}. For another rate, set the module's own sample_rate.</p>"
    if HTML in types:
        contents[HTML] = f"<div>{above}{parameter_table(module, rate)}</div>"
    if PNG in types:
        contents[PNG] = _small_png(card)
    return contents


def _signal_contents(signal: Signal, types: list[str]) -> dict[str, Any]:
    from fxlab.display.cards.signal_card import draw_signal
    from fxlab.display.player import player_html

    card = draw_signal(signal)
    contents: dict[str, Any] = {}
    if HTML in types:
        contents[HTML] = f"<div>{_image_tag(card)}{player_html(signal)}{_paragraphs(card.notes)}</div>"
    if PNG in types:
        contents[PNG] = _small_png(card)
    return contents


def _measurement_contents(measurement: Measurement, types: list[str]) -> dict[str, Any]:
    from fxlab.display.cards.measurement_card import draw_measurement

    return _card_contents(draw_measurement(measurement), "", types)


def _comparison_contents(comparison: Comparison, types: list[str]) -> dict[str, Any]:
    from fxlab.display.cards.comparison_card import draw_comparison, summary_table

    return _card_contents(draw_comparison(comparison), summary_table(comparison) if HTML in types else "", types)


def _card_contents(card: Card, below: str, types: list[str]) -> dict[str, Any]:
    contents: dict[str, Any] = {}
    if HTML in types:
        contents[HTML] = f"<div>{_image_tag(card)}{_paragraphs(card.notes)}{below}</div>"
    if PNG in types:
        contents[PNG] = _small_png(card)
    return contents


def _image_tag(card: Card, *, fine: bool = True) -> str:
    source = _to_base64(card.canvas.to_png(palette_size=card.palette_size, fine=fine))
    size = f'width="{card.canvas.width}" style="max-width:100%"'
    return f'<img src="data:image/png;base64,{source}" alt="{escape(card.description)}" {size}>'


def _small_png(card: Card) -> str:
    return _to_base64(card.canvas.to_png(palette_size=min(card.palette_size, 16), fine=False))


def _paragraphs(notes: tuple[str, ...]) -> str:
    return "".join(f"<div>{escape(note)}</div>" for note in notes)


def _to_base64(png: bytes) -> str:
    return base64.b64encode(png).decode("ascii")


def _safe_repr(owner: object) -> str:
    try:
        return repr(owner)
    except Exception as error:
        return f"<{type(owner).__name__}, whose repr raised {type(error).__name__}: {error}>"
