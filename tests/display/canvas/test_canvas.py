import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import patheffects

from fxlab.display import module_picture
from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import linear_axis
from fxlab.display.canvas.canvas import DENSITY, Canvas, fit_text
from fxlab.display.canvas.frame import Frame
from fxlab.filters import LowPass, Peak
from tests.support.pictures import color_mask, pixels


def test_the_background_is_transparent_and_a_line_is_where_it_was_drawn():
    canvas = Canvas(40, 30)
    canvas.draw_line([10, 30], [20, 20], colors.MAIN, width=2, snap=True)
    picture, dpi = pixels(canvas.to_png())
    assert picture.shape == (30 * DENSITY, 40 * DENSITY, 4)
    assert dpi[0] == pytest.approx(96 * DENSITY, abs=0.1)
    rows, columns = np.nonzero(color_mask(picture, colors.MAIN))
    assert (rows.min(), rows.max()) == (19 * DENSITY, 21 * DENSITY - 1)
    assert (columns.min(), columns.max()) == (10 * DENSITY, 30 * DENSITY - 1)
    assert picture[..., 3].astype(bool).sum() == len(rows)


def test_a_curve_stays_in_its_frame():
    canvas = Canvas(100, 100)
    frame = Frame(canvas, (20, 20, 60, 60), linear_axis(0, 1, ()), linear_axis(0, 1, ()))
    frame.draw_curve([-1, 0, 0.5, 2], [-5, 40, -40, 9], colors.MAIN)
    frame.fill_below([0, 0.5, 1], [0.2, 8.0, -3.0], colors.ACCENT)
    picture, _ = pixels(canvas.to_png())
    drawn = picture[..., 3] > 0
    assert drawn.any()
    drawn[20 * DENSITY : 80 * DENSITY, 20 * DENSITY : 80 * DENSITY] = False
    assert not drawn.any()


def test_the_artists_are_freed_after_drawing():
    """They take megabytes per picture, which would accumulate in a notebook until a rare full garbage collection."""
    gc.disable()
    try:
        canvas = Canvas(200, 100)
        canvas.draw_line([0, 200], [50, 50])
        held = [weakref.ref(canvas._backend.get_renderer()), weakref.ref(canvas._figure.artists[0])]
        png = canvas.to_png()
        assert [ref() for ref in held] == [None, None]
        assert canvas.to_png() == png
    finally:
        gc.enable()


def test_an_image_is_placed_below_the_lines():
    canvas = Canvas(20, 20)
    tile = np.zeros((8, 8, 4), np.uint8)
    tile[:, :4] = (200, 30, 30, 255)
    canvas.draw_image(tile, 5, 6)
    canvas.draw_line([0, 20], [8, 8], colors.MAIN, width=1, snap=True)
    picture, _ = pixels(canvas.to_png())
    assert tuple(picture[6 * DENSITY, 5 * DENSITY]) == (200, 30, 30, 255)
    assert color_mask(picture, colors.MAIN)[:, 5 * DENSITY].any()
    assert picture[6 * DENSITY, 5 * DENSITY + 5, 3] == 0


def test_text_is_shortened_to_the_available_width():
    canvas = Canvas(10, 10)
    parts = ["cutoff 1 kHz", "Q 0.7071", "gain 3 dB"]
    assert fit_text(canvas, parts, 1000) == "cutoff 1 kHz · Q 0.7071 · gain 3 dB"
    for width in (30, 60, 110, 150):
        text = fit_text(canvas, parts, width)
        assert text.endswith("…")
        assert canvas.text_width(text) <= width


def test_the_users_matplotlib_styles_do_not_change_the_cards():
    before = module_picture(LowPass(cutoff=500.0))
    with mpl.rc_context({
        "text.usetex": True, "font.family": "cursive", "lines.marker": "o", "lines.linewidth": 9, "axes.grid": True,
        "figure.facecolor": "red", "figure.autolayout": True, "savefig.dpi": 300, "patch.edgecolor": "green",
        "patch.force_edgecolor": True, "text.color": "pink", "lines.antialiased": False, "text.parse_math": True,
    }):  # fmt: skip
        assert module_picture(LowPass(cutoff=500.0)) == before


def drawing():
    canvas = Canvas(200, 100)
    dashed = colors.LineStyle(colors.ACCENT, (6.0, 3.0))
    canvas.draw_line(np.linspace(0, 200, 1000), 50 + 20 * np.sin(np.arange(1000) / 9), colors.MAIN, width=1.4)
    canvas.draw_line([0, 200], [20.3, 20.3], dashed, width=2.0, snap=True)
    canvas.draw_markers([20, 60], [30, 30], "o", colors.MAIN)
    canvas.draw_markers([20, 60], [60, 60], "x", colors.MAIN)
    canvas.draw_markers([20, 60], [80, 80], "dot", colors.MAIN)
    canvas.fill_polygon([(100, 60), (150, 90), (180, 61)], colors.ACCENT, alpha=0.5)
    return canvas.to_png()


@pytest.mark.parametrize(
    "style",
    [
        {"path.sketch": (1, 100, 2)},  # as plt.xkcd() sets it
        {"path.effects": [patheffects.withStroke(linewidth=6, foreground="red")]},
        {"path.snap": False},
        {"path.simplify": False},
        {"path.simplify_threshold": 1.0},
        {"lines.scale_dashes": False},
        {"markers.fillstyle": "left"},
    ],
    ids=lambda style: next(iter(style)),
)
def test_effects_of_styles_do_not_change_drawings(style):
    before = drawing()
    with mpl.rc_context(style):
        assert drawing() == before


@pytest.mark.slow
def test_four_threads_draw_the_same_as_one():
    modules = [
        LowPass(cutoff=300.0 * (1 + number)) | Peak(frequency=2000.0, gain_db=float(number)) for number in range(4)
    ]
    alone = [module_picture(module) for module in modules]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(module_picture, modules * 2))
    assert together == alone * 2
