"""A notebook that was saved with a panel is small, and shows a picture where there is no kernel."""

from __future__ import annotations

import base64
import re

import nbformat
import pytest
from playwright.sync_api import expect

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import noise_cell
from tests.support.browser.wait import wait_until

pytestmark = pytest.mark.own_page

SAVE_STATE = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"
PNG = b"\x89PNG\r\n\x1a\n"


def test_a_saved_panel_is_a_small_picture(lab: NotebookPage) -> None:
    """The saved file contains a picture and no sound; opened by another user and as HTML it shows the picture."""
    name = lab.open(noise_cell(10.0), "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel")
    lab.play()
    lab.set_slider("cutoff", 0.4)
    lab.settle()
    lab.command("docmanager:save")
    path = lab.jupyter.root / name
    wait_until(lambda: "image/png" in path.read_text(), "the notebook to be saved")
    saved = lab.jupyter.read(name)
    bundle = saved.cells[1].outputs[0].data
    assert base64.b64decode(bundle["image/png"]).startswith(PNG)
    assert bundle["text/plain"].startswith("Panel(LowPass(")
    assert set(bundle) == {"text/plain", "image/png", "text/html", "application/vnd.jupyter.widget-view+json"}
    (shown,) = re.findall(r"data:image/png;base64,[^\"]+", bundle["text/html"])
    assert path.stat().st_size < 200_000
    assert "audio" not in path.read_text()
    assert lab.evaluate("len(__import__('fxlab').panel.front_end.built_file('panel.js'))") > 20_000
    assert "fxlab-monitor" not in path.read_text(), "the panel's JavaScript is in the file"

    from nbconvert import HTMLExporter

    html, _ = HTMLExporter().from_filename(str(path))
    assert shown in html
    assert ">Cutoff</td>" in html

    # JupyterLab can save the state of widgets in the file: then the panel draws a picture, and the file is still small.
    lab.command(SAVE_STATE)
    try:
        lab.command("docmanager:save")
        wait_until(lambda: "widgets" in lab.jupyter.read(name).metadata, "the widgets' state to be saved")
        assert path.stat().st_size < 200_000
        assert "fxlab-monitor" not in path.read_text()
        lab.jupyter.end_kernels([name])
        lab.page.reload()
        lab.wait_until_ready()
        picture = lab.page.locator(".fxlab-picture")
        picture.wait_for()
        expect(picture).to_contain_text("Cutoff")
        expect(picture).to_contain_text("kernel")

        def is_large() -> bool:
            box = picture.locator("svg").bounding_box()
            return box is not None and box["width"] > 300 and box["height"] > 60

        wait_until(is_large, "a picture of more than 300 × 60 px")
    finally:
        lab.command(SAVE_STATE)

    # Another user opens it: their JupyterLab does not trust the notebook, and their kernel has no such panel.
    saved.cells.append(nbformat.v4.new_markdown_cell("From another machine."))
    other = "shared-" + name
    nbformat.write(saved, lab.jupyter.root / other)
    lab.open_saved(other)
    image = lab.page.locator(".jp-OutputArea-output img")
    image.wait_for()
    wait_until(lambda: image.evaluate("img => img.complete && img.naturalWidth") > 300, "the picture to be loaded")
    expect(lab.page.locator(".jp-OutputArea-output table", has_text="Cutoff")).to_be_visible()
    assert lab.page.locator(".fxlab-panel").count() == 0
    assert "rror" not in lab.page.locator(".jp-OutputArea").nth(1).inner_text()
    assert lab.page_errors == []
