"""The panels of the course as pages: a program under Node computes what torch computes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.course_pages import COURSE, errors_of, panels_of


@pytest.mark.parametrize(
    ("name", "count", "limit"),
    [("02-sampling", 3, -100.0), ("08-difference-equations", 2, -140.0)],
)
def test_panels_of_a_notebook_play_without_a_kernel(name: str, count: int, limit: float, tmp_path: Path) -> None:
    (notebook,) = (path for path in COURSE if path.stem == f"course-{name}")
    panels = list(panels_of(notebook))
    assert [panel.reason for panel in panels] == count * [""]
    assert max(errors_of(panels, tmp_path)) < limit
