"""The spectrogram: of what is heard, with the playhead over it; a click seeks."""

from __future__ import annotations

import pytest

from tests.support.browser.notebook_page import Laboratory
from tests.support.browser.server import wait_until

CELL = """import fxlab as fx
x = fx.sine(3000.0, 4.0, level_db=-20.0)
panel = fx.LowPass(20_000.0).panel(x, views=("spectrogram",))
panel"""


def test_it_follows_the_sound_and_a_click_seeks(lab: Laboratory) -> None:
    lab.open(CELL)
    panel = lab.panel()
    plot = panel.locator(".plot.image")
    choose = panel.locator("[data-action=view-source]")
    wait_until(lambda: choose.count() == 1, 20, "the spectrogram to come")
    box = panel.locator(".seekable").bounding_box()
    assert box is not None
    lab.page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"])
    wait_until(lambda: lab.position() == pytest.approx(3.0, abs=0.05), 5, "the playhead to go where the click was")
    said = panel.locator(".readout.row > span").first.inner_text()
    assert said.startswith("0:03.0")
    assert said.endswith("dB")
    before = plot.screenshot()
    lab.slide("cutoff", 0.0)
    lab.settle()
    wait_until(lambda: plot.screenshot() != before, 20, "a darker picture")
    dark = plot.screenshot()
    choose.select_option("input")
    wait_until(lambda: plot.screenshot() != dark, 20, "the picture of the input")
    assert choose.input_value() == "input"
    assert lab.complaints == []
