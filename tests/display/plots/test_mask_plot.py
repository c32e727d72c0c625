import html

import numpy as np
import pytest

import fxlab as fx
from fxlab.display import module_bundle, module_picture
from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import DENSITY
from tests.support.pictures import inked, pixels

RATE = 48_000


def asked(**change):
    made = fx.design("lowpass", 2000, 4000, ripple_db=1.0, attenuation_db=40.0, method="butterworth", sample_rate=RATE)
    for name, value in change.items():
        setattr(made, name, value)
    return made


def place(frequency):
    return DENSITY * (44 + round(428 * np.log(frequency / 20) / np.log(RATE / 2 / 20)))


def test_what_is_forbidden_is_shaded():
    picture, _ = pixels(module_picture(asked()))
    middle, low = DENSITY * (46 + 60), DENSITY * (46 + 125)  # above the attenuation, and below it
    for frequency, row, shaded in (
        (200, middle, True),
        (1800, low, True),
        (2700, middle, False),
        (9000, middle, True),
        (19_000, low, False),
    ):
        there = picture[row - 6 : row + 7, place(frequency) - 6 : place(frequency) + 7, 3]
        assert (np.median(there) > 20) == shaded, (frequency, row)


def test_the_card_says_by_how_much_the_mask_is_met_or_missed():
    made = asked()
    spare = made.mask.margins(made).stop_db
    page = html.unescape(module_bundle(made)["text/html"])
    assert f"Mask met: 0 dB to spare where it passes, {spare:.1f} dB where it stops." in page
    made.order = 3
    missed = -made.mask.margins(made).worst_db
    page = html.unescape(module_bundle(made)["text/html"])
    assert f"Mask missed by {missed:.1f} dB, at 4 kHz." in page
    assert inked(pixels(module_picture(made))[0], colors.ALARM).sum() > 50


def test_a_mask_set_by_hand_is_drawn_too_and_one_beyond_the_rate_is_left_out():
    own = fx.LowPass(1000.0)
    plain = module_picture(own, RATE)
    own.mask = fx.Mask("lowpass", 500.0, 12_000.0, 3.0, 30.0)
    assert module_picture(own, RATE) != plain
    assert module_picture(own, 16_000)[1:4] == b"PNG"
    assert "Mask" not in module_bundle(fx.LowPass(1000.0, sample_rate=16_000))["text/html"]


def test_a_deep_stop_band_stays_in_the_picture():
    deep = fx.design("lowpass", 2000, 4000, ripple_db=1.0, attenuation_db=100.0, sample_rate=RATE)
    picture, _ = pixels(module_picture(deep))
    curve = inked(picture, colors.MAIN)[DENSITY * 46 : DENSITY * 178, place(5000) : place(20_000)]
    assert curve.any()
    assert module_bundle(deep)["text/html"].count("could not be drawn") == 0


@pytest.mark.parametrize("signal", [fx.noise(duration=0.2, sample_rate=RATE)])
def test_the_panels_picture_has_the_mask(signal):
    made = asked()
    shown = module_picture(made, signal=signal)
    made.mask = None
    assert shown != module_picture(made, signal=signal)
