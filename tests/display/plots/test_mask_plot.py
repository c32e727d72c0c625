import html

import numpy as np
import pytest

import fxlab as fx
from fxlab.display import module_bundle, module_picture
from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import DENSITY
from tests.support.pictures import color_mask, pixels

RATE = 48_000


def designed(**change):
    made = fx.design("lowpass", 2000, 4000, ripple_db=1.0, attenuation_db=40.0, method="butterworth", sample_rate=RATE)
    for name, value in change.items():
        setattr(made, name, value)
    return made


def column_of(frequency):
    return DENSITY * (44 + round(428 * np.log(frequency / 20) / np.log(RATE / 2 / 20)))


def test_the_forbidden_areas_are_shaded():
    picture, _ = pixels(module_picture(designed()))
    middle, low = DENSITY * (46 + 60), DENSITY * (46 + 125)  # above and below the limit of the stopband
    for frequency, row, shaded in (
        (200, middle, True),
        (1800, low, True),
        (2700, middle, False),
        (9000, middle, True),
        (19_000, low, False),
    ):
        area = picture[row - 6 : row + 7, column_of(frequency) - 6 : column_of(frequency) + 7, 3]
        assert (np.median(area) > 20) == shaded, (frequency, row)


def test_the_card_gives_the_margins_of_the_mask():
    made = designed()
    margin_db = made.mask.margins(made).stop_db
    page = html.unescape(module_bundle(made)[0]["text/html"])
    assert f"Mask met: margin 0 dB in the passband, {margin_db:.1f} dB in the stopband." in page
    made.order = 3
    missed = -made.mask.margins(made).worst_db
    page = html.unescape(module_bundle(made)[0]["text/html"])
    assert f"Mask missed by {missed:.1f} dB, at 4 kHz." in page
    assert color_mask(pixels(module_picture(made))[0], colors.ALARM).sum() > 50


def test_a_mask_that_was_assigned_is_drawn_unless_it_exceeds_half_the_rate():
    own = fx.LowPass(1000.0)
    plain = module_picture(own, RATE)
    own.mask = fx.Mask("lowpass", 500.0, 12_000.0, 3.0, 30.0)
    assert module_picture(own, RATE) != plain
    assert module_picture(own, 16_000)[1:4] == b"PNG"
    assert "Mask" not in module_bundle(fx.LowPass(1000.0, sample_rate=16_000))[0]["text/html"]


def test_a_deep_stopband_stays_in_the_picture():
    deep = fx.design("lowpass", 2000, 4000, ripple_db=1.0, attenuation_db=100.0, sample_rate=RATE)
    picture, _ = pixels(module_picture(deep))
    curve = color_mask(picture, colors.MAIN)[DENSITY * 46 : DENSITY * 178, column_of(5000) : column_of(20_000)]
    assert curve.any()
    assert module_bundle(deep)[0]["text/html"].count("could not be drawn") == 0


@pytest.mark.parametrize("signal", [fx.noise(duration=0.2, sample_rate=RATE)])
def test_the_picture_of_a_panel_includes_the_mask(signal):
    made = designed()
    shown = module_picture(made, signal=signal)
    made.mask = None
    assert shown != module_picture(made, signal=signal)
