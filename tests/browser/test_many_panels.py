"""Many panels: side by side in one notebook, and one after the other in one cell."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.browser.notebook_page import Laboratory
from tests.support.browser.server import wait_until
from tests.support.browser.sounds import loop_positions, noise, noise_cell

pytestmark = pytest.mark.own_page

CONTEXTS = "() => window.audioProbe.contexts()"
FIFTY = """
from IPython.display import display
from fxlab.panel.rendering import render_thread
render_thread.IDLE_TIMEOUT = 1.0
panels = [fx.Peak(frequency=8000.0).panel(x) for _ in range(50)]
for panel in panels:
    display(panel)
"""


def test_fifty_panels_in_one_notebook(lab: Laboratory) -> None:
    """All open; one plays and is moved alone; those that rest hold no thread and no sound."""
    lab.open(noise_cell(2.0), FIFTY)
    wait_until(lambda: lab.page.locator(".fxlab-panel[data-state=idle]").count() == 50, 120, "fifty panels")
    assert lab.page.evaluate(CONTEXTS) == []
    lab.play(31)
    lab.slide("gain_db", 0.6, 31)
    lab.settle(31)
    assert np.unique(loop_positions(lab.listen(0.5)[0], noise(2.0))).size == 1
    assert lab.ask("[panel.module.gain_db for panel in panels]") == pytest.approx([*31 * [0.0], 4.8, *18 * [0.0]])
    assert lab.page.evaluate(CONTEXTS) == ["running"]
    wait_until(lambda: lab.threads() == 0, 20, "the threads of panels that rest to end")
    lab.slide("gain_db", 0.7, 31)
    lab.settle(31)
    assert lab.complaints == []


def test_one_cell_run_twenty_times_in_a_hurry(lab: Laboratory) -> None:
    """Each run takes the place of the one before, which may not even have opened; the last one works."""
    lab.open(
        noise_cell(2.0) + "\nfrom fxlab.panel.rendering import render_thread; render_thread.IDLE_TIMEOUT = 1000.0",
        "panel = fx.Peak(frequency=8000.0).panel(x)\npanel",
    )
    lab.play()
    for run in range(20):
        lab.run_cell(1)
        if run % 5 == 0:  # and some after they have opened, while they play
            lab.panel()
            lab.page.locator("[data-action=play]").first.click()
    wait_until(lambda: lab.ask("__import__('IPython').get_ipython().execution_count") > 20, 60, "the last run")
    wait_until(lambda: lab.page.locator(".fxlab-panel").count() == 1, 20, "one panel to stand there")
    lab.panel()
    lab.play()
    lab.slide("gain_db", 0.6)
    lab.settle()
    assert lab.ask("panel.module.gain_db") == pytest.approx(4.8)
    assert np.unique(loop_positions(lab.listen(0.5)[0], noise(2.0))).size == 1, "one of them plays, not several"
    wait_until(lambda: lab.threads() == 1, 20, "the threads of the nineteen to end")
    assert lab.page.evaluate(CONTEXTS).count("running") == 1
    assert lab.complaints == []
