"""The first notebook, executed and saved as by JupyterLab, is small and readable without a kernel.

nbval checks that every cell of every notebook runs without an error (`--nbval-lax`, see pyproject.toml).
"""

import base64
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01-first-filter.ipynb"
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def executed():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    # The state of the widgets is saved too, which JupyterLab does not do by default: the file is then larger.
    NotebookClient(notebook, timeout=600, kernel_name="python3", store_widget_state=True).execute()
    return notebook


@pytest.fixture(scope="module")
def bundles(executed) -> list[dict]:
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    return [output["data"] for output in outputs if "data" in output]


def test_the_notebook_with_all_its_outputs_is_small(executed):
    saved = len(nbformat.writes(executed).encode())
    assert saved <= 200_000, f"{saved} bytes"


def test_the_notebook_shows_panels_and_cards(bundles):
    assert sum(WIDGET in bundle for bundle in bundles) >= 2
    assert sum("text/html" in bundle and WIDGET not in bundle for bundle in bundles) >= 2


def test_a_panel_has_a_picture_for_readers_without_a_kernel(bundles):
    for bundle in bundles:
        if WIDGET in bundle:
            picture = base64.b64decode(bundle["image/png"])
            width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
            assert picture.startswith(b"\x89PNG")
            assert width >= 400
            assert height >= 150


def test_no_sound_is_saved_with_a_panel(executed):
    state = executed.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    panels = [model for model in state.values() if "spec" in model["state"]]
    assert panels
    for model in panels:
        assert not model.get("buffers")
        assert len(str(model["state"])) < 10_000


def test_the_exported_html_contains_every_picture(executed, bundles):
    """That of a card is an image; that of a panel is drawn by the page from the saved state of its widget."""
    page, _ = HTMLExporter(template_name="lab").from_notebook_node(executed)
    for bundle in bundles:
        if WIDGET in bundle:
            assert page.count(bundle[WIDGET]["model_id"]) >= 2, "the view and the state of the widget"
        elif "text/html" in bundle:
            (picture,) = re.findall(r'src="(data:image/[a-z]+;base64,[^"]+)"', bundle["text/html"])
            assert picture in page


def test_a_panel_has_a_table_of_its_parameters_for_viewers_without_widgets(executed, bundles):
    """The notebook is exported as JupyterLab saves it by default, without the state of its widgets."""
    panels = [bundle["text/html"] for bundle in bundles if WIDGET in bundle]
    metadata = {key: value for key, value in executed.metadata.items() if key != "widgets"}
    plain = nbformat.from_dict({**executed, "metadata": metadata})
    page, _ = HTMLExporter(template_name="lab").from_notebook_node(plain)
    assert page.count("A running kernel makes this panel live.") == len(panels) > 1
    for html in panels:
        (picture,) = re.findall(r'src="(data:image/png;base64,[^"]+)"', html)
        (table,) = re.findall(r"<table>.*</table>", html)
        assert picture in page
        assert table in page
