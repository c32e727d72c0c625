"""Notebook 7 is another shell round the same cells: the panel works there too."""

from __future__ import annotations

import pytest

from tests.support.browser.follows import follows
from tests.support.browser.notebook_page import Laboratory
from tests.support.browser.sounds import noise_cell

pytestmark = pytest.mark.own_page


def test_the_panel_plays_in_notebook_7(lab: Laboratory) -> None:
    """It runs, sounds, follows the slider, and the notebook's shortcuts leave it alone."""
    lab.open(noise_cell(2.0), "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel", app="notebooks")
    assert "/notebooks/" in lab.page.url
    follows(lab, seconds=2.0, floor=-60.0, within=1.0)
    cutoff = lab.value("cutoff")
    lab.select(1)
    lab.slider("cutoff").focus()
    for key in ("d", "d", "x", "a", "ArrowUp"):
        lab.page.keyboard.press(key)
    lab.settle()
    assert lab.page.locator(".jp-Notebook .jp-CodeCell").count() == 2
    assert lab.value("cutoff") == pytest.approx(cutoff * 2 ** (1 / 12), rel=1e-3)
    assert lab.complaints == []
