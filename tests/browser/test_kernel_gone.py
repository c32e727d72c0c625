"""The kernel dies: the sound goes on, the panel says so, and the cell run again mends it."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest

from tests.support.browser.notebook_page import Laboratory
from tests.support.browser.server import wait_until
from tests.support.browser.sounds import loop_positions, noise, noise_cell

SHOW = "panel = fx.Peak(frequency=8000.0).panel(x)\npanel"
DRAG = "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input', { bubbles: true })) }"


@pytest.mark.own_page
def test_the_sound_outlives_the_kernel(lab: Laboratory) -> None:
    """Killed while it plays: not a sample is lost, moves wait for nothing, and the cell run again mends it."""
    lab.open(noise_cell(2.0), SHOW)
    lab.play()
    lab.slide("gain_db", 0.55)
    lab.settle()
    panel = lab.page.locator(".fxlab-panel")
    notice = panel.get_by_role("status")
    assert notice.is_hidden()

    def die() -> None:
        os.kill(lab.ask("__import__('os').getpid()"), signal.SIGKILL)
        wait_until(lambda: "The kernel is gone" in notice.inner_text(), 30, "the panel to say so")
        lab.slider("gain_db").evaluate(DRAG, 0.9)
        lab.more(0.5)

    heard = lab.record(die)[0]
    assert np.unique(loop_positions(heard, noise(2.0))).size == 1, "the sound went on"
    assert panel.get_attribute("data-state") == "error"
    assert lab.data("sent") == 1, "nobody is there to send a move to"

    lab.page.locator(".jp-Dialog button.jp-mod-accept").click()  # JupyterLab says that the kernel died
    lab.ready()
    lab.run_all()
    wait_until(lambda: lab.page.locator(".fxlab-panel[data-state=idle]").count() == 1, 30, "the new panel")
    assert panel.count() == 1, "in the place of the old one"
    assert notice.is_hidden()
    lab.play()
    lab.slide("gain_db", 0.6)
    lab.settle()
    assert lab.ask("panel.module.gain_db") == lab.value("gain_db")
    assert lab.complaints == []
