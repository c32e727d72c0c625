"""PNG encoding with a small palette instead of four bytes per pixel.

A card is embedded in a notebook twice, so its size matters. A drawing has a handful of colors in a few opacities; a
palette of a few dozen entries shows them without a visible difference in a fifth of the bytes.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_INCHES_PER_METRE = 39.3701
_CSS_PIXELS_PER_INCH = 96


def encode_png(rgba: NDArray[np.uint8], *, palette_size: int = 10, density: float = 2.0) -> bytes:
    """Return the pixels as a PNG with a palette of at most `palette_size` colors.

    Args:
        rgba: `(height, width, 4)`, the colors not premultiplied by alpha.
        palette_size: From 2 to 256.
        density: Image pixels per CSS pixel; stored in the file, so that the picture is printed at the same size.
    """
    height, width = rgba.shape[:2]
    index, palette = quantize_colors(rgba, palette_size)
    bits = 4 if len(palette) <= 16 else 8
    rows = index
    if bits == 4:
        even = np.zeros((height, width + width % 2), np.uint8)
        even[:, :width] = index
        rows = np.bitwise_or(even[:, ::2] << 4, even[:, 1::2]).astype(np.uint8)
    lines = np.zeros((height, rows.shape[1] + 1), np.uint8)  # each line starts with its filter type, 0 for none
    lines[:, 1:] = rows
    compressor = zlib.compressobj(8, zlib.DEFLATED, 15, 9)
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


def quantize_colors(rgba: NDArray[np.uint8], palette_size: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the palette index of each pixel, `(height, width)`, and the palette, `(entries, 4)`.

    The palette grows by one color of the picture at a time: the one with the largest error, weighted by its number of
    pixels. Entry 0 is transparent.
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
    # Each color as it appears on black and on white, so that errors count on dark pages as on light ones.
    alpha = entries[:, 3:] / 255
    appearance = np.concatenate([entries[:, :3] * alpha, entries[:, :3] * alpha + 255 * (1 - alpha)], -1)
    chosen: list[int] = []
    error = ((appearance - [0, 0, 0, 255, 255, 255]) ** 2).sum(-1)  # to the transparent entry
    nearest = np.zeros(len(bins), np.uint8)
    weight = np.sqrt(counts[bins])
    while len(chosen) < min(palette_size - 1, len(bins)) and error.max(initial=0.0) > 0:
        chosen.append(int(np.argmax(error * weight)))
        distance = ((appearance - appearance[chosen[-1]]) ** 2).sum(-1)
        nearer = distance < error
        nearest[nearer], error[nearer] = len(chosen), distance[nearer]
    palette = np.zeros((len(chosen) + 1, 4), np.uint8)
    palette[1:] = entries[chosen]
    index_of_key = np.zeros(1 << 19, np.uint8)
    index_of_key[bins] = nearest
    return index_of_key[keys].reshape(rgba.shape[:2]), palette


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


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
