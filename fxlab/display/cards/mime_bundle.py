"""What a notebook is handed for a Module or a Signal: plain text, a picture, and HTML that needs no kernel.

The HTML is an image, a table and an audio element, with no script and no style sheet: what a page that sanitises its
outputs leaves as it is. `text/html` has the picture for dense screens, `image/png` a smaller one.
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
    from fxlab.display.cards.module_card import Picture

PLAIN, PICTURE, PAGE = "text/plain", "image/png", "text/html"
Kinds = Collection[str] | None


def module_bundle(module: Module, include: Kinds = None, exclude: Kinds = None) -> dict[str, Any]:
    """The card of a module, by MIME type; it never raises, and says in words what could not be drawn.

    >>> from fxlab.filters import LowPass
    >>> module_bundle(LowPass(), include={"text/plain"})
    {'text/plain': 'LowPass()'}
    """
    return _bundle(module, _module_card, include, exclude)


def signal_bundle(signal: Signal, include: Kinds = None, exclude: Kinds = None) -> dict[str, Any]:
    """The card of a Signal, by MIME type; it never raises, and says in words what could not be drawn.

    >>> from fxlab.signal import silence
    >>> sorted(signal_bundle(silence(0.1), exclude={"image/png"}))
    ['text/html', 'text/plain']
    """
    return _bundle(signal, _signal_card, include, exclude)


def measurement_bundle(measurement: Measurement, include: Kinds = None, exclude: Kinds = None) -> dict[str, Any]:
    """The card of what `measure` found, by MIME type; it never raises."""
    return _bundle(measurement, _measurement_card, include, exclude)


def comparison_bundle(comparison: Comparison, include: Kinds = None, exclude: Kinds = None) -> dict[str, Any]:
    """The card of what `compare` laid together, by MIME type; it never raises."""
    return _bundle(comparison, _comparison_card, include, exclude)


def module_picture(
    module: Module, sample_rate: float | None = None, *, signal: Signal | None = None, fine: bool = True
) -> bytes:
    """A PNG of a module, or of the reason why there is none; with `signal` the spectra of its input and output.

    `fine` has two pixels for one of the page, 720 wide; else it has one, in under half the bytes.

    >>> from fxlab.filters import LowPass
    >>> module_picture(LowPass(), sample_rate=48_000)[1:4]
    b'PNG'
    """
    from fxlab.display.cards.module_card import draw_failure, draw_module

    try:
        picture = draw_module(module, sample_rate, signal)
    except Exception as error:
        picture = draw_failure(module, describe_error(error))
    return picture.sheet.png(colours=picture.colours, fine=fine)


def _bundle(shown: Any, card: Callable[..., dict[str, Any]], include: Kinds, exclude: Kinds) -> dict[str, Any]:
    wanted = set(include or (PLAIN, PICTURE, PAGE)) - set(exclude or ())
    kinds = [kind for kind in (PLAIN, PICTURE, PAGE) if kind in wanted]
    made: dict[str, Any] = {}
    if PLAIN in kinds:
        made[PLAIN] = _plain(shown)
    if PICTURE in kinds or PAGE in kinds:
        try:
            made |= card(shown, kinds)
        except Exception as error:  # a card is a courtesy: it must not stop a cell
            reason = escape(describe_error(error))
            made[PAGE] = f"<pre>{escape(_plain(shown))}</pre><p>This card could not be drawn: {reason}</p>"
    return {kind: made[kind] for kind in kinds if kind in made}


def _module_card(module: Module, kinds: list[str]) -> dict[str, Any]:
    from fxlab.display.cards.module_card import draw_failure, draw_module, rate_of
    from fxlab.display.cards.number_format import hertz
    from fxlab.display.cards.parameter_table import parameters

    made: dict[str, Any] = {}
    rate, assumed = rate_of(module)
    try:
        picture = draw_module(module)
        above = _image(picture) + _lines(picture.notes) if PAGE in kinds else ""
    except Exception as error:
        picture = draw_failure(module, describe_error(error))
        above = f"<p><b>{escape(_plain(module))}</b></p><p>{escape(describe_error(error))}</p>"
        if assumed:
            above += f"<p>This card assumes {hertz(rate)}. For another rate give the module its own sample_rate.</p>"
    if PAGE in kinds:
        made[PAGE] = f"<div>{above}{parameters(module, rate)}</div>"
    if PICTURE in kinds:
        made[PICTURE] = _small(picture)
    return made


def _signal_card(signal: Signal, kinds: list[str]) -> dict[str, Any]:
    from fxlab.display.cards.signal_card import draw_signal
    from fxlab.display.player import player

    picture = draw_signal(signal)
    made: dict[str, Any] = {}
    if PAGE in kinds:
        made[PAGE] = f"<div>{_image(picture)}{player(signal)}{_lines(picture.notes)}</div>"
    if PICTURE in kinds:
        made[PICTURE] = _small(picture)
    return made


def _measurement_card(measurement: Measurement, kinds: list[str]) -> dict[str, Any]:
    from fxlab.display.cards.measurement_card import draw_measurement

    return _card(draw_measurement(measurement), "", kinds)


def _comparison_card(comparison: Comparison, kinds: list[str]) -> dict[str, Any]:
    from fxlab.display.cards.comparison_card import draw_comparison, numbers

    return _card(draw_comparison(comparison), numbers(comparison) if PAGE in kinds else "", kinds)


def _card(picture: Picture, below: str, kinds: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if PAGE in kinds:
        made[PAGE] = f"<div>{_image(picture)}{_lines(picture.notes)}{below}</div>"
    if PICTURE in kinds:
        made[PICTURE] = _small(picture)
    return made


def _image(picture: Picture) -> str:
    source = _text(picture.sheet.png(colours=picture.colours))
    sized = f'width="{picture.sheet.width}" style="max-width:100%"'
    return f'<img src="data:image/png;base64,{source}" alt="{escape(picture.words)}" {sized}>'


def _small(picture: Picture) -> str:
    return _text(picture.sheet.png(colours=min(picture.colours, 16), fine=False))


def _lines(notes: tuple[str, ...]) -> str:
    return "".join(f"<div>{escape(note)}</div>" for note in notes)


def _text(png: bytes) -> str:
    return base64.b64encode(png).decode("ascii")


def _plain(shown: object) -> str:
    try:
        return repr(shown)
    except Exception as error:
        return f"<{type(shown).__name__}, whose repr raised {type(error).__name__}: {error}>"
