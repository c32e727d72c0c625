"""Settings of nbgrader with which submissions are graded although cells were copied or split.

A front end gives a copied cell, and both halves of a split one, the metadata of the first, so the marks of nbgrader are
no longer unique. nbgrader 0.9 then refuses the submission. In `nbgrader_config.py`:

    from fxlab.course.grading import SANITIZE_PREPROCESSORS

    c = get_config()
    c.Autograde.sanitize_preprocessors = SANITIZE_PREPROCESSORS
"""

from typing import Any


def remove_copied_marks(notebook: Any, resources: Any) -> tuple[Any, Any]:
    """Remove nbgrader's marks from cells whose mark is repeated below or of another assignment; return both arguments.

    The cells themselves remain and are executed. Of several cells with the same mark, the last one keeps it.

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
"""The preprocessors of a submission before it is executed; for `c.Autograde.sanitize_preprocessors`."""
