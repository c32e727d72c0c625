import gc
import subprocess
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor

import matplotlib as mpl
import numpy as np
import pytest

from fxlab.display import module_picture
from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import DENSITY, Canvas, fitted
from fxlab.display.canvas.frame import Frame
from fxlab.display.plots.axis import linear
from fxlab.filters import LowPass, Peak
from tests.support.pictures import inked, pixels


def test_the_ground_is_transparent_and_a_line_lies_where_it_was_drawn():
    sheet = Canvas(40, 30)
    sheet.line([10, 30], [20, 20], colors.MAIN, width=2, snap=True)
    picture, dpi = pixels(sheet.png())
    assert picture.shape == (30 * DENSITY, 40 * DENSITY, 4)
    assert dpi[0] == pytest.approx(96 * DENSITY, abs=0.1)
    rows, columns = np.nonzero(inked(picture, colors.MAIN))
    assert (rows.min(), rows.max()) == (19 * DENSITY, 21 * DENSITY - 1)
    assert (columns.min(), columns.max()) == (10 * DENSITY, 30 * DENSITY - 1)
    assert picture[..., 3].astype(bool).sum() == len(rows)


def test_a_curve_stays_in_its_frame():
    sheet = Canvas(100, 100)
    frame = Frame(sheet, (20, 20, 60, 60), linear(0, 1, ()), linear(0, 1, ()))
    frame.curve([-1, 0, 0.5, 2], [-5, 40, -40, 9], colors.MAIN)
    frame.under([0, 0.5, 1], [0.2, 8.0, -3.0], colors.ACCENT)
    picture, _ = pixels(sheet.png())
    drawn = picture[..., 3] > 0
    assert drawn.any()
    drawn[20 * DENSITY : 80 * DENSITY, 20 * DENSITY : 80 * DENSITY] = False
    assert not drawn.any()


def test_what_a_picture_was_drawn_with_goes_when_it_is_drawn():
    """Megabytes each, which a rare collection would leave to pile up in a notebook whose cells are run again."""
    gc.disable()
    try:
        sheet = Canvas(200, 100)
        sheet.line([0, 200], [50, 50])
        held = [weakref.ref(sheet._canvas.get_renderer()), weakref.ref(sheet._figure.artists[0])]
        png = sheet.png()
        assert [ref() for ref in held] == [None, None]
        assert sheet.png() == png
    finally:
        gc.enable()


def test_an_image_is_laid_down_pixel_by_pixel_under_the_lines():
    sheet = Canvas(20, 20)
    tile = np.zeros((8, 8, 4), np.uint8)
    tile[:, :4] = (200, 30, 30, 255)
    sheet.image(tile, 5, 6)
    sheet.line([0, 20], [8, 8], colors.MAIN, width=1, snap=True)
    picture, _ = pixels(sheet.png())
    assert tuple(picture[6 * DENSITY, 5 * DENSITY]) == (200, 30, 30, 255)
    assert inked(picture, colors.MAIN)[:, 5 * DENSITY].any()
    assert picture[6 * DENSITY, 5 * DENSITY + 5, 3] == 0


def test_words_are_cut_to_the_room_there_is():
    sheet = Canvas(10, 10)
    parts = ["cutoff 1 kHz", "Q 0.7071", "gain 3 dB"]
    assert fitted(sheet, parts, 1000) == "cutoff 1 kHz · Q 0.7071 · gain 3 dB"
    for room in (30, 60, 110, 150):
        words = fitted(sheet, parts, room)
        assert words.endswith("…")
        assert sheet.width_of(words) <= room


def test_a_readers_styles_leave_the_cards_as_they_are():
    before = module_picture(LowPass(cutoff=500.0))
    with mpl.rc_context({
        "text.usetex": True, "font.family": "cursive", "lines.marker": "o", "lines.linewidth": 9, "axes.grid": True,
        "figure.facecolor": "red", "figure.autolayout": True, "savefig.dpi": 300, "patch.edgecolor": "green",
        "patch.force_edgecolor": True, "text.color": "pink", "lines.antialiased": False, "text.parse_math": True,
    }):  # fmt: skip
        assert module_picture(LowPass(cutoff=500.0)) == before


def test_four_threads_draw_what_one_draws():
    modules = [
        LowPass(cutoff=300.0 * (1 + number)) | Peak(frequency=2000.0, gain_db=float(number)) for number in range(4)
    ]
    alone = [module_picture(module) for module in modules]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(module_picture, modules * 2))
    assert together == alone * 2


def test_neither_pyplot_nor_a_card_is_loaded_before_it_is_needed():
    script = """
import sys
import fxlab as fx
import fxlab.display
assert not [name for name in sys.modules if name.startswith("matplotlib")], "import fxlab loads matplotlib"
assert "soundfile" not in sys.modules, "import fxlab loads soundfile"
fx.LowPass()._repr_mimebundle_()
from fxlab.signal import sine
sine(440.0, duration=0.1)._repr_mimebundle_()
assert "matplotlib.figure" in sys.modules
assert "matplotlib.pyplot" not in sys.modules, "a card loads pyplot"
assert "sympy" not in sys.modules, "a card loads sympy, as parts of PyTorch do"
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
