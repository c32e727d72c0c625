"""The notebooks of the course print what their text says, every solution passes its check, and no blank does.

The code runs in this process, and the value of each cell is drawn, since a kernel takes seconds to start; nbval runs
only the other notebooks (`testpaths` in pyproject.toml). That nbgrader grades alike is tested with one notebook, in
`test_nbgrader.py`. What a notebook prints is compared with a file in `printed/`;
`python -m tests.notebooks.test_course_answers` writes these files, to be read before they are committed.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
import warnings
from pathlib import Path
from typing import Any

import pytest

from fxlab.course import WrongAnswerError
from tests.notebooks.test_course_form import COURSE, cells_of, marks

PRINTED = Path(__file__).parent / "printed"
STUB = "raise NotImplementedError()"
SOLUTION = re.compile(r"### BEGIN SOLUTION.*### END SOLUTION", re.DOTALL)


def draw(value: Any) -> None:
    """Draw a value as Jupyter does below a cell; an error is raised, where a card would show it."""
    if hasattr(value, "_repr_mimebundle_"):
        bundle = value._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        assert "could not be drawn" not in data.get("text/html", "")
    else:
        repr(value)


def run(source: str, names: dict[str, Any], drawn: bool = False) -> str:
    """Run a cell and return what it prints; the value of its last line is drawn if `drawn`, and a panel closed."""
    *statements, last = ast.parse(source).body
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(ast.Module(statements, []), "<cell>", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
            if drawn:
                draw(value)
            if type(value).__name__ == "Panel":
                value.close()
        else:
            exec(compile(ast.Module([last], []), "<cell>", "exec"), names)
    return printed.getvalue()


def run_blank(solution: str, check: str, names: dict[str, Any]) -> None:
    """Run an exercise as nbgrader releases it; the check must fail as it does for a student."""
    with contextlib.suppress(NotImplementedError):
        run(SOLUTION.sub(STUB, solution), names)
    with pytest.raises((NameError, WrongAnswerError)):
        run(check, names)


def run_notebook(path: Path) -> str:
    """Run all cells, and each exercise also without its solution; return what the cells print."""
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = [cell for cell in cells_of(path) if cell.cell_type == "code"]
    printed = []
    for number, cell in enumerate(cells):
        if marks(cell).get("solution"):
            run_blank(cell.source, cells[number + 1].source, dict(names))
        output = run(cell.source, names, drawn=True)
        if marks(cell).get("grade"):
            assert output.startswith("✓ "), output
        printed.append(output)
    return "\n".join(output for output in printed if output)


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_a_notebook_prints_what_it_says_and_its_exercises_need_their_solutions(path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        printed = run_notebook(path)
    assert printed == (PRINTED / f"{path.stem}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    for each in COURSE:
        (PRINTED / f"{each.stem}.txt").write_text(run_notebook(each), encoding="utf-8")
