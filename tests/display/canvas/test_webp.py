import numpy as np

from fxlab.display.canvas import canvas, colors
from fxlab.display.canvas.canvas import Canvas
from fxlab.display.canvas.palette import quantize_colors
from fxlab.display.canvas.png import encode_png
from fxlab.display.canvas.webp import encode_webp
from fxlab.display.cards.mime_bundle import module_bundle
from fxlab.filters import LowPass
from tests.support.pictures import pixels


def test_a_webp_has_the_pixels_of_the_png():
    """Beyond the alpha of a pixel that cannot be seen, whose color a WebP does not keep."""
    generator = np.random.default_rng(3)
    picture = generator.integers(0, 256, (30, 41, 4)).astype(np.uint8)
    picture[..., 3] = generator.choice([0, 128, 255], picture.shape[:2])
    image = quantize_colors(picture, 64)
    png, webp = pixels(encode_png(image))[0], pixels(encode_webp(image))[0]
    assert np.array_equal(png[..., 3], webp[..., 3])
    visible = png[..., 3] > 0
    assert np.array_equal(png[visible], webp[visible])


def test_a_webp_is_smaller_than_the_png():
    drawing = Canvas(200, 100)
    drawing.draw_line(np.arange(200), 50 + 40 * np.sin(np.arange(200) / 9), colors.MAIN, width=2)
    drawing.draw_text(20, 50, "Magnitude, dB")
    assert len(drawing.to_webp()) < 0.85 * len(drawing.to_png())


def test_without_webp_in_pillow_the_html_contains_the_png(monkeypatch):
    monkeypatch.setattr(canvas, "has_webp", lambda: False)
    data, _ = module_bundle(LowPass())
    assert f'src="data:image/png;base64,{data["image/png"]}"' in data["text/html"]
