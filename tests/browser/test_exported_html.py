"""A notebook with a panel that nbconvert executes and exports: the page shows the picture, offline too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser

from tests.support.browser.wait import wait_until

CELLS = ("import fxlab as fx", "fx.LowPass(1000.0).panel(fx.sine(440.0, 0.1))")


@pytest.mark.parametrize("stores_state", [True, False], ids=["with widget state", "without widget state"])
def test_an_executed_and_exported_panel_is_a_picture(browser: Browser, tmp_path: Path, stores_state: bool) -> None:
    """By default nbconvert saves the state of widgets, and shows a widget with a state by scripts from the internet."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    nbformat.write(notebook, tmp_path / "panel.ipynb")
    store = f"--ExecutePreprocessor.store_widget_state={stores_state}"
    command = ["jupyter", "nbconvert", "--execute", "--to", "html", store, str(tmp_path / "panel.ipynb")]
    subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True)
    html = tmp_path / "panel.html"
    assert ("application/vnd.jupyter.widget-state+json" in html.read_text()) is stores_state

    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.goto(html.as_uri())
        picture = page.locator(".jp-OutputArea-output img")
        picture.wait_for()
        wait_until(
            lambda: picture.evaluate("img => img.complete && img.naturalWidth") > 300, "the picture to be loaded"
        )
        box = picture.bounding_box()
        assert box is not None
        assert box["width"] > 300
        assert box["height"] > 150
        assert page.locator(".jp-OutputArea-output table", has_text="Cutoff").is_visible()
        # Online nothing is put in the place of the picture either, since the output has no widget.
        assert page.locator("script[type='application/vnd.jupyter.widget-view+json']").count() == 0
