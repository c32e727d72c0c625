"""The picture of a live page fits a light and a dark page."""

import base64
import io
import re

from PIL import Image

import fxlab as fx
from fxlab.page.still import still_picture


def test_the_background_is_transparent():
    html = still_picture(fx.LowPass(), fx.noise(duration=0.1))
    picture = Image.open(io.BytesIO(base64.b64decode(re.search(r'base64,([^"]*)', html)[1])))
    assert picture.convert("RGBA").getpixel((2, picture.height - 2))[3] == 0
