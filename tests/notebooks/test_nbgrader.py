"""A teacher grades the course with nbgrader: assignments without solutions, full marks for them, none for a blank."""

import copy
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from fxlab.course.grading import SANITIZE_PREPROCESSORS
from tests.notebooks.test_course_form import COURSE

pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")
ASSIGNMENT = "course"
GRADED = "course-01-sines"


@pytest.fixture(scope="module")
def api(tmp_path_factory) -> Iterator[NbGraderAPI]:
    """Return nbgrader on a new course, whose only assignment consists of all notebooks."""
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader starts the command `alembic`, which is beside Python but need not be on the path.
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        yield new_course(tmp_path_factory.mktemp("nbgrader"))


def new_course(root: Path) -> NbGraderAPI:
    source = root / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    for path in COURSE:
        shutil.copy(path, source)
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.db_url = f"sqlite:///{root}/gradebook.db"
    config.Autograde.sanitize_preprocessors = SANITIZE_PREPROCESSORS
    found = NbGraderAPI(config=config)
    result = found.generate_assignment(ASSIGNMENT)
    assert result["success"], result["error"]
    return found


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def marks(cell) -> dict:
    return cell.metadata.get("nbgrader", {})


def released(api: NbGraderAPI, name: str) -> nbformat.NotebookNode:
    """Return the notebook that students get."""
    return read(Path(api.coursedir.root) / "release" / ASSIGNMENT / f"{name}.ipynb")


def solved(api: NbGraderAPI, name: str) -> nbformat.NotebookNode:
    """Return the released notebook with the solutions written into it."""
    source = {marks(cell)["grade_id"]: cell.source for cell in read(by_name(name)).cells if marks(cell)}
    notebook = released(api, name)
    for cell in notebook.cells:
        if marks(cell).get("solution"):
            cell.source = source[marks(cell)["grade_id"]]
    return notebook


def by_name(name: str) -> Path:
    return next(path for path in COURSE if path.stem == name)


def grade(api: NbGraderAPI, notebook: nbformat.NotebookNode, student: str) -> tuple[float, float]:
    """Submit the notebook and return its score and the highest possible one."""
    folder = Path(api.coursedir.root) / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{GRADED}.ipynb")
    result = api.autograde(ASSIGNMENT, student)
    assert result["success"], result["error"]
    with Gradebook(api.coursedir.db_url) as book:
        found = book.find_submission_notebook(GRADED, ASSIGNMENT, student)
        return found.score, found.max_score


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_the_assignment_has_no_solutions_and_locked_checks(api, path):
    source, notebook = read(path), released(api, path.stem)
    assert len(notebook.cells) == len(source.cells)
    for before, cell in zip(source.cells, notebook.cells, strict=True):
        if marks(cell).get("solution"):
            _, _, rest = before.source.partition("### BEGIN SOLUTION\n")
            for line in rest.partition("### END SOLUTION")[0].splitlines():
                assert line.strip() == "" or line not in cell.source
            assert "raise NotImplementedError()" in cell.source
        else:
            assert cell.source == before.source
        if marks(cell).get("grade"):
            assert cell.metadata.editable is False


def test_solutions_get_full_marks(api):
    score, highest = grade(api, solved(api, GRADED), "solved")
    assert score == highest >= 3


def test_a_blank_gets_none(api):
    assert grade(api, released(api, GRADED), "blank")[0] == 0
    executed = read(Path(api.coursedir.root) / "autograded" / "blank" / ASSIGNMENT / f"{GRADED}.ipynb")
    (shown,) = (cell.outputs for cell in executed.cells if cell.source == "check.to_decibels(to_decibels)")
    # The message of a check alone, without a traceback.
    first, second = shown[0].traceback
    assert first == "✗ to_decibels: to_decibels is not written yet: replace `raise NotImplementedError()`."
    assert second.startswith("  Hint: ")


def test_cells_may_be_added_split_copied_moved_and_changed(api):
    """A front end gives the metadata of a cell to both halves and to copies. Cells of checks are restored."""
    notebook = solved(api, GRADED)
    cells = []
    for cell in notebook.cells:
        kind = marks(cell)
        if kind.get("solution") and "def " not in cell.source:
            cells += [new_markdown_cell("My attempts:"), new_code_cell("fx.LowPass(500).panel(tone)")]
            half = copy.deepcopy(cell)
            half.source = "# A first thought."
            cells += [half, cell, copy.deepcopy(cell)]
        elif kind.get("grade"):
            early = copy.deepcopy(cell)
            cell.source = "pass"
            cells += [early, new_code_cell("1 / 0"), cell]
        else:
            cells.append(cell)
    foreign = new_code_cell("1 / 0", metadata={"nbgrader": dict(marks(half), grade_id="of another notebook")})
    notebook.cells = [cells[0], foreign, *cells[1:]]
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    score, highest = grade(api, notebook, "rearranged")
    assert score == highest
