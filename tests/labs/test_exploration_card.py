"""The card of an explored function, which is what readers without a kernel see, shows its plots, not a test tone."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
import torch
from PIL import Image
from PIL.ImageColor import getrgb

import fxlab as fx
from fxlab.display import panel_fallback
from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import DENSITY, Canvas
from fxlab.display.cards.module_card import draw_module
from fxlab.display.plots.drawing import Drawing, draw_drawing

BOX = (40, 20, 200, 100)


def picture_of(plot: fx.Plot | fx.Picture) -> np.ndarray:
    """Return the pixels `(y, x, rgba)` of the box in which a plot is drawn."""
    canvas = Canvas(280, 150)
    draw_drawing(canvas, BOX, Drawing(plot.kind, *plot.drawing()), "title")
    left, top, width, height = (DENSITY * side for side in BOX)
    pixels = np.asarray(Image.open(io.BytesIO(canvas.to_png())).convert("RGBA")).astype(int)
    return pixels[top : top + height, left : left + width]


def rows_of(pixels: np.ndarray, color: str) -> np.ndarray:
    """Return the rows that have opaque pixels of about this color."""
    near = (np.abs(pixels[..., :3] - getrgb(color)).max(-1) < 40) & (pixels[..., 3] > 200)
    return np.flatnonzero(near.sum(1) > 20)


def test_a_curve_is_drawn_at_its_value():
    rows = rows_of(picture_of(fx.Plot({"level": [0.75] * 50}, y_range=(0.0, 1.0))), colors.MAIN)
    assert rows.mean() == pytest.approx(0.25 * DENSITY * BOX[3], abs=2)


def test_a_long_curve_keeps_its_peaks():
    curve = torch.zeros(200_001)
    curve[100_003] = 1.0
    pixels = picture_of(fx.Plot({"peak": curve}, y_range=(0.0, 1.0)))
    column = pixels[: len(pixels) // 2, DENSITY * 100 - 6 : DENSITY * 100 + 6, 3]
    assert column.max() > 200


def test_stems_stand_on_zero_and_end_at_their_values():
    pixels = picture_of(fx.Plot({"x[n]": [0.0, 1.0, 0.0]}, y_range=(-1.0, 1.0), stems=("x[n]",)))
    middle = pixels[:, DENSITY * 100 - 3 : DENSITY * 100 + 3, 3].max(1) > 200
    assert middle[4 : DENSITY * 48].all()
    assert not middle[DENSITY * 56 :].any()


def test_the_bottom_row_of_a_picture_is_at_the_bottom():
    levels = torch.full((10, 10), -120.0)
    levels[0] = 0.0
    pixels = picture_of(fx.Picture(levels, depth=80.0))
    assert pixels[-5, 20, :3].sum() > 500 > 100 > pixels[20, 20, :3].sum()


def level(gain: float = 0.5):
    return {"Curve": fx.Plot({"gain": [gain, gain]}, y="dB"), "Second": fx.Plot({"other": [0.0, 1.0]})}


def tone(frequency: float = 440.0):
    return fx.sine(frequency, 0.5)


def both(sound: fx.Signal, gain: float = 0.5):
    return sound * gain, fx.Plot({"curve": [0.0, gain]})


@pytest.mark.parametrize(
    ("function", "takes", "described"),
    [
        (level, False, "the plot 'Curve', the plot 'Second'"),
        (tone, False, "the long-term spectrum of the sound"),
        (both, True, "the plot 'Plot', the long-term spectrum of the sound"),
    ],
)
def test_the_card_and_the_panel_without_a_kernel_show_the_plots(function, takes, described, noise):
    panel = fx.explore(function, noise) if takes else fx.explore(function)
    try:
        assert described in draw_module(panel.module, None, panel.signal).description
        data, _ = panel_fallback(panel.module, panel.signal)
        (text,) = re.findall(r'alt="([^"]+)"', data["text/html"])
        assert described in text.replace("&#x27;", "'")
    finally:
        panel.close()


def test_a_lab_shows_its_plots(noise):
    panel = fx.spectrogram_lab(noise)
    try:
        assert "'Spectrogram', the plot 'Window'" in draw_module(panel.module, None, panel.signal).description
    finally:
        panel.close()
