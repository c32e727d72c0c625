"""Many panels: at once in one notebook, and one after the other in one cell."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.notebook_scripts import SET_IDLE_TIMEOUT
from tests.support.browser.sounds import loop_positions, noise, noise_cell
from tests.support.browser.wait import wait_until

CONTEXTS = "() => window.audioProbe.contexts()"
FIFTY = """
from IPython.display import display
panels = [fx.Peak(frequency=8000.0).panel(x) for _ in range(50)]
for panel in panels:
    display(panel)
"""


def test_fifty_panels_in_one_notebook(lab: NotebookPage) -> None:
    """All open, one plays and is changed alone; idle panels hold no thread and no AudioContext."""
    lab.open(noise_cell(2.0) + SET_IDLE_TIMEOUT.format(1.0), FIFTY)
    wait_until(lambda: lab.page.locator(".fxlab-panel[data-state=idle]").count() == 50, "fifty panels", seconds=120)
    assert lab.page.evaluate(CONTEXTS) == []
    lab.play(31)
    lab.set_slider("gain_db", 0.6, 31)
    lab.settle(31)
    assert np.unique(loop_positions(lab.listen(0.5)[0], noise(2.0))).size == 1
    assert lab.evaluate("[panel.module.gain_db for panel in panels]") == pytest.approx([*31 * [0.0], 4.8, *18 * [0.0]])
    assert lab.page.evaluate(CONTEXTS) == ["running"]
    wait_until(lambda: lab.render_threads() == 0, "the threads of idle panels to end")
    lab.set_slider("gain_db", 0.7, 31)
    lab.settle(31)
    assert lab.page_errors == []


def test_one_cell_run_twelve_times_in_a_hurry(lab: NotebookPage) -> None:
    """Each run replaces the panel of the previous one, which may not have opened yet; the last panel works."""
    lab.open(noise_cell(2.0) + SET_IDLE_TIMEOUT.format(1000.0), "panel = fx.Peak(frequency=8000.0).panel(x)\npanel")
    lab.play()
    for run in range(12):
        lab.run_cell(1)
        if run % 4 == 0:  # some panels have opened and play when they are replaced
            lab.panel()
            lab.page.locator("[data-action=play]").first.click()
    wait_until(lambda: lab.evaluate("__import__('IPython').get_ipython().execution_count") > 12, "the last run")
    wait_until(lambda: lab.page.locator(".fxlab-panel").count() == 1, "the page to have one panel")
    lab.panel()
    lab.play()
    lab.set_slider("gain_db", 0.6)
    lab.settle()
    assert lab.evaluate("panel.module.gain_db") == pytest.approx(4.8)
    assert np.unique(loop_positions(lab.listen(0.5)[0], noise(2.0))).size == 1, "several panels play at once"
    wait_until(lambda: lab.render_threads() == 1, "the threads of the other panels to end")
    wait_until(lambda: lab.page.evaluate(CONTEXTS).count("running") == 1, "one AudioContext to run")
    assert lab.page_errors == []
