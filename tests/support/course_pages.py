"""Saves a page of every panel of the course, and writes their table into docs/live-page.md.

    python -m tests.support.course_pages [folder for the pages]

The cells of a notebook run one after the other in this process. The program of each page runs under Node, on the sound
of its panel, and its output is compared with that of the module.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch

from fxlab.errors import FxlabError
from fxlab.labs.exploration import Exploration
from fxlab.module import Param
from fxlab.page.notebook_output import check_size, reason
from fxlab.page.page import Page
from fxlab.panel import Panel
from fxlab.panel.rendering.sounding_part import sounding_part
from fxlab.signal import Signal
from tests.support.page_programs import error_db, run_programs, values_of

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "live-page.md"
COURSE = sorted((ROOT / "notebooks").glob("course-*.ipynb"))
TABLE = re.compile(r"(<!-- course -->\n).*?(<!-- end -->)", re.S)
HEAD = """| notebook | panels that play, and their difference from torch | panels that need a kernel |
|---|---|---|"""
FRAMES = 4096
"""The length of the sound for a program that runs block by block."""


class SavedPanel(NamedTuple):
    """A panel of a notebook, and its page or the reason why it has none."""

    title: str
    page: Page | None
    module: Any
    signal: Any
    reason: str = ""


def panels_of(notebook: Path) -> Iterator[SavedPanel]:
    """Run the cells of a notebook, and yield each panel that one of them shows."""
    names: dict[str, Any] = {"__name__": "__main__", "display": lambda *_: None}
    for number, cell in enumerate(json.loads(notebook.read_text(encoding="utf-8"))["cells"]):
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        place = f"{notebook.name}, cell {number}"
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(tree, place, "exec"), names)
            value = eval(compile(ast.Expression(last.value), place, "eval"), names) if last else None  # type: ignore[attr-defined]
        if isinstance(value, Panel):
            yield saved(value)
            value.close()


def saved(panel: Panel) -> SavedPanel:
    """Return a panel with its page."""
    title, module, signal = panel.spec["title"], panel.module, panel.signal
    try:
        page = Page(module, signal, views=panel.spec["open_views"])
        check_size(page)
    except FxlabError as error:
        return SavedPanel(title, None, module, signal, reason(error).removeprefix("This panel needs a kernel: "))
    return SavedPanel(title, page, module, signal)


def errors_of(panels: list[SavedPanel], folder: Path) -> list[float]:
    """Return how much the output of each page under Node differs from that of its module in float64, in dB."""
    jobs, expected = [], []
    for panel in panels:
        assert panel.page is not None
        (program,) = panel.page.programs.values()
        x = panel.signal.samples.double()
        x = x[..., :FRAMES] if "live: true" in program else x
        if isinstance(panel.module, Exploration):
            move_sliders(panel.module, panel.signal.sample_rate)
        with torch.no_grad():
            module = sounding_part(panel.module).double()
            expected.append(module(x, sample_rate=panel.signal.sample_rate))
        jobs.append({"program": program, "runs": [{"values": values_of(module), "input": x}]})
    results = run_programs(jobs, folder)
    errors = [result.get("error") for result in results if "error" in result]
    assert not errors, errors
    outputs = [result["runs"][0]["output"] for result in results]
    differences = [error_db(y[..., : wanted.shape[-1]], wanted) for y, wanted in zip(outputs, expected, strict=True)]
    for number, (panel, result) in enumerate(zip(panels, results, strict=True)):
        if isinstance(panel.module, Exploration):
            drawn = drawing_error(panel.module, panel.signal, result["runs"][0]["drawings"])
            differences[number] = max(differences[number], drawn)
    return differences


def move_sliders(module: Exploration, rate: float) -> None:
    """Set the numbers of an explored function to other values than those with which its page was compiled."""
    for _, owner, declaration in module.walk():
        if isinstance(declaration, Param):
            setattr(owner, declaration.name, declaration.from_slider(0.37, rate))


def drawing_error(module: Exploration, signal: Signal, drawings: list[dict[str, Any]]) -> float:
    """Return how much the curves of a function under Node differ from those of the function, in dB.

    The cells of a picture are colors of 256 steps; they may differ by one.
    """
    _, expected = module.evaluate(signal.samples.double(), signal.sample_rate)
    assert [drawing["view"] for drawing in drawings] == list(expected)
    errors = [-340.0]
    for drawing, wanted in zip(drawings, expected.values(), strict=True):
        fields, vectors = wanted.drawing()
        assert drawing["fields"].keys() == fields.keys()
        assert drawing["fields"]["note"] == fields["note"]
        for name, values in vectors.items():
            got = drawing["vectors"][name]
            if wanted.kind == "image":
                assert (got - values).abs().max() <= 1
            else:
                if name.startswith("y"):  # what lies below the axis is not seen, and may be rounding noise or 0
                    low = fields["forms"][0]["y"].get("low", -torch.inf)
                    got, values = got.clamp(min=low), values.clamp(min=low)  # noqa: PLW2901
                assert torch.equal(got.isfinite(), values.isfinite())
                finite = values.isfinite()
                errors.append(error_db(got[finite], values[finite]))
    return max(errors)


def row(notebook: Path, folder: Path, pages: Path | None) -> str:
    """Return the row of a notebook, and save its pages."""
    found = list(panels_of(notebook))
    alive = [panel for panel in found if panel.page is not None]
    errors = errors_of(alive, folder) if alive else []
    if pages is not None:
        for number, panel in enumerate(alive):
            assert panel.page is not None
            panel.page.save(pages / f"{notebook.stem}-{number + 1}.html")
    playing = ", ".join(f"`{panel.title}` ({error:.0f} dB)" for panel, error in zip(alive, errors, strict=True))
    playing = playing.replace("|", "\\|")
    reasons: dict[str, list[str]] = {}
    for panel in found:
        if panel.page is None:
            reasons.setdefault(panel.reason, []).append(f"`{panel.title}`")
    others = " ".join(f"{', '.join(titles)}: {text}" for text, titles in reasons.items()).replace("|", "\\|")
    return f"| {notebook.stem.removeprefix('course-')} | {playing or '–'} | {others or '–'} |"


def main() -> None:
    """Write the table."""
    pages = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder:
        rows = [row(notebook, Path(folder), pages) for notebook in COURSE]
    table = "\n".join([HEAD, *rows, ""])
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(TABLE.sub(lambda match: f"{match[1]}{table}{match[2]}", text), encoding="utf-8")
    print(table)


if __name__ == "__main__":
    main()
