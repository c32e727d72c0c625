"""Two fingers on a screen: over a handle they turn its q, over the plot they zoom."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.server import Jupyter
from tests.support.browser.sounds import noise_cell
from tests.support.browser.wait import wait_until

Place = tuple[float, float]


@pytest.fixture
def screen(browser: Browser, jupyter: Jupyter) -> Iterator[NotebookPage]:
    """A page on a screen that one touches."""
    laboratory = NotebookPage(browser, jupyter, has_touch=True)
    yield laboratory
    laboratory.close()


class Fingers:
    """One or two fingers; what they do is real to the browser, its own gestures included."""

    def __init__(self, lab: NotebookPage) -> None:
        self._session = lab.context.new_cdp_session(lab.page)
        self._page = lab.page

    def _touch(self, kind: str, *places: Place) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        self._page.wait_for_timeout(20)

    def pinch(self, start: tuple[Place, Place], end: tuple[Place, Place], steps: int = 8) -> None:
        """Two fingers go down, one after the other, move, and are lifted."""
        self._touch("touchStart", start[0])
        self._touch("touchStart", *start)
        for step in range(1, steps + 1):
            part = step / steps
            self._touch(
                "touchMove",
                *((a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])) for a, b in zip(start, end, strict=True)),
            )
        self._touch("touchEnd", end[0])
        self._touch("touchEnd")


def test_two_fingers_turn_a_q_and_zoom_the_plot(screen: NotebookPage) -> None:
    """Fingers that part make the band wider, or the axis longer, about the place between them; the page stays."""
    lab = screen
    lab.open(noise_cell(2.0), "panel = fx.Peak(frequency=1000.0, gain_db=6.0, q=2.0).panel(x)\npanel")
    panel, fingers = lab.panel(), Fingers(lab)
    handle, plot = panel.locator(".handle").bounding_box(), panel.locator(".plot").bounding_box()
    assert handle is not None
    assert plot is not None
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2

    fingers.pinch(((x, y), (x + 60, y)), ((x, y), (x + 120, y)))
    lab.settle()
    assert lab.value("q") == pytest.approx(1.0, rel=0.03), "twice as far apart"
    fingers.pinch(((x, y), (x + 120, y + 5)), ((x, y), (x + 30, y + 5)))
    lab.settle()
    assert lab.value("q") == pytest.approx(4.0, rel=0.03)
    assert [lab.value("frequency"), lab.value("gain_db")] == [1000.0, 6.0]
    assert lab.evaluate("panel.module.q") == lab.value("q")
    assert lab.evaluate("panel._renderer.axes") == {}, "the plot is not zoomed"

    def shown() -> tuple[float, float]:
        held = lab.evaluate("panel._renderer.axes.get('Hz', {})")
        return held.get("low", 20.0), held.get("high", 22_050.0)

    middle, low = plot["x"] + 0.5 * plot["width"], plot["y"] + plot["height"] - 60

    def between() -> float:
        """The frequency in the middle of the plot, where the fingers are."""
        return math.sqrt(shown()[0] * shown()[1])

    before = between()
    fingers.pinch(((middle - 50, low), (middle + 50, low)), ((middle - 100, low), (middle + 100, low)))
    wait_until(lambda: shown()[0] > 21, "the axis to be zoomed")
    lab.page.wait_for_timeout(300)
    assert math.log2(shown()[1] / shown()[0]) == pytest.approx(math.log2(22_050 / 20) / 2, rel=0.03)
    assert between() == pytest.approx(before, rel=0.25)
    # Once more, where one finger alone would move what is shown.
    before, span = between(), math.log2(shown()[1] / shown()[0])
    fingers.pinch(((middle - 50, low), (middle + 50, low)), ((middle - 100, low), (middle + 100, low)))
    wait_until(lambda: math.log2(shown()[1] / shown()[0]) < 0.6 * span, "the axis to be zoomed again")
    lab.page.wait_for_timeout(300)
    assert between() == pytest.approx(before, rel=0.12)
    # Both go along: what is shown goes with them.
    before, span = between(), math.log2(shown()[1] / shown()[0])
    fingers.pinch(((middle - 50, low), (middle + 50, low)), ((middle + 50, low), (middle + 150, low)))
    lab.page.wait_for_timeout(300)
    assert math.log2(shown()[1] / shown()[0]) == pytest.approx(span, rel=0.03)
    assert math.log2(before / between()) == pytest.approx(span * 100 / plot["width"], rel=0.2)
    assert lab.page.evaluate("() => visualViewport.scale") == 1
    assert lab.value("frequency") == 1000.0
    assert lab.page_errors == []


def test_a_tap_on_the_waveform_seeks_and_a_drag_does_not(screen: NotebookPage) -> None:
    lab = screen
    lab.open(noise_cell(4.0), "panel = fx.LowPass(2000.0).panel(x, views=('waveform',))\npanel")
    box = lab.panel().locator(".plot.waveform").bounding_box()
    assert box is not None

    def place(part: float) -> Place:
        return box["x"] + 48 + part * (box["width"] - 78), box["y"] + 100

    lab.page.touchscreen.tap(*place(0.5))
    wait_until(lambda: lab.position() == pytest.approx(2.0, abs=0.05), "the playhead to go where the finger was")
    Fingers(lab).pinch((place(0.1), place(0.2)), (place(0.1), place(0.4)))
    lab.page.wait_for_timeout(200)
    assert lab.position() == pytest.approx(2.0, abs=0.05), "two fingers zoom"
    assert lab.page_errors == []
