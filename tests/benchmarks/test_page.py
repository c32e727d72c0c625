"""The page of the benchmarks: a part writes its section when it ends, in the order of the parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import __main__ as runner
from benchmarks.report import MISSED

PAGE = "# Benchmarks\n\nhead\n\n## Second\n\nold machine; 2020-01-01.\n\nold\n\n## Third\n\nolder\n"
PRINT = "print('machine\\n\\n## Table\\n\\nnew')\n"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a page with two sections of three parts: one ends well, one misses a target, one raises an exception."""
    parts = {"First": PRINT, "Second": f"{PRINT}raise SystemExit({MISSED})", "Third": f"{PRINT}raise ValueError"}
    (tmp_path / "parts").mkdir()
    for title, source in parts.items():
        (tmp_path / "parts" / f"{title.lower()}.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(runner, "PARTS", {title: f"parts.{title.lower()}" for title in parts})
    path = tmp_path / "benchmarks.md"
    path.write_text(PAGE)
    monkeypatch.setattr(runner, "PAGE", path)
    return path


def test_a_part_that_fails_leaves_the_page_as_it_was(page: Path) -> None:
    assert runner.main(["third"]) == 1
    assert page.read_text() == PAGE


def test_the_sections_keep_the_order_of_the_parts(page: Path) -> None:
    assert runner.main(["second", "first"]) == 1
    sections = runner.previous_sections()
    assert list(sections) == ["First", "Second", "Third"]
    assert sections["First"].endswith("### Table\n\nnew")
    assert sections["Second"] == sections["First"]
    assert sections["Third"] == "older"
