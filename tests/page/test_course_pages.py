"""The panels of the course as pages: a program under Node computes what torch computes."""

from __future__ import annotations

from pathlib import Path

import pytest

import fxlab as fx
from tests.support.course_pages import COURSE, errors_of, panels_of


@pytest.mark.parametrize(("name", "count"), [("08-difference-equations", 2), ("09-fir-design", 2)])
def test_panels_of_a_notebook_play_without_a_kernel(name: str, count: int, tmp_path: Path) -> None:
    (notebook,) = (path for path in COURSE if path.stem == f"course-{name}")
    panels = list(panels_of(notebook))
    assert [panel.reason for panel in panels] == count * [""]
    assert max(errors_of(panels, tmp_path)) < -140.0


def test_an_explored_function_says_that_it_needs_a_kernel() -> None:
    def tone(frequency: float = 440.0) -> fx.Signal:
        return fx.sine(frequency, 0.1)

    panel = fx.explore(tone)
    with pytest.raises(fx.CompileError, match=r"tone\(\) calls a function of Python"):
        panel.module.page(panel.signal)
    panel.close()
