"""`.ci/notebooks.py` removes outputs and ids from notebooks, and keeps sources, tags and the metadata of nbgrader."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).parents[2]
METADATA = {"tags": ["kept"], "nbgrader": {"grade_id": "kept", "solution": True}}


def clean(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `.ci/notebooks.py` with these arguments."""
    command = [sys.executable, str(ROOT / ".ci" / "notebooks.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def executed(tmp_path) -> Path:
    """Return the path of a notebook as a front end saves it after it has been run."""
    output = new_output("execute_result", {"text/plain": "42"}, execution_count=3)
    cells = [
        new_markdown_cell("# Größe *x*", metadata={"editable": True}),
        new_code_cell("6 * 7", execution_count=3, outputs=[output], metadata=METADATA | {"scrolled": True}),
    ]
    path = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"widgets": {"state": {}}, "toc": 1}), path)
    return path


def test_check_names_the_file_and_does_not_change_it(executed):
    before = executed.read_bytes()
    process = clean("--check", executed)
    assert process.returncode == 1
    assert str(executed) in process.stdout
    assert executed.read_bytes() == before


def test_a_cleaned_notebook_passes_and_has_the_same_sources(executed):
    assert clean(executed).returncode == 0
    assert clean("--check", executed).returncode == 0
    notebook = nbformat.read(executed, as_version=4)
    nbformat.validate(notebook)
    text, code = notebook.cells
    assert text.source == "# Größe *x*"
    assert code.source == "6 * 7"
    assert code.outputs == []
    assert code.execution_count is None
    assert code.metadata == METADATA
    assert "id" not in text
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
