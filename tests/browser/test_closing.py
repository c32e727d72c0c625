"""Whatever way a panel goes away, its thread ends and its audio with it; the cell run again gives a working one."""

from __future__ import annotations

import pytest

from tests.support.browser.notebook_page import Laboratory
from tests.support.browser.server import wait_until
from tests.support.browser.sounds import noise_cell

SHOW = "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel"
pytestmark = pytest.mark.own_page

CONTEXTS = "() => window.audioProbe.contexts()"


def gone(lab: Laboratory) -> None:
    """Nothing of it is left: no thread in the kernel, no open AudioContext, no sound."""
    wait_until(lambda: lab.threads() == 0, 20, "the render thread to end")
    wait_until(lambda: set(lab.page.evaluate(CONTEXTS)) == {"closed"}, 20, "the AudioContext to close")
    assert lab.level() < -150


def run_again(lab: Laboratory, cell: int) -> None:
    """Run the cell anew, play, move the slider, hear it."""
    lab.run_cell(cell)
    wait_until(lambda: lab.page.locator(".fxlab-panel").count() == 1, 20, "one panel to stand there")
    lab.play()
    lab.slide("cutoff", 0.4)
    lab.settle()
    wait_until(lambda: lab.threads() == 1, 20, "no thread but this panel's to be left")


def test_every_way_to_close_frees_thread_and_audio(lab: Laboratory) -> None:
    """`panel.close()`, the cell's output cleared, the cell run again, and the notebook's tab closed."""
    # The thread is to end because it is told so, not because nobody asked for a while.
    lab.open(
        noise_cell(2.0) + "\nfrom fxlab.panel.rendering import render_thread; render_thread.IDLE_TIMEOUT = 1000.0", SHOW
    )
    lab.play()
    lab.slide("cutoff", 0.4)
    assert lab.threads() == 1
    lab.tell("panel.close()")
    assert lab.page.locator(".fxlab-panel").count() == 0
    gone(lab)

    run_again(lab, 1)
    lab.select(1)
    lab.command("notebook:clear-cell-output")
    wait_until(lambda: lab.page.locator(".fxlab-panel").count() == 0, 20, "the output to go")
    gone(lab)

    run_again(lab, 1)
    # Run again while it plays: the new panel takes the place of the old one, which leaves nothing behind.
    run_again(lab, 1)
    assert lab.page.evaluate(CONTEXTS).count("running") == 1

    # A closed tab has lost its line to the kernel and cannot say goodbye: there the thread ends by itself.
    lab.tell("render_thread.IDLE_TIMEOUT = 1.0")
    lab.slide("cutoff", 0.5)
    lab.command("docmanager:save")
    lab.command("application:close")
    wait_until(lambda: lab.page.locator(".jp-Notebook").count() == 0, 20, "the tab to close")
    gone(lab)
    assert lab.complaints == []
