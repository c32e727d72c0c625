"""Poles and zeros in the plane: dragged in conjugate pairs and moved by keys, while the sound follows."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import band_levels, noise, noise_cell
from tests.support.browser.wait import wait_until


def test_a_pole_pair_follows_the_pointer_and_the_sound_follows_it(lab: NotebookPage) -> None:
    lab.open(
        noise_cell(2.0),
        "panel = fx.ZPK(zeros=[1.0, -1.0], poles=[0.6 + 0.6j, 0.6 - 0.6j], gain=0.1).panel(x, views=('plane',))\npanel",
    )
    panel = lab.panel()
    lab.play()
    handle, plot = panel.locator(".root-handle[data-root='p.0']"), panel.locator(".plot.plane").bounding_box()
    assert plot is not None

    def center() -> tuple[float, float]:
        box = handle.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    wait_until(lambda: handle.get_attribute("aria-valuetext") is not None, "the plane to be drawn")
    x, y = center()
    middle = plot["x"] + plot["width"] / 2, plot["y"] + plot["height"] / 2
    unit = (x - middle[0]) / 0.6
    assert middle[1] - y == pytest.approx(0.6 * unit, abs=1.5), "the unit circle is not round"
    mouse = lab.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(middle[0] - 0.5 * unit, middle[1] - 0.8 * unit, steps=15)
    mouse.up()
    lab.settle()
    poles = lab.evaluate("[[p.real, p.imag] for p in panel.module.p.tolist()]")
    assert poles[0] == pytest.approx([-0.5, 0.8], abs=0.02)
    assert poles[1] == [poles[0][0], -poles[0][1]]
    angle = np.arctan2(poles[0][1], poles[0][0])
    centers, wet = band_levels(lab.listen(2.0)[0])
    gain = wet - band_levels(noise(2.0))[1]
    peak = centers[np.argmax(gain)]
    assert peak == pytest.approx(angle / (2 * np.pi) * 44_100, rel=0.15), (
        "the resonance is not at the frequency of the pole"
    )

    handle.focus()
    lab.page.keyboard.press("ArrowUp")
    lab.settle()
    grown = np.hypot(*lab.evaluate("[panel.module.p[0].real.item(), panel.module.p[0].imag.item()]"))
    assert grown == pytest.approx(np.hypot(*poles[0]) + 0.01, abs=1e-5)
    expect(handle).to_have_attribute("aria-valuetext", re.compile("kHz"))
    for _ in range(8):
        lab.page.keyboard.press("ArrowUp")
    lab.panel(state="error")
    expect(panel.locator("[role=alert]")).to_contain_text("unstable")
    wait_until(lambda: lab.level() > -90, "the last valid sound to play")
    for _ in range(6):
        lab.page.keyboard.press("ArrowDown")
    lab.panel(state="idle")
    assert lab.page_errors == []


def test_the_pole_of_a_biquad_sets_its_frequency_and_its_q(lab: NotebookPage) -> None:
    lab.open(noise_cell(1.0), "panel = fx.Peak(4000.0, 12.0, 2.0).panel(x, views=('plane', 'magnitude'))\npanel")
    panel = lab.panel()
    handle = panel.locator(".root-handle[aria-label='Pole pair 1']")
    wait_until(lambda: handle.get_attribute("aria-valuetext") is not None, "the plane to be drawn")
    box = handle.bounding_box()
    assert box is not None
    mouse = lab.page.mouse
    mouse.move(box["x"] + 13, box["y"] + 13)
    mouse.down()
    mouse.move(box["x"] - 60, box["y"] - 20, steps=8)
    mouse.up()
    lab.settle()
    wait_until(lambda: lab.value("frequency") > 5000, "a frequency above 5 kHz")
    shown = [lab.value("frequency"), lab.value("q")]
    assert lab.evaluate("[panel.module.frequency, panel.module.q]") == pytest.approx(shown, rel=1e-3)
    expected = pytest.approx((box["x"] - 73, box["y"] - 33), abs=2.5)

    def is_under_pointer() -> bool:
        after = handle.bounding_box()
        return after is not None and bool((after["x"], after["y"]) == expected)

    wait_until(is_under_pointer, lambda: f"the handle to be under the pointer; it is at {handle.bounding_box()}")
    assert lab.page_errors == []
