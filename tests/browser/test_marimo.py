"""marimo shows the panel in a shadow root, without Jupyter's comms."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from tests.support.browser.marimo_app import Marimo
from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.skip_or_fail import skip_or_fail
from tests.support.browser.sounds import band_levels, butterworth_db, noise
from tests.support.browser.wait import wait_until

RECORD_KEYS = """() => {
  window.keys = [];
  document.addEventListener('keydown', ({ key }) => window.keys.push(key));
}"""


def test_the_panel_plays_in_a_marimo_app(browser: Browser, tmp_path: Path) -> None:
    """It is styled, plays and follows its slider, and the cells that depend on it run again."""
    if find_spec("marimo") is None:
        skip_or_fail("marimo is not installed; it is in the extra `test`")
    server = Marimo(tmp_path)
    lab = NotebookPage(browser, server)
    try:
        lab.page.goto(server.url)
        panel = lab.panel()
        assert panel.evaluate("element => getComputedStyle(element).borderTopLeftRadius") == "8px", (
            "the panel is not styled"
        )
        lab.play()
        lab.set_slider("cutoff", 0.45)
        lab.settle()
        cutoff = lab.value("cutoff")
        assert cutoff == pytest.approx(20 * 1000**0.45, rel=1e-3)
        wait_until(lambda: f"The module has {cutoff} Hz." in lab.page.inner_text("body"), "the other cell to run")
        centers, wet = band_levels(lab.listen(1.0)[0])
        expected = butterworth_db(centers, cutoff)
        audible = expected > -50
        np.testing.assert_allclose((wet - band_levels(noise(2.0))[1])[audible], expected[audible], atol=1.5)
        # Typing works during playback.
        lab.type_in("q", "2")
        lab.settle()
        assert lab.value("q") == 2
        # Keys that the panel does not use reach marimo, whose own keys are handled by the document.
        lab.page.evaluate(RECORD_KEYS)
        lab.slider("cutoff").focus()
        for key in ("a", "ArrowUp", "Control+s", "Shift+Enter", "F2"):
            lab.page.keyboard.press(key)
        assert lab.page.evaluate("() => window.keys") == ["Control", "s", "Shift", "Enter", "F2"]
        assert lab.page_errors == []
    finally:
        lab.close()
        server.close()
