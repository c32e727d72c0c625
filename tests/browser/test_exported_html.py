"""A notebook with a panel that nbconvert executes and exports: the page shows the picture, offline too."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser

from tests.support.browser.wait import wait_until

CELLS = ("import fxlab as fx", "fx.LowPass(1000.0).panel(fx.sine(440.0, 0.1))")
STATE = "application/vnd.jupyter.widget-state+json"


@pytest.fixture(scope="module")
def executed() -> Any:
    """The notebook, executed by nbconvert, which by default saves the state of widgets."""
    from nbconvert.preprocessors import ExecutePreprocessor

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    ExecutePreprocessor(kernel_name="python3").preprocess(notebook, {})
    return notebook


@pytest.mark.parametrize("stores_state", [True, False], ids=["with widget state", "without widget state"])
def test_an_executed_and_exported_panel_is_a_picture(
    browser: Browser, executed: Any, tmp_path: Path, stores_state: bool
) -> None:
    """nbconvert shows a widget with a state by scripts from the internet."""
    from nbconvert import HTMLExporter

    notebook = copy.deepcopy(executed)
    assert STATE in notebook.metadata["widgets"]
    if not stores_state:  # as with `ExecutePreprocessor.store_widget_state=False`
        del notebook.metadata["widgets"]
    html = tmp_path / "panel.html"
    html.write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    assert (STATE in html.read_text(encoding="utf-8")) is stores_state

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
