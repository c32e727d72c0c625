"""The tables of docs/augmentations.md: `python -m tests.support.augmentations_page` writes them, tests check them."""

from __future__ import annotations

import math
import re
from pathlib import Path

from tests.support.parity.comparison import Comparison

PAGE = Path(__file__).parents[2] / "docs" / "augmentations.md"
PEERS = ("audiomentations", "torch-audiomentations")


def marks(peer: str) -> tuple[str, str]:
    """Return the comments before and after the table of a peer."""
    return f"<!-- {peer}: python -m tests.support.augmentations_page -->", f"<!-- end of {peer} -->"


def bound(comparison: Comparison) -> str:
    """Measure the difference; return its text, rounded up to a power of ten or to hundredths of its unit.

    A difference below a thousandth of the unit is rounded up to a power of ten, of at least 1e-4.
    """
    if comparison.difference is None:
        return "–"
    error = comparison.difference()
    if comparison.unit and 0 < error < 1e-3:
        return f"1e{max(-4, math.ceil(math.log10(error)))} {comparison.unit}"
    if comparison.unit:
        return f"{math.ceil(100 * error) / 100:.2f} {comparison.unit}"
    return "0" if error == 0 else f"1e{max(-15, math.ceil(math.log10(error)))}"


def number(cell: str) -> float:
    """Return the difference that a cell of the table allows."""
    found = re.match(r"[0-9.e-]+", cell)
    assert found is not None, cell
    return float(found[0])


def cells(name: str, comparison: Comparison) -> list[str]:
    """Return the first three cells of a row."""
    names = ", ".join(part if "`" in part else f"`{part}`" for part in comparison.ours.split(", "))
    return [f"`{name}`", names, comparison.compared]


def table(rows: dict[str, Comparison]) -> str:
    """Measure all differences; return the table."""
    header = "| theirs | `fx.augment` | compared | largest difference |\n|---|---|---|---|"
    lines = [f"| {' | '.join([*cells(name, row), bound(row)])} |" for name, row in sorted(rows.items())]
    return "\n".join([header, *lines])


def written(peer: str) -> dict[str, list[str]]:
    """Return the cells of the table on the page, by the name in the first one."""
    start, end = marks(peer)
    body = PAGE.read_text(encoding="utf-8").split(start)[1].split(end)[0]
    lines = [line for line in body.splitlines() if line.startswith("| `")]
    found = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {row[0].strip("`"): row for row in found}


def check(peer: str, rows: dict[str, Comparison], name: str) -> None:
    """Assert that the page has the row of this name, and that the difference is not larger than it says."""
    stated = written(peer)
    assert name in stated, "run: python -m tests.support.augmentations_page"
    assert stated[name][:3] == cells(name, rows[name])
    if rows[name].difference is None:
        assert stated[name][3] == "–"
    else:
        # Rounding differs between processors: a stated 0 allows that of float32, and other numbers a tenth more.
        assert rows[name].difference() <= max(1.1 * number(stated[name][3]), 1e-7)  # type: ignore[misc]


if __name__ == "__main__":
    from tests.support.parity import audiomentations_rows, torch_audiomentations_rows

    page = PAGE.read_text(encoding="utf-8")
    for peer, rows in zip(PEERS, (audiomentations_rows.ROWS, torch_audiomentations_rows.ROWS), strict=True):
        start, end = marks(peer)
        before, rest = page.split(start)
        page = f"{before}{start}\n\n{table(rows)}\n\n{end}{rest.split(end)[1]}"
    PAGE.write_text(page, encoding="utf-8")
