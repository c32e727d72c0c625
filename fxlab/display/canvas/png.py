"""PNG encoding of a picture with a palette, and the displayed size of such a PNG."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from fxlab.display.canvas.palette import PaletteImage

_INCHES_PER_METRE = 39.3701
_CSS_PIXELS_PER_INCH = 96


def encode_png(image: PaletteImage, *, density: float = 2.0) -> bytes:
    """Return a picture as a PNG, with four bits per pixel for up to 16 colors, otherwise eight.

    Args:
        image: The picture.
        density: The number of image pixels per CSS pixel. The file contains it as a resolution, which determines the
            displayed and the printed size.
    """
    indices, palette = image
    height, width = indices.shape
    bits = 4 if len(palette) <= 16 else 8
    rows = indices
    if bits == 4:
        even = np.zeros((height, width + width % 2), np.uint8)
        even[:, :width] = indices
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

    >>> from fxlab.display.canvas.palette import quantize_colors
    >>> png_metadata(encode_png(quantize_colors(np.zeros((40, 100, 4), np.uint8)), density=2.0))
    {'width': 50, 'height': 20}
    """
    width, height = struct.unpack(">II", png[16:24])
    dots = struct.unpack(">I", png[png.index(b"pHYs") + 4 :][:4])[0]
    density = dots / _INCHES_PER_METRE / _CSS_PIXELS_PER_INCH
    return {"width": round(width / density), "height": round(height / density)}


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
