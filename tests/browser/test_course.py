"""A student works through notebooks of the course: moves every panel, and answers every exercise wrong, then right."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest

from tests.notebooks.test_course_form import CHECK, COURSE, cells_of, marks
from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.wait import wait_until

NOTEBOOKS = ("course-01-sines", "course-11-equalizers", "course-13-delays", "course-15-hearing")
PANELS = {"course-01-sines": 4, "course-11-equalizers": 3, "course-13-delays": 4, "course-15-hearing": 4}
HAVE_RUN = """() => {
  const { content } = window.jupyterapp.shell.currentWidget;
  return content.widgets.every(({ model }) => model.type !== 'code' || model.executionCount !== null);
}"""
CELLS = "() => window.jupyterapp.shell.currentWidget.content.widgets"
PRINTED = f"cell => ({CELLS})()[cell].model.outputs.toJSON().map(output => output.evalue ?? output.text ?? '').join('')"
ERRORS = f"() => ({CELLS})().flatMap(({{ model }}) => model.outputs?.toJSON() ?? []).flatMap(each => each.evalue ?? [])"
TYPE = f"([cell, source]) => ({CELLS})()[cell].model.sharedModel.setSource(source)"


def write_with_wrong_answers(lab: NotebookPage, cells: list[Any]) -> str:
    """Save a notebook whose exercises are all answered with −0.123; return its name.

    JupyterLab goes on after a cell with the tag `raises-exception`, as a student does.
    """
    written = []
    for number, cell in enumerate(cells):
        new = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
        if marks(cell).get("solution"):
            written.append(new(" = ".join([*answers(cells[number + 1].source), "-0.123"])))
        else:
            tags = ["raises-exception"] if marks(cell) else []
            written.append(new(cell.source, metadata={"tags": tags}))
    name = lab.jupyter.write()
    notebook = lab.jupyter.read(name)
    notebook.cells = written
    nbformat.write(notebook, lab.jupyter.root / name)
    return name


def answers(check: str) -> list[str]:
    """Return the names of the variables that a check gets."""
    return re.findall(r"[a-z_]\w*", check.partition("(")[2])


def printed(lab: NotebookPage, cell: int) -> str:
    return str(lab.page.evaluate(PRINTED, cell))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_panels_move_and_exercises_fail_and_are_solved(lab: NotebookPage, name: str) -> None:
    (path,) = (path for path in COURSE if path.stem == name)
    cells = cells_of(path)
    lab.open_saved(write_with_wrong_answers(lab, cells))
    lab.run_all()
    wait_until(lambda: bool(lab.page.evaluate(HAVE_RUN)), "all cells to run")

    exercises = [number for number, cell in enumerate(cells) if marks(cell).get("solution")]
    names = [CHECK.findall(cells[number + 1].source)[0] for number in exercises]
    for number, exercise in zip(exercises, names, strict=True):
        said = printed(lab, number + 1)
        assert said.startswith(f"✗ {exercise}: "), said
        assert "Hint: " in said
    assert len(lab.page.evaluate(ERRORS)) == len(exercises), "a cell without a check fails"

    wait_until(lambda: lab.page.locator(".fxlab-panel").count() == PANELS[name], f"{PANELS[name]} panels to open")
    for number in range(PANELS[name]):
        move_first_slider(lab, number)
    lab.play()
    lab.panel().locator("[data-action=play]").click()

    for number, exercise in zip(exercises, names, strict=True):
        lab.page.evaluate(TYPE, [number, cells[number].source])
        lab.run_cell(number)
        lab.run_cell(number + 1)
        start = f"✓ {exercise}: correct. "
        wait_until(lambda n=number, s=start: printed(lab, n + 1).startswith(s), f"{exercise} to be right")  # type: ignore[misc]
    assert lab.page.evaluate(ERRORS) == []
    assert lab.page_errors == []


def move_first_slider(lab: NotebookPage, number: int) -> None:
    """Move the first slider of a panel, and wait until the number beside it has changed and the kernel has answered."""
    path = lab.panel(number).locator("input[type=range][data-param]").first.get_attribute("data-param") or ""
    before = lab.value(path, number)
    lab.set_slider(path, 0.4 if float(lab.slider(path, number).input_value()) > 0.5 else 0.6, number)
    wait_until(lambda: lab.value(path, number) != before, f"{path} to change")
    lab.wait_for_page_timers()
    lab.panel(number)
