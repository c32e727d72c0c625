"""The picture of a live page, which a browser without scripts shows."""

from __future__ import annotations

import base64
import io

from fxlab.module import Module
from fxlab.signal import Signal

QUALITY = 60
"""The quality of the WebP file in percent; it is low because the panel replaces the picture when it has opened."""


def still_picture(module: Module, signal: Signal) -> str:
    """Return an image of the module's card with the spectra of the signal, as an HTML element.

    If the card cannot be drawn, the image shows the error.
    """
    from PIL import Image

    from fxlab.display.canvas.canvas import Canvas
    from fxlab.display.cards.module_card import SUMMARY_HEIGHT, SUMMARY_WIDTH, draw_failure, draw_module
    from fxlab.errors import describe_error

    summary = Canvas(SUMMARY_WIDTH, SUMMARY_HEIGHT)
    try:
        draw_module(module, None, signal, summary)
    except Exception as error:  # the page itself reports the error
        summary = draw_failure(module, describe_error(error)).canvas
    file = io.BytesIO()
    Image.open(io.BytesIO(summary.to_png())).convert("RGBA").save(file, "WEBP", quality=QUALITY)
    data = base64.b64encode(file.getvalue()).decode("ascii")
    text = "The response of the module, until the panel has opened"
    return (
        f'<img class="fxlab-still" width="{SUMMARY_WIDTH}" height="{SUMMARY_HEIGHT}" alt="{text}" '
        f'src="data:image/webp;base64,{data}">'
    )
