"""The MIME bundles of modules, signals, features, comparisons, measurements, levels, controls and fits.

Each bundle consists of plain text, a PNG, and HTML that needs no kernel, as `(data, metadata)`, both by MIME type. The
PNG has two pixels per CSS pixel in each direction; the metadata and the HTML contain its displayed size. The HTML
consists of an image, notes, and depending on the object a table or an audio element. It has no scripts and no style
sheets, which many pages remove from outputs. The image in the HTML is a lossless WebP with the pixels of the PNG, which
needs about three quarters of the bytes; without WebP support in Pillow, it is the PNG.

If a card cannot be drawn, no exception is raised: the HTML contains the `repr` of the object and a description of the
error. Only the bundle of a module then has a PNG, which shows the error. `panel_fallback` differs from this; see there.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection
from html import escape
from typing import Any

from fxlab.analysis import Comparison, LevelMeasurement, Measurement
from fxlab.display.canvas.png import png_metadata
from fxlab.display.cards.card_html import (
    Output,
    comparison_output,
    control_output,
    feature_output,
    fit_output,
    image_tag,
    level_output,
    measurement_output,
    module_output,
    paragraphs,
    safe_repr,
    signal_output,
)
from fxlab.errors import describe_error
from fxlab.features.feature import Feature
from fxlab.learn import Fit
from fxlab.module import Module
from fxlab.module.parameters.control import Control
from fxlab.signal import Signal

TEXT, PNG, HTML = "text/plain", "image/png", "text/html"
PANEL_HINT = "A running kernel makes this panel live."
MimeTypes = Collection[str] | None
Bundle = tuple[dict[str, Any], dict[str, Any]]
"""The data and the metadata of an output, each by MIME type."""


def module_bundle(module: Module, include: MimeTypes = None, exclude: MimeTypes = None) -> Bundle:
    """Return the plain text, the PNG and the HTML for the output of a module, and the metadata of the PNG.

    The text is the `repr` of the module; the PNG and the HTML show its card. If the card cannot be drawn, both contain
    a description of the error.

    Args:
        module: The module.
        include: The MIME types to return; None or an empty collection for all three.
        exclude: MIME types that are not returned, even if `include` contains them.

    >>> from fxlab.filters import LowPass
    >>> module_bundle(LowPass(), include={"text/plain"})
    ({'text/plain': 'LowPass()'}, {})
    >>> module_bundle(LowPass(), include={"image/png"})[1]
    {'image/png': {'width': 720, 'height': 352}}
    """
    return _bundle(module, module_output, include, exclude)


def signal_bundle(signal: Signal, include: MimeTypes = None, exclude: MimeTypes = None) -> Bundle:
    """Return the bundle of a Signal; see `module_bundle` for its contents and the arguments.

    If the card cannot be drawn, there is no PNG, and the HTML contains a description of the error.

    >>> from fxlab.signal import silence
    >>> data, metadata = signal_bundle(silence(0.1), exclude={"image/png"})
    >>> sorted(data), metadata
    (['text/html', 'text/plain'], {})
    """
    return _bundle(signal, signal_output, include, exclude)


def feature_bundle(feature: Feature, include: MimeTypes = None, exclude: MimeTypes = None) -> Bundle:
    """Return the bundle of a feature; see `module_bundle` for its contents and the arguments.

    If the card cannot be drawn, there is no PNG, and the HTML contains a description of the error.
    """
    return _bundle(feature, feature_output, include, exclude)


def measurement_bundle(measurement: Measurement, include: MimeTypes = None, exclude: MimeTypes = None) -> Bundle:
    """Return the bundle of a Measurement; see `module_bundle` for its contents and the arguments.

    If the card cannot be drawn, there is no PNG, and the HTML contains a description of the error.
    """
    return _bundle(measurement, measurement_output, include, exclude)


def level_bundle(levels: LevelMeasurement, include: MimeTypes = None, exclude: MimeTypes = None) -> Bundle:
    """Return the bundle of a LevelMeasurement; see `module_bundle` for its contents and the arguments.

    If the card cannot be drawn, there is no PNG, and the HTML contains a description of the error.
    """
    return _bundle(levels, level_output, include, exclude)


def comparison_bundle(comparison: Comparison, include: MimeTypes = None, exclude: MimeTypes = None) -> Bundle:
    """Return the bundle of a Comparison; see `module_bundle` for its contents and the arguments.

    If the card cannot be drawn, there is no PNG, and the HTML contains a description of the error.
    """
    return _bundle(comparison, comparison_output, include, exclude)


def control_bundle(control: Control, include: MimeTypes = None, exclude: MimeTypes = None) -> Bundle:
    """Return the bundle of a control; see `module_bundle` for its contents and the arguments.

    If the card cannot be drawn, there is no PNG, and the HTML contains a description of the error.

    >>> from fxlab.control import LFO
    >>> data, metadata = control_bundle(LFO(0.5, 200.0, 4000.0))
    >>> sorted(data), metadata
    (['image/png', 'text/html', 'text/plain'], {'image/png': {'width': 720, 'height': 206}})
    """
    return _bundle(control, control_output, include, exclude)


def fit_bundle(fit: Fit, include: MimeTypes = None, exclude: MimeTypes = None) -> Bundle:
    """Return the bundle of a Fit; see `module_bundle` for its contents and the arguments.

    If the card cannot be drawn, there is no PNG, and the HTML contains a description of the error.
    """
    return _bundle(fit, fit_output, include, exclude)


def module_picture(module: Module, sample_rate: float | None = None, *, signal: Signal | None = None) -> bytes:
    """Return the card of a module as a PNG, which contains the error message if the module cannot be drawn.

    The PNG has two pixels per CSS pixel in each direction; `png_metadata` returns its displayed size.

    Args:
        module: The module.
        sample_rate: The sample rate in Hz; by default that on which the module and its parts agree, or else 44.1 kHz.
        signal: A sound whose sample rate replaces `sample_rate`, and of which most cards show the spectra before and
            after the module.

    >>> from fxlab.filters import LowPass
    >>> module_picture(LowPass(), sample_rate=48_000)[1:4]
    b'PNG'
    """
    from fxlab.display.cards.module_card import draw_failure, draw_module

    try:
        card = draw_module(module, sample_rate, signal)
    except Exception as error:
        card = draw_failure(module, describe_error(error))
    return card.canvas.to_png()


def panel_fallback(module: Module, signal: Signal, hint: str = PANEL_HINT) -> Bundle:
    """Return the PNG and the HTML for viewers that cannot display the widget of a panel, and the metadata of the PNG.

    The HTML shows the card of the module with the spectra of `signal`, at one image pixel per CSS pixel, a table of the
    parameters, and the sentence `hint` unless it is empty. The PNG, for the few viewers that show no HTML, contains
    only the title and the first plot. A saved notebook contains both. If drawing fails, no exception is raised, and
    both show a description of the error.

    >>> from fxlab.filters import LowPass
    >>> from fxlab.signal import silence
    >>> data, metadata = panel_fallback(LowPass(cutoff=500.0), silence(0.5))
    >>> sorted(data), "Cutoff" in data["text/html"], metadata
    (['image/png', 'text/html'], True, {'image/png': {'width': 516, 'height': 184}})
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
        table = f"<p>{escape(safe_repr(module))}</p><p>{escape(describe_error(error))}</p>"
    below = paragraphs((hint,)) if hint else ""
    html = f"<div>{image_tag(card, fine=False)}{paragraphs(card.notes)}{table}{below}</div>"
    png = summary.to_png()
    return {PNG: base64.b64encode(png).decode("ascii"), HTML: html}, {PNG: png_metadata(png)}


def _bundle(owner: Any, draw: Callable[[Any], Output], include: MimeTypes, exclude: MimeTypes) -> Bundle:
    """Return the requested parts of a bundle; if `draw` fails, HTML with a description of the error, and no PNG."""
    wanted = set(include or (TEXT, PNG, HTML)) - set(exclude or ())
    data: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    if TEXT in wanted:
        data[TEXT] = safe_repr(owner)
    if wanted & {PNG, HTML}:
        try:
            drawn, metadata = _draw(owner, draw, wanted)
            data |= drawn
        except Exception as error:  # a card that cannot be drawn must not make the cell fail
            reason = escape(describe_error(error))
            html = f"<pre>{escape(safe_repr(owner))}</pre><p>This card could not be drawn: {reason}</p>"
            data |= {HTML: html} if HTML in wanted else {}
    return data, metadata


def _draw(owner: Any, draw: Callable[[Any], Output], wanted: set[str]) -> Bundle:
    data: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    canvas, make_html = draw(owner)
    if PNG in wanted:
        png = canvas.to_png()
        data[PNG], metadata[PNG] = base64.b64encode(png).decode("ascii"), png_metadata(png)
    if HTML in wanted:
        data[HTML] = make_html()
    return data, metadata
