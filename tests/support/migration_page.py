"""The tables of docs/migration.md: `python -m tests.support.migration_page` writes them.

`tests/docs/test_migration.py` runs each row and compares the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.support.migration import (
    matlab_rows,
    scipy_rows,
    torch_audiomentations_rows,
    torchaudio_rows,
    torchfx_rows,
)
from tests.support.migration.row import Row, names

PAGE = Path(__file__).parents[2] / "docs" / "migration.md"
TOOLS: dict[str, tuple[ModuleType, Callable[[], dict[str, Any]]]] = {
    "SciPy": (scipy_rows, names),
    "torchaudio": (torchaudio_rows, torchaudio_rows.peer_names),
    "torch-audiomentations": (torch_audiomentations_rows, torch_audiomentations_rows.peer_names),
    "TorchFX": (torchfx_rows, dict),
    "MATLAB": (matlab_rows, dict),
}
"""The rows of each tool, and a function that returns the names its calls use; no names: it is not imported."""


def compared(row: Row, imported: bool) -> str:
    """Return the cell on the comparison."""
    if row.tolerance is None or not (row.reference or imported):
        return "runs"
    return f"{row.tolerance:.0e}".replace("e-0", "e-") + ("" if imported and not row.reference else " (SciPy)")


def code(text: str) -> str:
    """Return a cell of code."""
    return "`" + " ".join(text.split()).replace("|", "\\|") + "`"


def table(tool: str) -> str:
    """Return the table of a tool as Markdown."""
    rows, imported = TOOLS[tool][0].ROWS, TOOLS[tool][1] is not dict
    lines = [f"| {tool} | fxlab | largest difference |", "|---|---|---|"]
    for row in rows:
        note = f" {row.note}" if row.note else ""
        lines.append(f"| {code(row.theirs)} | {code(row.ours)}{note} | {compared(row, imported)} |")
    return "\n".join(lines)


def page(text: str) -> str:
    """Return the page with its tables written anew."""
    for tool in TOOLS:
        start, end = f"<!-- table: {tool} -->", "<!-- end of table -->"
        section = f"{start}\n{table(tool)}\n{end}"
        text = re.sub(
            re.escape(start) + ".*?" + re.escape(end), lambda _, section=section: section, text, flags=re.DOTALL
        )
    return text


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
