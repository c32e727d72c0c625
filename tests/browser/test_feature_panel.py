"""The panel of a feature: the sound plays as it is, and the picture follows the sliders while it plays."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import tone_level
from tests.support.browser.wait import wait_until

CELL = """import fxlab as fx
x = fx.sine(3000.0, 4.0, level_db=-20.0)
panel = fx.MelSpectrogram(n_fft=1024, n_mels=40).panel(x)
panel"""


def test_the_picture_follows_the_sliders_while_the_sound_plays(lab: NotebookPage) -> None:
    lab.open(CELL)
    panel = lab.panel()
    assert panel.locator(".tabs button").first.inner_text() == "Mel spectrogram"
    for action in ("bypass", "difference", "match"):
        assert not panel.locator(f"[data-action={action}]").is_visible(), "there is nothing to compare the input with"
    plot = panel.locator(".pane[data-view=feature] .plot.image")
    wait_until(lambda: panel.locator("[data-action=view-scale]").count() == 1, "the picture to be shown")
    expect(panel.locator(".readout.row > span").first).to_have_text(re.compile("40 × .*full-scale sine"))
    lab.play()
    assert tone_level(lab.listen(0.4)[0], 3000.0) == pytest.approx(-20.0, abs=0.5)

    before = plot.screenshot()
    lab.set_slider("n_mels", 0.1)
    lab.settle()
    bands = lab.evaluate("panel.module.n_mels")
    assert bands < 40
    expect(panel.locator(".readout.row > span").first).to_have_text(re.compile(f"{bands} × "))
    wait_until(lambda: plot.screenshot() != before, "the picture with fewer bands")
    assert tone_level(lab.listen(0.4)[0], 3000.0) == pytest.approx(-20.0, abs=0.5), "the sound continues unchanged"

    box = panel.locator(".seekable").bounding_box()
    assert box is not None
    lab.pause()
    lab.page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"])
    wait_until(lambda: lab.position() == pytest.approx(3.0, abs=0.05), "the playhead to move to the click")
    assert lab.page_errors == []


DRAWING = """from fxlab import augment
x = fx.sine(1000.0, 1.0, level_db=-20.0)
panel = augment.Gain(gain_db=(-20.0, 0.0), seed=3).panel(x)
panel"""


def test_a_button_and_a_key_draw_again(lab: NotebookPage) -> None:
    """What is heard is the drawn value that the panel shows; undo returns to the draw before."""
    lab.open(f"import fxlab as fx\n{DRAWING}")
    panel = lab.panel()
    lab.play()
    drawn = panel.locator(".pane[data-view=drawn]")
    shown = []
    for number, draw in enumerate(
        (lambda: None, panel.locator("[data-action=draw]").click, lambda: lab.page.keyboard.press("d"))
    ):
        draw()
        lab.settle()
        assert lab.evaluate("panel.module.draw") == number + 1
        text = lab.evaluate("panel.module.drawn_values(x.samples, x.sample_rate)[0].text")
        expect(drawn.locator(".plot")).to_have_attribute("aria-label", f"Drawn; Gain: {text}")
        shown.append(float(text.removesuffix(" dB").replace("\u2212", "-")))
        assert tone_level(lab.listen(0.3)[0], 1000.0) == pytest.approx(-20.0 + shown[-1], abs=0.1)
    assert len(set(shown)) == 3
    lab.page.keyboard.press("Control+z")
    wait_until(lambda: lab.evaluate("panel.module.draw") == 2, "the draw before")
    assert lab.page_errors == []
