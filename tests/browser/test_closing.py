"""A panel that is closed, in whatever way, frees its thread and its audio; running the cell again opens a new one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.notebook_scripts import SET_IDLE_TIMEOUT
from tests.support.browser.sounds import noise_cell
from tests.support.browser.wait import wait_until

SHOW = "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel"
pytestmark = pytest.mark.own_page

CONTEXTS = "() => window.audioProbe.contexts()"


def assert_freed(lab: NotebookPage) -> None:
    """Wait until there is no render thread in the kernel, no open AudioContext and no sound."""
    wait_until(lambda: lab.render_threads() == 0, "the render thread to end")
    wait_until(lambda: set(lab.page.evaluate(CONTEXTS)) == {"closed"}, "the AudioContext to close")
    assert lab.level() < -150


def run_again(lab: NotebookPage, cell: int) -> None:
    """Run the cell again, play the new panel and move its slider."""
    lab.run_cell(cell)
    wait_until(lambda: lab.page.locator(".fxlab-panel").count() == 1, "the page to have one panel")
    lab.play()
    lab.set_slider("cutoff", 0.4)
    lab.settle()
    wait_until(lambda: lab.render_threads() == 1, "only the thread of this panel to be left")


def test_every_way_to_close_frees_thread_and_audio(lab: NotebookPage) -> None:
    """`panel.close()`, the cell's output cleared, the cell run again, and the notebook's tab closed."""
    # With this timeout the thread does not end because it is idle: it has to be stopped.
    lab.open(noise_cell(2.0) + SET_IDLE_TIMEOUT.format(1000.0), SHOW)
    lab.play()
    lab.set_slider("cutoff", 0.4)
    wait_until(lambda: lab.render_threads() == 1, "the render thread to start")
    lab.execute("panel.close()")
    expect(lab.page.locator(".fxlab-panel")).to_have_count(0)
    assert_freed(lab)

    run_again(lab, 1)
    lab.select(1)
    lab.command("notebook:clear-cell-output")
    wait_until(lambda: lab.page.locator(".fxlab-panel").count() == 0, "the output to go")
    assert_freed(lab)

    run_again(lab, 1)
    # The cell is run again during playback: the new panel replaces the old one, of which nothing remains.
    run_again(lab, 1)
    wait_until(lambda: lab.page.evaluate(CONTEXTS).count("running") == 1, "one AudioContext to run")

    # A closed tab has no connection to the kernel and cannot send that it closes: the thread ends when it is idle.
    lab.execute(SET_IDLE_TIMEOUT.format(1.0))
    lab.set_slider("cutoff", 0.5)
    lab.command("docmanager:save")
    lab.command("application:close")
    wait_until(lambda: lab.page.locator(".jp-Notebook").count() == 0, "the tab to close")
    assert_freed(lab)
    assert lab.page_errors == []
