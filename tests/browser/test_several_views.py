"""One panel in two views, a reloaded page, and several panels at once."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.notebook_scripts import SET_IDLE_TIMEOUT
from tests.support.browser.sounds import loop_positions, noise, noise_cell, tone_level
from tests.support.browser.wait import wait_until

CONTEXTS = "() => window.audioProbe.contexts()"


def test_two_views_are_one_panel_and_a_reloaded_page_finds_it_as_it_was(lab: NotebookPage) -> None:
    """Two views share values, sound and thread; one continues when the other closes, and after a reload of the page."""
    name = lab.open(noise_cell(2.0), "panel = fx.Peak(frequency=8000.0).panel(x)\npanel", "panel")
    lab.panel(1)
    lab.play(1)
    lab.set_slider("gain_db", 0.6, 0)
    lab.settle(0)
    lab.settle(1)
    for number in (0, 1):
        lab.wait_for_value("gain_db", 4.8, number=number)
        expect(lab.panel(number).locator("[data-action=play]")).to_have_attribute("aria-label", "Pause")
    assert lab.value("gain_db", 1) == lab.value("gain_db", 0)
    assert lab.render_threads() == 1
    assert len(lab.page.evaluate(CONTEXTS)) == 1

    def close_one() -> None:
        lab.select(1)
        lab.command("notebook:clear-cell-output")
        wait_until(lambda: lab.page.locator(".fxlab-panel").count() == 1, "the first view to close")
        lab.set_slider("gain_db", 0.55)
        lab.settle()

    found = loop_positions(lab.record(close_one)[0], noise(2.0))
    assert np.unique(found).size == 1, "the playhead jumped when one of the views closed"
    assert lab.evaluate("panel.module.gain_db") == pytest.approx(2.4)

    lab.command("docmanager:save")
    wait_until(lambda: bool(lab.jupyter.read(name).cells[2].outputs), "the view to be saved in the file")
    lab.page.reload()
    lab.wait_until_ready()
    lab.panel()
    lab.wait_for_value("gain_db", 2.4)  # the kernel's value
    lab.play()
    seq = lab.set_slider("gain_db", 0.45)
    lab.settle()
    lab.wait_for_render(seq)
    assert lab.evaluate("panel.module.gain_db") == pytest.approx(-2.4)
    assert lab.render_threads() == 1
    lab.execute(SET_IDLE_TIMEOUT.format(1.0))
    lab.select(2)
    lab.command("notebook:clear-cell-output")
    wait_until(lambda: lab.render_threads() == 0, "the thread to end after the last view")
    assert lab.page_errors == []


def test_two_panels_play_at_once(lab: NotebookPage) -> None:
    """With two tones and two filters, each slider changes only its own tone."""
    lab.open(
        "import fxlab as fx\n"
        "low = fx.LowPass(cutoff=20_000.0).panel(fx.sine(500.0, 2.0, level_db=-20.0))\n"
        "high = fx.HighPass(cutoff=20.0).panel(fx.sine(4000.0, 2.0, level_db=-20.0))\nlow",
        "high",
    )
    lab.play(0)
    lab.panel(1).locator("[data-action=play]").click()

    def tones() -> tuple[float, float]:
        recording = lab.listen(0.5)[0]
        return tone_level(recording, 500.0), tone_level(recording, 4000.0)

    wait_until(lambda: min(tones()) > -25, "both tones to play")
    assert tones() == pytest.approx((-20.0, -20.0), abs=0.5)
    assert lab.page.evaluate(CONTEXTS).count("running") == 1, (
        "panels of the same sample rate do not share one AudioContext"
    )
    lab.set_slider("cutoff", 0.25, 0)  # 112 Hz, so 500 Hz is attenuated by about 26 dB
    lab.settle(0)
    low, high = tones()
    assert low == pytest.approx(-46.0, abs=1.0)
    assert high == pytest.approx(-20.0, abs=0.5)
    assert lab.evaluate("[low.module.cutoff, high.module.cutoff]") == pytest.approx([112.5, 20.0], abs=0.1)
    lab.panel(0).locator("[data-action=play]").click()
    wait_until(lambda: tones()[0] < -100, "the first to be silent")
    assert tones()[1] == pytest.approx(-20.0, abs=0.5)
    assert lab.page_errors == []


def test_the_plot_of_taps_follows_the_sliders(lab: NotebookPage) -> None:
    lab.open(noise_cell(1.0), "panel = (fx.HighPass(60.0) | fx.WindowedSinc(3000.0, taps=31)).panel(x)\npanel")
    panel = lab.panel()
    lab.settle()
    taps = panel.locator(".taps")
    wait_until(lambda: taps.get_attribute("aria-label") == "31 taps", "the taps to be drawn")
    before = taps.screenshot()
    lab.set_slider("1.cutoff", 0.3)
    lab.settle()
    wait_until(lambda: taps.screenshot() != before, "the new impulse response to be drawn")
    lab.set_slider("1.taps", 0.5)
    lab.settle()
    count = lab.evaluate("panel.module[1].taps")
    wait_until(lambda: taps.get_attribute("aria-label") == f"{count} taps", "the number of taps that the slider sets")
    assert lab.page_errors == []
