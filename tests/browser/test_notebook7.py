"""The panel works in Notebook 7, a front end with the same cells as JupyterLab."""

from __future__ import annotations

import pytest

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sound_follows_slider import assert_sound_follows_slider
from tests.support.browser.sounds import noise_cell

pytestmark = pytest.mark.own_page


def test_the_panel_plays_in_notebook_7(lab: NotebookPage) -> None:
    """It plays, follows its slider, and keys pressed in it do not trigger the notebook's shortcuts."""
    lab.open(noise_cell(2.0), "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel", app="notebooks")
    assert "/notebooks/" in lab.page.url
    assert_sound_follows_slider(lab, seconds=2.0, lowest_db=-60.0, tolerance_db=1.0)
    cutoff = lab.value("cutoff")
    lab.select(1)
    lab.slider("cutoff").focus()
    for key in ("d", "d", "x", "a", "ArrowUp"):
        lab.page.keyboard.press(key)
    lab.settle()
    assert lab.page.locator(".jp-Notebook .jp-CodeCell").count() == 2
    assert lab.value("cutoff") == pytest.approx(cutoff * 2 ** (1 / 12), rel=1e-3)
    assert lab.page_errors == []
