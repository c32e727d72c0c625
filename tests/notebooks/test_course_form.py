"""The form of the notebooks of the course: short cells, small files, and text around every action."""

import nbformat
import pytest

from tests.notebooks.test_first_filter import NOTEBOOK

NOTEBOOKS = sorted(NOTEBOOK.parent.glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_short_and_the_file_is_small(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert path.stat().st_size <= 60_000
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    for cell in notebook.cells:
        assert len(cell.source.splitlines()) <= 15, cell.id


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_text_says_what_follows_and_what_is_heard_or_seen(path):
    cells = nbformat.read(path, as_version=4).cells
    assert cells[0].cell_type == cells[-1].cell_type == "markdown"
    for number, cell in enumerate(cells):
        if cell.cell_type == "code" and cell.id != "import":
            assert cells[number - 1].cell_type == "markdown", cell.id
            after = cells[number + 1]
            assert after.id.endswith(("-heard", "-seen")), cell.id
            assert after.source.startswith("**What you "), cell.id
