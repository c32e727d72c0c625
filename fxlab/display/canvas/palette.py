"""Pictures with a small palette instead of four bytes per pixel.

A card is embedded in a notebook twice, as an image and in HTML, so its size matters. A drawing has few colors, so a
palette of each of them at full opacity and, for antialiased edges, at half opacity is sufficient. A pixel then needs
four or eight bits instead of 32.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Color = tuple[int, int, int, int]
"""Red, green, blue and alpha, from 0 to 255, not premultiplied."""


class PaletteImage(NamedTuple):
    """A picture whose pixels are entries of a palette."""

    indices: NDArray[np.uint8]
    """The palette entry of each pixel, `(height, width)`."""
    palette: NDArray[np.uint8]
    """The colors, `(entries, 4)`, not premultiplied by alpha; entry 0 is transparent."""


def quantize_colors(
    rgba: NDArray[np.uint8], palette_size: int = 16, colors: Sequence[Color] = (), min_area: int = 1
) -> PaletteImage:
    """Return the picture with a palette of at most `palette_size` colors.

    Entry 0 is transparent, and `colors` follow. Then the palette grows by one color of the picture at a time, among
    those that cover at least `min_area` pixels, until it is full or no error remains. The color that is added is the
    one with the largest squared error, multiplied by the square root of its number of pixels. Colors that agree in the
    upper 5 bits of red, green and blue and the upper 4 bits of alpha count as one; those with an alpha below 16 become
    transparent.

    Args:
        rgba: The picture, `(height, width, 4)`, whose colors are not premultiplied by alpha.
        palette_size: The maximum number of colors with the transparent one, from 2 to 256.
        colors: The entries of the palette after the transparent one; those beyond `palette_size` are omitted.
        min_area: The number of pixels that a color of the picture must cover to be added to the palette.
    """
    pixels = np.ascontiguousarray(rgba).view("<u4")[..., 0]
    # Bins of 5 bits per color and 4 bits of alpha merge the many opacities of antialiased edges.
    keys = (pixels >> 28 << 15) | (pixels >> 19 & 31) << 10 | (pixels >> 11 & 31) << 5 | (pixels >> 3 & 31)
    keys = keys.astype(np.int64).ravel()
    counts = np.bincount(keys, minlength=1 << 19)
    counts[: 1 << 15] = 0
    bins = np.flatnonzero(counts)
    representative = np.zeros(1 << 19, np.uint32)
    representative[keys] = pixels.ravel()
    entries = representative[bins].astype("<u4").view(np.uint8).reshape(-1, 4)
    appearance = _appearance(entries)
    weight = np.sqrt(counts[bins]) * (counts[bins] >= min_area)
    palette = [np.zeros(4, np.uint8), *(np.array(color, np.uint8) for color in colors)][:palette_size]
    distances = [((appearance - _appearance(color)) ** 2).sum(-1) for color in palette]
    nearest = np.argmin(distances, 0).astype(np.uint8)
    error = np.min(distances, 0)
    while len(palette) < palette_size and (error * weight).max(initial=0.0) > 0:
        palette.append(entries[np.argmax(error * weight)])
        distance = ((appearance - _appearance(palette[-1])) ** 2).sum(-1)
        nearer = distance < error
        nearest[nearer], error[nearer] = len(palette) - 1, distance[nearer]
    index_of_key = np.zeros(1 << 19, np.uint8)
    index_of_key[bins] = nearest
    return PaletteImage(index_of_key[keys].reshape(rgba.shape[:2]), np.stack(palette))


def unique_colors(rgba: NDArray[np.uint8]) -> list[Color]:
    """Return the distinct colors of a picture, `(height, width, 4)`.

    >>> unique_colors(np.array([[[1, 2, 3, 255], [0, 0, 0, 0], [1, 2, 3, 255]]], np.uint8))
    [(0, 0, 0, 0), (1, 2, 3, 255)]
    """
    # A pixel is compared as one 32-bit integer, which is ten times faster than as a row of four numbers.
    found = np.unique(np.ascontiguousarray(rgba, np.uint8).view("<u4"))
    return [(int(r), int(g), int(b), int(a)) for r, g, b, a in found.astype("<u4").view(np.uint8).reshape(-1, 4)]


def halve(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture, `(height, width, 4)`, at half its size.

    Each pixel has the mean alpha of four pixels, and the mean of their colors, weighted by alpha. If the number of rows
    or columns is odd, the last one is omitted.
    """
    height, width = rgba.shape[0] // 2 * 2, rgba.shape[1] // 2 * 2
    pixels = np.ascontiguousarray(rgba[:height, :width]).view("<u4")[..., 0]
    first, *others = corners = [pixels[row::2, column::2] for row in (0, 1) for column in (0, 1)]
    # Most groups of four pixels have one color; only the others are averaged.
    halved = np.where(first >> 24, first, 0)
    differs = np.logical_or.reduce([other != first for other in others])
    four = np.stack([corner[differs] for corner in corners]).astype("<u4")[..., None].view(np.uint8).astype(np.uint32)
    alpha = four[..., 3:]
    coverage = alpha.sum(0)
    color = ((four[..., :3] * alpha).sum(0) + coverage // 2) // np.maximum(coverage, 1)
    mean = np.concatenate([color, (coverage + 2) // 4], -1).astype(np.uint8)
    halved[differs] = mean.view("<u4")[..., 0]
    return halved.astype("<u4")[..., None].view(np.uint8)


def _appearance(colors: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the red, green and blue of each color as it appears on black, and as it appears on white.

    Errors are thus weighted equally on dark and on light pages.

    Shape:
        `(..., 4)` to `(..., 6)`.
    """
    alpha = colors[..., 3:] / 255
    on_black = colors[..., :3] * alpha
    return np.concatenate([on_black, on_black + 255 * (1 - alpha)], -1)
