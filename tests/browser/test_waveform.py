"""The waveform view: keys zoom in to single samples, which follow the sliders; a click seeks."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import noise_cell
from tests.support.browser.wait import wait_until


def test_it_zooms_to_samples_that_follow_the_sliders_and_a_click_seeks(lab: NotebookPage) -> None:
    lab.open(noise_cell(4.0), "panel = fx.LowPass(2000.0).panel(x, views=('waveform',))\npanel")
    panel = lab.panel()
    plot, text = panel.locator(".plot.waveform"), panel.locator("[data-view=waveform] .readout > span").first
    box = plot.bounding_box()
    assert box is not None
    wait_until(lambda: text.inner_text().startswith("0:00.000 to 0:04.000"), "the entire waveform to be shown")
    lab.page.mouse.click(box["x"] + 48 + 0.5 * (box["width"] - 78), box["y"] + 100)
    wait_until(lambda: lab.position() == pytest.approx(2.0, abs=0.05), "the playhead to move to the click")
    mouse, y = lab.page.mouse, box["y"] + 100
    mouse.move(box["x"] + 48 + 0.25 * (box["width"] - 78), y)
    mouse.down()
    mouse.move(box["x"] + 48 + 0.375 * (box["width"] - 78), y, steps=6)
    mouse.up()
    lab.play()
    wait_until(lambda: 1.0 <= lab.position() <= 1.5, "the selection to loop")
    positions = [lab.position()]

    def has_looped() -> bool:
        positions.append(lab.position())
        return len(positions) > 20 and any(b < a for a, b in pairwise(positions))

    wait_until(has_looped, "the loop to begin again")
    assert 0.98 <= min(positions) < max(positions) <= 1.53
    lab.pause()
    mouse.click(box["x"] + 48 + 0.5 * (box["width"] - 78), y)
    wait_until(lambda: lab.position() == pytest.approx(2.0, abs=0.05), "the playhead to move back")
    mouse.move(5, 5)
    plot.focus()
    for _ in range(14):
        lab.page.keyboard.press("+")

    def shown() -> tuple[float, float]:
        start, stop = (float(part.split(":")[1]) for part in text.inner_text().split(" to "))
        return start, stop

    span = pytest.approx(4 / 1.5**14, abs=0.0011)
    wait_until(lambda: shown()[1] - shown()[0] == span, "the zoomed range to be shown")
    assert shown()[0] < 2.0 < shown()[1]

    def is_unchanged() -> bool:
        before = plot.screenshot()
        lab.wait_for_page_timers(400)
        return plot.screenshot() == before

    wait_until(is_unchanged, "the samples of the zoomed range to arrive")
    fine = plot.screenshot()
    lab.set_slider("cutoff", 0.2)
    lab.settle()
    wait_until(lambda: plot.screenshot() != fine, "the samples to follow the slider")
    lab.page.keyboard.press("0")
    wait_until(lambda: text.inner_text().startswith("0:00.000 to 0:04.000"), "the entire waveform again")
    assert lab.page_errors == []
