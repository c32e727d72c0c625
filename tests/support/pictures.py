"""Decoding of the pictures and sounds on cards."""

import base64
import io
import re

import numpy as np
import soundfile
from PIL import Image


def pixels(file):
    """Return the pixels of a picture, `(height, width, 4)`, and a PNG's resolution in dots per inch as `(x, y)`."""
    image = Image.open(io.BytesIO(file))
    image.load()
    return np.asarray(image.convert("RGBA")), image.info.get("dpi")


def bundle_pixels(bundle):
    """Return the pixels of the `image/png` of a MIME bundle."""
    return pixels(base64.b64decode(bundle["image/png"]))[0]


def embedded_picture(page):
    """Return the WebP in the HTML of a MIME bundle."""
    return base64.b64decode(re.search(r'<img src="data:image/webp;base64,([^"]+)"', page)[1])


def embedded_sound(page):
    """Return the sound of the player in HTML: 32-bit integer samples `(channels, time)`, sample rate, subtype."""
    found = re.search(r'<audio [^>]*src="data:audio/flac;base64,([^"]+)"', page)
    with soundfile.SoundFile(io.BytesIO(base64.b64decode(found[1]))) as file:
        assert file.format == "FLAC"
        return file.read(dtype="int32", always_2d=True).T, file.samplerate, file.subtype


def color_mask(picture, color, tolerance=6):
    """Return where a picture has a color, opaque, as a boolean array `(height, width)`."""
    expected = np.array([int(color[start : start + 2], 16) for start in (1, 3, 5)])
    near = np.abs(picture[..., :3].astype(int) - expected).max(-1) <= tolerance
    return near & (picture[..., 3] > 200)
