"""PNG encoding with a small palette instead of four bytes per pixel, and the displayed size of such a PNG.

A card is embedded in a notebook twice, so its size matters. A drawing has a handful of colors. A palette of 16
entries holds each of them at full opacity and, for antialiased edges, at half opacity; it needs an eighth of the bytes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_INCHES_PER_METRE = 39.3701
_CSS_PIXELS_PER_INCH = 96

Color = tuple[int, int, int, int]
"""Red, green, blue and alpha, from 0 to 255, not premultiplied."""


def encode_png(
    rgba: NDArray[np.uint8],
    *,
    palette_size: int = 16,
    colors: Sequence[Color] = (),
    min_area: int = 1,
    density: float = 2.0,
) -> bytes:
    """Return the pixels as a PNG with a palette of at most `palette_size` colors.

    Args:
        rgba: `(height, width, 4)`, the colors not premultiplied by alpha.
        palette_size: From 2 to 256. A pixel is stored in four bits for up to 16 colors, otherwise in eight.
        colors: The first entries of the palette.
        min_area: The number of pixels that a color must cover to be added to `colors`.
        density: Image pixels per CSS pixel; stored in the file, so that the picture is printed at the same size.
    """
    height, width = rgba.shape[:2]
    index, palette = quantize_colors(rgba, palette_size, colors, min_area)
    bits = 4 if len(palette) <= 16 else 8
    rows = index
    if bits == 4:
        even = np.zeros((height, width + width % 2), np.uint8)
        even[:, :width] = index
        rows = np.bitwise_or(even[:, ::2] << 4, even[:, 1::2]).astype(np.uint8)
    lines = np.zeros((height, rows.shape[1] + 1), np.uint8)  # each line starts with its filter type, 0 for none
    lines[:, 1:] = rows
    compressor = zlib.compressobj(9, zlib.DEFLATED, 15, 9)
    dots = round(_CSS_PIXELS_PER_INCH * density * _INCHES_PER_METRE)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 3, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", dots, dots, 1)),
            _chunk(b"PLTE", palette[:, :3].tobytes()),
            _chunk(b"tRNS", palette[:, 3].tobytes()),
            _chunk(b"IDAT", compressor.compress(lines.tobytes()) + compressor.flush()),
            _chunk(b"IEND", b""),
        )
    )


def png_metadata(png: bytes) -> dict[str, int]:
    """Return the displayed size in CSS pixels of a PNG from `encode_png`, as metadata of a MIME bundle.

    >>> png_metadata(encode_png(np.zeros((40, 100, 4), np.uint8), density=2.0))
    {'width': 50, 'height': 20}
    """
    width, height = struct.unpack(">II", png[16:24])
    dots = struct.unpack(">I", png[png.index(b"pHYs") + 4 :][:4])[0]
    density = dots / _INCHES_PER_METRE / _CSS_PIXELS_PER_INCH
    return {"width": round(width / density), "height": round(height / density)}


def quantize_colors(
    rgba: NDArray[np.uint8], palette_size: int, colors: Sequence[Color] = (), min_area: int = 1
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the palette index of each pixel, `(height, width)`, and the palette, `(entries, 4)`.

    Entry 0 is transparent, and `colors` follow. Then the palette grows by one color of the picture at a time, among
    those that cover at least `min_area` pixels: the one with the largest error, weighted by its number of pixels.
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
    return index_of_key[keys].reshape(rgba.shape[:2]), np.stack(palette)


def halve(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture at half its size, each pixel the alpha-weighted mean of four."""
    height, width = rgba.shape[0] // 2 * 2, rgba.shape[1] // 2 * 2
    alpha = rgba[:height, :width, 3:].astype(np.uint32)
    weighted = np.concatenate([rgba[:height, :width, :3] * alpha, alpha], -1)
    rows = weighted[::2] + weighted[1::2]
    total = rows[:, ::2] + rows[:, 1::2]
    coverage = np.maximum(total[..., 3:], 1)
    total[..., :3] = (total[..., :3] + coverage // 2) // coverage
    total[..., 3] = (total[..., 3] + 2) // 4
    return np.asarray(total, np.uint8)


def _appearance(colors: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return each color as it appears on black and on white, to weight errors equally on dark and on light pages."""
    alpha = colors[..., 3:] / 255
    on_black = colors[..., :3] * alpha
    return np.concatenate([on_black, on_black + 255 * (1 - alpha)], -1)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
