"""Notebooks of the course for the documentation: solutions of exercises are folded away.

They are executed with the other cells, since the checks after them need them; readers open them with a click.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

MARKS = ("### BEGIN SOLUTION", "### END SOLUTION")


def copy_with_folded_solutions(source: Path, target: Path) -> None:
    """Copy a notebook; the copy keeps the time of the last change, so that Sphinx reads changed notebooks only."""
    notebook = json.loads(source.read_text(encoding="utf-8"))
    fold_solutions(notebook)
    target.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    changed = source.stat()
    os.utime(target, ns=(changed.st_atime_ns, changed.st_mtime_ns))


def fold_solutions(notebook: dict[str, Any]) -> None:
    """Make MyST-NB hide the cells of solutions until a reader opens them, and remove the marks for nbgrader in them."""
    for cell in notebook["cells"]:
        if not cell["metadata"].get("nbgrader", {}).get("solution"):
            continue
        cell["metadata"]["tags"] = ["hide-input"]
        cell["metadata"]["mystnb"] = {"code_prompt_show": "Show a solution", "code_prompt_hide": "Hide the solution"}
        lines = [line for line in "".join(cell["source"]).splitlines() if line.strip() not in MARKS]
        cell["source"] = "\n".join(lines)
