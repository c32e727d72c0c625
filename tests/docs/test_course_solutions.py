"""The pages of the course show no solution until a reader opens it."""

import sys
from pathlib import Path

import pytest

from tests.notebooks.test_course_form import COURSE, cells_of, marks

EXTENSIONS = Path(__file__).parents[2] / "docs" / "extensions"


@pytest.fixture
def copied(tmp_path, monkeypatch) -> Path:
    """Return the copy of a notebook that the documentation is built from."""
    monkeypatch.syspath_prepend(str(EXTENSIONS))
    monkeypatch.delitem(sys.modules, "course_solutions", raising=False)
    from course_solutions import copy_with_folded_solutions

    copy_with_folded_solutions(COURSE[0], tmp_path / COURSE[0].name)
    return tmp_path / COURSE[0].name


def test_the_solutions_are_hidden_and_nothing_else_is_changed(copied):
    assert copied.stat().st_mtime == COURSE[0].stat().st_mtime
    hidden = 0
    for before, after in zip(cells_of(COURSE[0]), cells_of(copied), strict=True):
        if not marks(before).get("solution"):
            assert (after.source, after.metadata) == (before.source, before.metadata)
            continue
        hidden += 1
        assert after.metadata.tags == ["hide-input"]
        assert after.metadata.mystnb.code_prompt_show == "Show a solution"
        assert "### " not in after.source
        lines = [line for line in before.source.splitlines() if "### " not in line]
        assert after.source.splitlines() == lines
    assert hidden >= 3
