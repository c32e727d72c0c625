"""The first notebook, executed and saved as by JupyterLab, is small and readable without a kernel.

An error in one of its cells is a failure. nbval checks the same of the other notebooks (`--nbval-lax`, see
pyproject.toml), except those of the course, which `test_course_answers.py` runs.
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
HINT = "A running kernel makes this panel live."


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


@pytest.fixture(scope="module")
def panels(bundles) -> list[dict]:
    return [bundle for bundle in bundles if bundle["text/plain"].startswith("Panel(")]


def test_the_notebook_shows_panels_and_cards(bundles, panels):
    """The program that executed it shows no widgets, so the panels are pictures."""
    assert len(panels) >= 2
    assert sum("text/html" in bundle for bundle in bundles) >= len(panels) + 2
    assert not any(WIDGET in bundle for bundle in bundles)


def test_a_panel_has_a_picture_for_readers_without_a_kernel(panels):
    for bundle in panels:
        picture = base64.b64decode(bundle["image/png"])
        width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
        assert picture.startswith(b"\x89PNG")
        assert width >= 400
        assert height >= 150


def test_no_sound_is_saved_with_a_panel(executed):
    state = executed.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    models = [model for model in state.values() if "spec" in model["state"]]
    assert models
    for model in models:
        assert not model.get("buffers")
        assert len(str(model["state"])) < 10_000


@pytest.mark.parametrize("with_state", [True, False])
def test_the_exported_html_contains_every_picture_and_table(executed, bundles, panels, with_state):
    """The state of the widgets is saved by nbconvert, and by default not by JupyterLab."""
    metadata = {key: value for key, value in executed.metadata.items() if with_state or key != "widgets"}
    notebook = nbformat.from_dict({**executed, "metadata": metadata})
    page, _ = HTMLExporter(template_name="lab").from_notebook_node(notebook)
    assert page.count(HINT) == len(panels) > 1
    for bundle in bundles:
        if "text/html" in bundle:
            (picture,) = re.findall(r'src="(data:image/[a-z]+;base64,[^"]+)"', bundle["text/html"])
            assert picture in page
    for bundle in panels:
        (table,) = re.findall(r"<table>.*</table>", bundle["text/html"])
        assert table in page
