"""The form of the notebooks: short cells, small files, text around every action, exercises that nbgrader can grade."""

import re
import symtable
from collections import Counter
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from fxlab.course.check import exercises
from tests.notebooks.test_first_filter import NOTEBOOK

NOTEBOOKS = sorted(NOTEBOOK.parent.glob("*.ipynb"))
COURSE = [path for path in NOTEBOOKS if path.stem.startswith("course-")]
CHECK = re.compile(r"check\.(\w+)\(")


def cells_of(path: Path) -> list:
    """Return the cells of a notebook, with `place`, its number and first line, for messages."""
    notebook = nbformat.read(path, as_version=4)
    for number, cell in enumerate(notebook.cells):
        cell.place = f"cell {number}: {cell.source.partition(chr(10))[0]}"
    return notebook.cells


def marks(cell) -> dict:
    return cell.metadata.get("nbgrader", {})


all_notebooks = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
course = pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)


@all_notebooks
def test_cells_are_short_and_the_file_is_small(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert path.stat().st_size <= 60_000
    for cell in cells_of(path):
        assert len(cell.source.splitlines()) <= 15, cell.place
        assert max(len(line) for line in cell.source.splitlines()) <= 130, cell.place


@all_notebooks
def test_the_first_cell_tells_how_to_install_fxlab(path):
    install, *rest = next(cell.source for cell in cells_of(path) if cell.cell_type == "code").splitlines()
    assert install.startswith("#")
    assert "No module named 'fxlab'" in install
    assert "%pip install fxlab" in install
    assert "import fxlab as fx" in rest


@all_notebooks
def test_text_says_what_follows_and_what_is_heard_or_seen(path):
    cells = cells_of(path)
    assert cells[0].cell_type == cells[-1].cell_type == "markdown"
    actions = [number for number, cell in enumerate(cells) if cell.cell_type == "code" and not marks(cell)]
    assert "import" in cells[actions[0]].source
    for number in actions[1:]:
        assert cells[number - 1].cell_type == "markdown", cells[number].place
        assert cells[number + 1].source.startswith("**What you "), cells[number].place


@all_notebooks
def test_no_line_of_a_paragraph_begins_like_a_list(path):
    """In Markdown a formula that is wrapped before a minus sign becomes a list."""
    for cell in cells_of(path):
        lines = cell.source.splitlines() if cell.cell_type == "markdown" else []
        for before, line in pairwise(lines):
            continues_list = before.startswith(("- ", "  "))
            assert not line.startswith(("- ", "+ ", "* ", "# ")) or not before or continues_list, (
                f"{cell.place}: {line}"
            )


@course
def test_a_notebook_of_the_course_has_aims_first_and_references_last(path):
    cells = cells_of(path)
    assert 20 <= len(cells) <= 40
    assert cells[0].source.startswith("# ")
    assert "After this notebook you can\n\n- " in cells[0].source
    assert cells[-1].source.startswith("## References\n\n- ")


@course
def test_an_exercise_is_text_a_solution_and_a_check(path):
    cells = cells_of(path)
    solutions = [number for number, cell in enumerate(cells) if marks(cell).get("solution")]
    assert len(solutions) >= 3
    grade_ids = [marks(cell)["grade_id"] for cell in cells if marks(cell)]
    assert len(set(grade_ids)) == len(grade_ids) == 2 * len(solutions)
    for count, number in enumerate(solutions, 1):
        text, solution, check = cells[number - 1 : number + 2]
        assert text.source.startswith(f"## Exercise {count}: "), text.place
        name = marks(solution)["grade_id"]
        assert marks(solution) == {
            "grade": False, "grade_id": name, "locked": False, "schema_version": 3, "solution": True, "task": False,
        }  # fmt: skip
        assert marks(check) == {
            "grade": True, "grade_id": f"check-{name}", "locked": True, "points": 1, "schema_version": 3,
            "solution": False, "task": False,
        }  # fmt: skip
        lines = [line.strip() for line in solution.source.splitlines()]
        assert lines.count("### BEGIN SOLUTION") == lines.count("### END SOLUTION") == 1, solution.place
        assert re.fullmatch(rf"check\.{name.replace('-', '_')}\([^\n]*\)", check.source), check.place
        # What is to be stored, or the function that is to be written, is named in the text.
        answers = re.findall(r"[a-z]\w*", check.source.partition("(")[2])
        assert any(f"`{answer}" in text.source for answer in answers), text.place


@course
def test_all_cells_run_without_the_solutions(path):
    """A student who skips an exercise can go on, and its check does not find a variable of another cell."""
    cells = [cell for cell in cells_of(path) if cell.cell_type == "code"]
    assigned: set[str] = set()
    solved: set[str] = set()
    for cell in cells:
        names, used = global_names(cell.source)
        if marks(cell).get("solution"):
            solved |= names
        elif marks(cell):
            answers = set(re.findall(r"[a-z]\w*", cell.source.partition("(")[2]))
            assert not answers & assigned, f"{cell.place}: an earlier cell sets {answers & assigned}"
        else:
            assert not used & solved - assigned - names, f"{cell.place} needs {used & solved - assigned}"
            assigned |= names


@all_notebooks
def test_a_function_with_sliders_reads_no_variable_that_a_later_cell_sets(path):
    cells = [cell for cell in cells_of(path) if cell.cell_type == "code"]
    explored = [number for number, cell in enumerate(cells) if "fx.explore(" in cell.source]
    for number in explored:
        _, used = global_names(cells[number].source, functions_only=True)
        for later in cells[number + 1 :]:
            sets, _ = global_names(later.source)
            assert not used & sets, f"{later.place} sets {used & sets}, which {cells[number].place} reads"


def global_names(source: str, functions_only: bool = False) -> tuple[set[str], set[str]]:
    """Return the global names that a cell sets, and those that it reads, or that its functions read."""
    module = symtable.symtable(source, "cell", "exec")
    sets = {symbol.get_name() for symbol in module.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    reads, tables = set(), module.get_children() if functions_only else [module]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        reads |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (table is module or symbol.is_global())
        }
    return sets, reads


def test_every_exercise_is_in_one_notebook():
    used = Counter(name for path in COURSE for cell in cells_of(path) for name in CHECK.findall(cell.source))
    assert dict(used) == dict.fromkeys(exercises(), 1)
