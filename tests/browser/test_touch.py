"""Pinch gestures on a touch screen: over a handle they change its q, over the plot they zoom."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.server import Jupyter
from tests.support.browser.sounds import noise_cell
from tests.support.browser.wait import wait_until

Place = tuple[float, float]


@pytest.fixture(scope="module")
def touch_page(browser: Browser, jupyter: Jupyter) -> Iterator[NotebookPage]:
    page = NotebookPage(browser, jupyter, has_touch=True)
    yield page
    page.close()


@pytest.fixture
def screen(touch_page: NotebookPage) -> Iterator[NotebookPage]:
    """Provide a page on a touch screen, without open notebooks."""
    yield touch_page
    touch_page.reset()


class Fingers:
    """One or two fingers, whose touches the browser handles like real ones, including its own gestures."""

    def __init__(self, lab: NotebookPage) -> None:
        self._session = lab.context.new_cdp_session(lab.page)
        self._lab = lab

    def _touch(self, kind: str, *places: Place) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        self._lab.wait_for_page_timers(0)

    def pinch(self, start: tuple[Place, Place], end: tuple[Place, Place], steps: int = 8) -> None:
        """Put down two fingers one after the other, move them, and lift them."""
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
    """Spreading two fingers widens the band, or zooms into the axis around their center; the page is not zoomed."""
    lab = screen
    lab.open(noise_cell(2.0), "panel = fx.Peak(frequency=1000.0, gain_db=6.0, q=2.0).panel(x)\npanel")
    panel, fingers = lab.panel(), Fingers(lab)
    handle, plot = panel.locator(".handle").bounding_box(), panel.locator(".plot").bounding_box()
    assert handle is not None
    assert plot is not None
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2

    fingers.pinch(((x, y), (x + 60, y)), ((x, y), (x + 120, y)))
    lab.settle()
    lab.wait_for_value("q", 1.0, rel=0.03)  # twice the distance
    fingers.pinch(((x, y), (x + 120, y + 5)), ((x, y), (x + 30, y + 5)))
    lab.settle()
    lab.wait_for_value("q", 4.0, rel=0.03)  # a quarter of the distance
    assert [lab.value("frequency"), lab.value("gain_db")] == [1000.0, 6.0]
    assert lab.evaluate("panel.module.q") == lab.value("q")
    assert lab.evaluate("panel._renderer.axes") == {}, "the plot is not zoomed"

    def shown() -> tuple[float, float]:
        """Return the visible range in Hz that the kernel has."""
        axis = lab.evaluate("panel._renderer.axes.get('Hz', {})")
        return axis.get("low", 20.0), axis.get("high", 22_050.0)

    def octaves() -> float:
        return math.log2(shown()[1] / shown()[0])

    def wait_for(quantity: Callable[[], float], expected: Any, what: str) -> None:
        wait_until(lambda: bool(quantity() == expected), lambda: f"{what} to be {expected}; it is {quantity()}")

    middle, low = plot["x"] + 0.5 * plot["width"], plot["y"] + plot["height"] - 60

    def between() -> float:
        """Return the frequency in Hz at the center of the plot, between the fingers."""
        return math.sqrt(shown()[0] * shown()[1])

    before = between()
    fingers.pinch(((middle - 50, low), (middle + 50, low)), ((middle - 100, low), (middle + 100, low)))
    wait_until(lambda: shown()[0] > 21, "the axis to be zoomed")
    wait_for(octaves, pytest.approx(math.log2(22_050 / 20) / 2, rel=0.03), "the visible octaves")
    assert between() == pytest.approx(before, rel=0.25)
    # Once more, in a zoomed plot, where a single finger would move the visible range.
    before, span = between(), octaves()
    fingers.pinch(((middle - 50, low), (middle + 50, low)), ((middle - 100, low), (middle + 100, low)))
    wait_until(lambda: octaves() < 0.6 * span, "the axis to be zoomed again")
    wait_for(octaves, pytest.approx(0.5 * span, rel=0.03), "the visible octaves")
    assert between() == pytest.approx(before, rel=0.12)
    # Both fingers move in parallel: the visible range moves with them.
    before, span = between(), octaves()
    fingers.pinch(((middle - 50, low), (middle + 50, low)), ((middle + 50, low), (middle + 150, low)))
    moved = pytest.approx(span * 100 / plot["width"], rel=0.2)
    wait_for(lambda: math.log2(before / between()), moved, "the octaves by which the range has moved")
    assert octaves() == pytest.approx(span, rel=0.03)
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
    wait_until(lambda: lab.position() == pytest.approx(2.0, abs=0.05), "the playhead to move to the tap")
    text = lab.panel().locator("[data-view=waveform] .readout > span").first
    before = text.inner_text()
    Fingers(lab).pinch((place(0.1), place(0.2)), (place(0.1), place(0.4)))
    wait_until(lambda: text.inner_text() != before, "two fingers to zoom")
    lab.wait_for_page_timers()
    assert lab.position() == pytest.approx(2.0, abs=0.05), "two fingers moved the playhead"
    assert lab.page_errors == []
