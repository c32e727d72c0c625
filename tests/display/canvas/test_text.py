import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import DENSITY, TEXT_SIZE, Canvas
from fxlab.display.canvas.text import blend_text, text_length, text_mask
from tests.support.pictures import pixels

FONT = f"{mpl.get_data_path()}/fonts/ttf/DejaVuSans.ttf"


def drawn_box(canvas):
    """Return the first and last row and the first and last column, in CSS pixels, of what a canvas shows."""
    rows, columns = np.nonzero(pixels(canvas.to_png())[0][..., 3])
    return [edge / DENSITY for edge in (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1)]


@pytest.mark.parametrize("text", ["Hz", "−12 dB", "cutoff 800 Hz · Q 0.7071", "Übergang"])
def test_text_has_the_extent_of_its_outlines(text):
    """The outlines are matplotlib's, of the same font; hinting moves an edge by up to a pixel of the image."""
    outline = TextPath((0, 0), text, size=TEXT_SIZE, prop=FontProperties(fname=FONT)).get_extents()
    canvas = Canvas(300, 40)
    canvas.draw_text(10, 20, text)
    top, bottom, left, right = drawn_box(canvas)
    baseline = 20 + 0.36 * TEXT_SIZE
    assert (top, bottom) == pytest.approx((baseline - outline.y1, baseline - outline.y0), abs=1.0)
    assert left == pytest.approx(10 + outline.x0, abs=1.0)
    assert right - left == pytest.approx(outline.width, abs=1 + 0.03 * outline.width)


@pytest.mark.parametrize(("align", "edge"), [("left", 0.0), ("center", 0.5), ("right", 1.0)])
def test_text_is_aligned_to_its_position(align, edge):
    canvas = Canvas(300, 40)
    canvas.draw_text(150, 20, "Magnitude", align=align)
    _, _, left, right = drawn_box(canvas)
    width = canvas.text_width("Magnitude")
    assert left == pytest.approx(150 - edge * width, abs=2)
    assert right == pytest.approx(150 + (1 - edge) * width, abs=2)


def test_equal_letters_have_equal_pixels():
    one, two = text_mask("o", 22, False), text_mask("oo", 22, False)
    advance = round(text_length("o", 22, False))
    width = one.coverage.shape[1]
    assert np.array_equal(two.coverage[:, :width], one.coverage)
    assert np.array_equal(two.coverage[:, advance : advance + width], one.coverage)


def test_text_is_blended_over_the_picture():
    mask = text_mask("I", 40, False)._replace(coverage=np.array([[255, 128, 0]], np.uint8), left=0, top=0)
    picture = np.zeros((2, 5, 4), np.uint8)
    picture[0] = (0, 0, 200, 255)
    picture[1, 2] = (0, 0, 200, 128)
    blend_text(picture, mask, 1, 0, (200, 0, 0, 255))
    blend_text(picture, mask, 1, 1, (200, 0, 0, 255))
    assert [tuple(pixel) for pixel in picture[0]] == [
        (0, 0, 200, 255), (200, 0, 0, 255), (100, 0, 100, 255), (0, 0, 200, 255), (0, 0, 200, 255),
    ]  # fmt: skip
    assert tuple(picture[1, 1]) == (200, 0, 0, 255)
    # Coverage 0.5 over opacity 0.5: opacity 0.75, of which two thirds are text.
    assert tuple(picture[1, 2]) == (134, 0, 66, 192)
    assert not picture[1, 3:].any()


@pytest.mark.parametrize(
    ("left", "baseline"), [(-20, 30), (70, 30), (5, 3), (5, 62), (-500, 30), (500, 30), (5, 500), (5, -500)]
)
def test_text_that_extends_beyond_the_picture_is_cut(left, baseline):
    mask = text_mask("Magnitude", 22, False)
    wide, picture = np.zeros((1200, 1400, 4), np.uint8), np.zeros((60, 100, 4), np.uint8)
    blend_text(wide, mask, left + 600, baseline + 550, (120, 120, 120, 255))
    blend_text(picture, mask, left, baseline, (120, 120, 120, 255))
    assert np.array_equal(picture, wide[550:610, 600:700])


def test_text_has_its_color_and_no_text_draws_nothing():
    canvas = Canvas(100, 40)
    canvas.draw_text(5, 20, "")
    canvas.draw_text(5, 20, " ")
    assert not pixels(canvas.to_png())[0].any()
    canvas = Canvas(100, 40)
    canvas.draw_text(5, 20, "■", colors.ACCENT, bold=True)
    picture = pixels(canvas.to_png())[0]
    assert {tuple(color[:3]) for color in picture[picture[..., 3] > 0]} == {tuple(bytes.fromhex(colors.ACCENT[1:]))}
