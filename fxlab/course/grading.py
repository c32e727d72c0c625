"""Settings with which nbgrader grades submissions in which cells were copied or split.

nbgrader identifies a cell by the `grade_id` in its metadata. When a student copies or splits a cell, the notebook
editor copies the metadata too, so the `grade_id` is no longer unique, and nbgrader 0.9 refuses the submission. To have
it graded, write in `nbgrader_config.py`:

    from fxlab.course.grading import SANITIZE_PREPROCESSORS

    c = get_config()
    c.Autograde.sanitize_preprocessors = SANITIZE_PREPROCESSORS
"""

from typing import Any


def remove_copied_marks(notebook: Any, resources: Any) -> tuple[Any, Any]:
    """Remove nbgrader's metadata from cells that must not be graded; return both arguments.

    These are cells without a `grade_id` in that metadata, and cells whose `grade_id` a later cell has too. The cells
    themselves remain and are executed. `SANITIZE_PREPROCESSORS` contains this function twice, because nbgrader's
    `OverwriteCells` in between removes every `grade_id` that does not belong to the assignment.

    Args:
        notebook: A notebook of the package nbformat, which is changed.
        resources: The dictionary that nbgrader passes from one preprocessor to the next.

    >>> first, second = ({"metadata": {"nbgrader": {"grade_id": "a"}}} for _ in range(2))
    >>> notebook, _ = remove_copied_marks({"cells": [first, second]}, {})
    >>> [cell["metadata"] for cell in notebook["cells"]]
    [{}, {'nbgrader': {'grade_id': 'a'}}]
    """
    seen: set[str] = set()
    for cell in reversed(notebook["cells"]):
        if "nbgrader" not in cell["metadata"]:
            continue
        # OverwriteCells removes the id of a mark that the assignment does not have.
        grade_id = cell["metadata"]["nbgrader"].get("grade_id")
        if grade_id is None or grade_id in seen:
            del cell["metadata"]["nbgrader"]
        else:
            seen.add(grade_id)
    return notebook, resources


SANITIZE_PREPROCESSORS = [
    "nbgrader.preprocessors.ClearOutput",
    "fxlab.course.grading.remove_copied_marks",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "fxlab.course.grading.remove_copied_marks",
    "nbgrader.preprocessors.CheckCellMetadata",
]
"""The value for `c.Autograde.sanitize_preprocessors`: the preprocessors of a submission before it is executed."""
