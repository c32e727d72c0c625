"""`Card`: a drawn picture with its description and notes."""

from __future__ import annotations

from typing import NamedTuple

from fxlab.display.canvas.canvas import Canvas


class Card(NamedTuple):
    """The picture of an object, and the text that belongs to it."""

    canvas: Canvas
    description: str
    """The content of the picture as text, for readers who cannot see it."""
    notes: tuple[str, ...] = ()
    """The sentences that are shown below the picture."""
