"""Reading back what was drawn."""

import base64
import io
import re

import numpy as np
import soundfile
from PIL import Image


def pixels(png):
    """`(height, width, 4)`, and the picture's pixels for one inch as the file says."""
    image = Image.open(io.BytesIO(png))
    image.load()
    return np.asarray(image.convert("RGBA")), image.info.get("dpi")


def of(bundle):
    """The pixels of a bundle's image/png."""
    return pixels(base64.b64decode(bundle["image/png"]))[0]


def embedded(page):
    """The PNG within a bundle's HTML."""
    return base64.b64decode(re.search(r'<img src="data:image/png;base64,([^"]+)"', page)[1])


def played(page):
    """What the player in the HTML plays: samples `(channels, time)` as integers of 32 bits, rate, subtype."""
    found = re.search(r'<audio [^>]*src="data:audio/flac;base64,([^"]+)"', page)
    with soundfile.SoundFile(io.BytesIO(base64.b64decode(found[1]))) as file:
        assert file.format == "FLAC"
        return file.read(dtype="int32", always_2d=True).T, file.samplerate, file.subtype


def inked(picture, ink, within=6):
    """Where a colour stands, opaque."""
    wanted = np.array([int(ink[place : place + 2], 16) for place in (1, 3, 5)])
    near = np.abs(picture[..., :3].astype(int) - wanted).max(-1) <= within
    return near & (picture[..., 3] > 200)
