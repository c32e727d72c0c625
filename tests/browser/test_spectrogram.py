"""The spectrogram of the output, with the playhead over it; a click seeks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.wait import wait_until

CELL = """import fxlab as fx
x = fx.sine(3000.0, 4.0, level_db=-20.0)
panel = fx.LowPass(20_000.0).panel(x, views=("spectrogram",))
panel"""


def test_it_follows_the_sound_and_a_click_seeks(lab: NotebookPage) -> None:
    lab.open(CELL)
    panel = lab.panel()
    plot = panel.locator(".plot.image")
    choose = panel.locator("[data-action=view-source]")
    wait_until(lambda: choose.count() == 1, "the spectrogram to be shown")
    box = panel.locator(".seekable").bounding_box()
    assert box is not None
    lab.page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"])
    wait_until(lambda: lab.position() == pytest.approx(3.0, abs=0.05), "the playhead to move to the click")
    expect(panel.locator(".readout.row > span").first).to_have_text(re.compile(r"^0:03\.0.*dB$", re.DOTALL))
    before = plot.screenshot()
    lab.set_slider("cutoff", 0.0)
    lab.settle()
    wait_until(lambda: plot.screenshot() != before, "a darker spectrogram")
    dark = plot.screenshot()
    choose.select_option("input")
    wait_until(lambda: plot.screenshot() != dark, "the spectrogram of the input")
    expect(choose).to_have_value("input")
    assert lab.page_errors == []
