"""When the kernel dies the sound continues and the panel shows it; running the cell again opens a working panel."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import loop_positions, noise, noise_cell
from tests.support.browser.wait import wait_until

SHOW = "panel = fx.Peak(frequency=8000.0).panel(x)\npanel"
MOVE_SLIDER = "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input', { bubbles: true })) }"


@pytest.mark.own_page
def test_the_sound_outlives_the_kernel(lab: NotebookPage) -> None:
    """Kill the kernel during playback: no sample is lost, and nothing waits for an answer to a parameter change."""
    lab.open(noise_cell(2.0), SHOW)
    lab.play()
    lab.set_slider("gain_db", 0.55)
    lab.settle()
    panel = lab.page.locator(".fxlab-panel")
    notice = panel.get_by_role("status")
    assert notice.is_hidden()

    def kill_kernel() -> None:
        os.kill(lab.evaluate("__import__('os').getpid()"), signal.SIGKILL)
        wait_until(lambda: "The kernel is gone" in notice.inner_text(), "the panel to report it")
        lab.slider("gain_db").evaluate(MOVE_SLIDER, 0.9)
        lab.record_more(0.5)

    recording = lab.record(kill_kernel)[0]
    assert np.unique(loop_positions(recording, noise(2.0))).size == 1, "the sound did not continue"
    expect(panel).to_have_attribute("data-state", "error")
    assert lab.data("sent") == 1, "a change was sent although there is no kernel"

    lab.page.locator(".jp-Dialog button.jp-mod-accept").click()  # JupyterLab reports that the kernel died
    lab.wait_until_ready()
    lab.run_all()
    wait_until(lambda: lab.page.locator(".fxlab-panel[data-state=idle]").count() == 1, "the new panel")
    expect(panel).to_have_count(1)  # in the place of the old one
    expect(notice).to_be_hidden()
    lab.play()
    lab.set_slider("gain_db", 0.6)
    lab.settle()
    assert lab.evaluate("panel.module.gain_db") == lab.value("gain_db")
    assert lab.page_errors == []
