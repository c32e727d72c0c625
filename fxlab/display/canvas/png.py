"""A picture as a small PNG: a palette in place of four bytes a pixel.

A card is embedded in a notebook twice, so bytes count. What is drawn has a handful of inks in a few strengths; a
palette of a few dozen entries shows them with no visible difference in a fifth of the bytes.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_INCHES_PER_METRE = 39.3701
_CSS_DOTS_PER_INCH = 96


def encode(rgba: NDArray[np.uint8], *, colours: int = 10, density: float = 2.0) -> bytes:
    """Return the pixels as a PNG with a palette of at most `colours`.

    Args:
        rgba: `(height, width, 4)`, the colours not multiplied by alpha.
        colours: From 2 to 256.
        density: Pixels of the picture for one of the page; written into the file so that print keeps the size.
    """
    height, width = rgba.shape[:2]
    index, palette = quantise(rgba, colours)
    bits = 4 if len(palette) <= 16 else 8
    rows = index
    if bits == 4:
        even = np.zeros((height, width + width % 2), np.uint8)
        even[:, :width] = index
        rows = np.bitwise_or(even[:, ::2] << 4, even[:, 1::2]).astype(np.uint8)
    lines = np.zeros((height, rows.shape[1] + 1), np.uint8)  # each line begins with its filter: none
    lines[:, 1:] = rows
    packer = zlib.compressobj(8, zlib.DEFLATED, 15, 9)
    dots = round(_CSS_DOTS_PER_INCH * density * _INCHES_PER_METRE)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 3, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", dots, dots, 1)),
            _chunk(b"PLTE", palette[:, :3].tobytes()),
            _chunk(b"tRNS", palette[:, 3].tobytes()),
            _chunk(b"IDAT", packer.compress(lines.tobytes()) + packer.flush()),
            _chunk(b"IEND", b""),
        )
    )


def quantise(rgba: NDArray[np.uint8], colours: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return each pixel's place in a palette, `(height, width)`, and the palette, `(entries, 4)`.

    The palette is grown one entry at a time from what is in the picture: next comes whatever is worst served, weighed
    by how much there is of it. Entry 0 is transparent.
    """
    pixels = np.ascontiguousarray(rgba).view("<u4")[..., 0]
    # Bins of 5 bits a colour and 4 of alpha, in which the inks' many strengths gather.
    keys = (pixels >> 28 << 15) | (pixels >> 19 & 31) << 10 | (pixels >> 11 & 31) << 5 | (pixels >> 3 & 31)
    keys = keys.astype(np.int64).ravel()
    counts = np.bincount(keys, minlength=1 << 19)
    counts[: 1 << 15] = 0
    bins = np.flatnonzero(counts)
    member = np.zeros(1 << 19, np.uint32)
    member[keys] = pixels.ravel()
    entries = member[bins].astype("<u4").view(np.uint8).reshape(-1, 4)
    # Seen over white and over black: the two together are what a reader of either page sees.
    alpha = entries[:, 3:] / 255
    looks = np.concatenate([entries[:, :3] * alpha, entries[:, :3] * alpha + 255 * (1 - alpha)], -1)
    chosen: list[int] = []
    error = ((looks - [0, 0, 0, 255, 255, 255]) ** 2).sum(-1)  # to the transparent entry
    nearest = np.zeros(len(bins), np.uint8)
    weight = np.sqrt(counts[bins])
    while len(chosen) < min(colours - 1, len(bins)) and error.max(initial=0.0) > 0:
        chosen.append(int(np.argmax(error * weight)))
        distance = ((looks - looks[chosen[-1]]) ** 2).sum(-1)
        nearer = distance < error
        nearest[nearer], error[nearer] = len(chosen), distance[nearer]
    palette = np.zeros((len(chosen) + 1, 4), np.uint8)
    palette[1:] = entries[chosen]
    places = np.zeros(1 << 19, np.uint8)
    places[bins] = nearest
    return places[keys].reshape(rgba.shape[:2]), palette


def halve(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture at half its size: each pixel the mean of four."""
    height, width = rgba.shape[0] // 2 * 2, rgba.shape[1] // 2 * 2
    alpha = rgba[:height, :width, 3:].astype(np.uint32)
    weighed = np.concatenate([rgba[:height, :width, :3] * alpha, alpha], -1)
    rows = weighed[::2] + weighed[1::2]
    total = rows[:, ::2] + rows[:, 1::2]
    covered = np.maximum(total[..., 3:], 1)
    total[..., :3] = (total[..., :3] + covered // 2) // covered
    total[..., 3] = (total[..., 3] + 2) // 4
    return np.asarray(total, np.uint8)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
