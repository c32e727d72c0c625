"""Panels of plain functions: sound and curves follow the sliders; without sound there is no player."""

from __future__ import annotations

import re

import pytest

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import tone_level
from tests.support.browser.wait import wait_until

CELL = """import fxlab as fx
import torch
def tone(frequency=fx.Param(500.0, low=100.0, high=10_000.0, unit="Hz", scale="log"), level_db: float = -20.0):
    y = fx.sine(frequency, 1.0, level_db=level_db)
    return y, {"wave": y.samples[0, :200]}
panel = fx.explore(tone)
panel"""
CURVE_ONLY = """import fxlab as fx
import torch
def powers(base: float = 0.5, n: int = 8):
    y = base ** torch.arange(n + 1.0)
    near_zero = fx.Plot({"level": (100 * torch.arange(n + 1.0), y)}, x="Hz", x_range=(0, 200))
    return {"Curves": fx.Plot({"power": y}), "Band": near_zero}
still = fx.explore(powers)
still"""


def test_a_function_is_heard_and_seen_through_its_sliders(lab: NotebookPage) -> None:
    lab.open(CELL)
    panel = lab.panel()
    assert [tab.inner_text() for tab in panel.locator(".tabs button").all()][:2] == ["Curves", "Magnitude"]
    assert not panel.locator(".add-stage").is_visible()
    assert not panel.locator("[data-action=bypass]").is_visible(), "a bypass button without an input"
    lab.play()
    assert tone_level(lab.listen(0.4)[0], 500.0) == pytest.approx(-20.0, abs=0.5)
    plot = panel.locator(".pane[data-view=Curves] .plot")
    before = plot.screenshot()
    lab.set_slider("frequency", 0.5)
    lab.settle()
    assert lab.evaluate("panel.module.frequency") == pytest.approx(1000.0, rel=1e-3)
    assert tone_level(lab.listen(0.4)[0], 1000.0) == pytest.approx(-20.0, abs=0.5)
    wait_until(lambda: plot.screenshot() != before, "the curve to be redrawn")
    assert lab.page_errors == []


def test_what_makes_no_sound_has_no_player(lab: NotebookPage) -> None:
    lab.open(CURVE_ONLY)
    panel = lab.panel()
    assert not panel.locator("[data-action=play]").is_visible()
    assert not panel.locator(".timeline").is_visible()
    assert not panel.locator("[data-action=bypass]").is_visible()
    curve = panel.locator(".pane[data-view=Curves] .plot")
    before = curve.screenshot()
    lab.set_slider("base", 0.9)
    wait_until(lambda: curve.screenshot() != before, "the curve to be redrawn")
    band = panel.locator(".pane[data-view=Band]")
    band.locator(".plot").hover(position={"x": 49, "y": 40})
    wait_until(lambda: re.search(r"\b[01](\.\d+)? Hz", band.inner_text()) is not None, "the axis to begin at 0 Hz")
    width = (band.locator(".plot").bounding_box() or {"width": 0.0})["width"]
    band.locator(".plot").hover(position={"x": width - 31, "y": 40})
    wait_until(lambda: re.search(r"\b(199|200)(\.\d+)? Hz", band.inner_text()) is not None, "it to end at 200 Hz")
    assert lab.page_errors == []


def test_pairs_are_added_and_taken_out_in_the_plane(lab: NotebookPage) -> None:
    lab.open("import fxlab as fx\npanel = fx.pole_zero_lab()\npanel")
    panel = lab.panel()
    roots = panel.locator(".root-handle:visible")
    wait_until(lambda: roots.count() == 2, "a pole pair and a zero pair")
    panel.locator("[data-action=add-pole]").click()
    wait_until(lambda: roots.count() == 3, "another pole pair")
    lab.settle()
    assert lab.evaluate("len(panel.module.p)") == 4
    panel.locator(".root-handle[aria-label='Pole pair 1']").focus()
    lab.page.keyboard.press("Delete")
    wait_until(lambda: roots.count() == 2, "the first pair to be removed")
    focused = "() => document.activeElement.getAttribute('aria-label')"
    wait_until(lambda: lab.page.evaluate(focused) == "Pole pair 1", "the focus on the next root")
    wait_until(lambda: lab.evaluate("len(panel.module.p)") == 2, "the pair to be removed in the kernel")
    panel.locator("[data-action=undo]").click()
    wait_until(lambda: roots.count() == 3, "undo to restore the pair")
    assert lab.page_errors == []
