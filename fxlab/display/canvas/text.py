"""Text as coverage masks in the font that comes with matplotlib, and their blending into a picture.

Pillow places each letter at a whole image pixel. Equal letters therefore have equal pixels, which makes the encoded
picture smaller, and a line of text is drawn many times faster than by matplotlib's general layout.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fxlab.display.canvas.palette import Color


class TextMask(NamedTuple):
    """The coverage of the pixels around a line of text, and its position relative to the start of the baseline."""

    coverage: NDArray[np.uint8]
    """The coverage of each pixel, from 0 to 255, `(height, width)`."""
    left: int
    """The distance of the left edge from the start of the baseline in pixels, positive to the right."""
    top: int
    """The distance of the upper edge from the baseline in pixels, positive downwards."""


@lru_cache(maxsize=1024)
def text_mask(text: str, size: int, bold: bool) -> TextMask:
    """Return the mask of a line of text, cached; `size` is the font size in image pixels."""
    font = _font(size, bold)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text, anchor="ls"))
    image = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(image).text((-left, -top), text, fill=255, font=font, anchor="ls")
    return TextMask(np.asarray(image), left, top)


def text_length(text: str, size: int, bold: bool) -> float:
    """Return the advance width of a line of text in image pixels; `size` is the font size in image pixels."""
    return float(_font(size, bold).getlength(text))


def blend_text(picture: NDArray[np.uint8], mask: TextMask, left: int, baseline: int, color: Color) -> None:
    """Draw a line of text over `picture`, in place.

    Args:
        picture: The picture, `(height, width, 4)`, whose colors are not premultiplied by alpha.
        mask: The mask of the line.
        left: The column in which the baseline of the line starts.
        baseline: The row of the baseline.
        color: The color of the text.
    """
    rows = slice(max(0, baseline + mask.top), max(0, baseline + mask.top + mask.coverage.shape[0]))
    columns = slice(max(0, left + mask.left), max(0, left + mask.left + mask.coverage.shape[1]))
    area = picture[rows, columns]
    first_row, first_column = rows.start - baseline - mask.top, columns.start - left - mask.left
    coverage = mask.coverage[first_row:, first_column:][: area.shape[0], : area.shape[1]]
    drawn = coverage > 0
    over = coverage[drawn][:, None] * np.float32(color[3] / 255**2)
    under = area[drawn].astype(np.float32)
    weight = under[:, 3:] / 255 * (1 - over)
    opacity = over + weight
    mixed = (np.asarray(color[:3], np.float32) * over + under[:, :3] * weight) / opacity
    area[drawn] = np.rint(np.concatenate([mixed, 255 * opacity], -1)).astype(np.uint8)


@cache
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    # The font is selected by path, since a lookup by family depends on the user's rcParams. The basic layout is in
    # every build of Pillow, so that a card is the same everywhere.
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    path = Path(mpl.get_data_path()) / "fonts" / "ttf" / name
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
