"""The plots: handles by mouse and keyboard, zoom and scales, views side by side, measured curves."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import noise_cell
from tests.support.browser.wait import wait_until

EQ = "panel = (fx.HighPass(cutoff=90.0) | fx.Peak(frequency=1000.0, gain_db=6.0)).panel(x)\npanel"


def press(lab: NotebookPage, *keys: str) -> None:
    for key in keys:
        lab.page.keyboard.press(key)
    lab.settle()


def axis(lab: NotebookPage) -> dict[str, Any]:
    return lab.evaluate("panel._renderer.axes.get('Hz', {})")


def test_a_handle_by_keyboard_and_by_mouse(lab: NotebookPage) -> None:
    """Arrows step, with Shift in fine steps; Alt changes the q; Home and a double click restore the defaults."""
    lab.open(noise_cell(1.0), EQ)
    panel = lab.panel()
    handle = panel.locator(".handle[data-stage='1']")
    expect(handle).to_have_attribute("role", "slider")
    expect(handle).to_have_attribute("aria-label", "2 Peak")
    expect(handle).to_have_attribute("aria-valuetext", "1.00 kHz, +6.0 dB, q 1.00")
    handle.focus()
    press(lab, "ArrowRight", "ArrowUp", "Shift+ArrowUp", "Alt+ArrowUp")
    assert lab.evaluate("panel.module[1].frequency") == pytest.approx(1000 * 2 ** (1 / 12), rel=1e-3)
    assert lab.evaluate("panel.module[1].gain_db") == pytest.approx(6.6)
    assert lab.evaluate("panel.module[1].q") > 1.05
    expect(handle).to_have_attribute("aria-valuetext", "1.06 kHz, +6.6 dB, q 1.12")
    press(lab, "Home")
    assert lab.evaluate("[panel.module[1].gain_db, panel.module[1].q]") == [0.0, 1.0]
    colors = [
        panel.locator(f"{place}").evaluate("(node, name) => getComputedStyle(node)[name]", name)
        for place, name in ((".handle[data-stage='1']", "borderTopColor"), (".stage[data-stage='1'] h4 span", "color"))
    ]
    assert colors[0] == colors[1], "the handle and the heading of a stage have different colors"

    wait_until(lambda: lab.data("drawn") == lab.data("sent"), "the curve to be drawn")
    lab.wait_for_page_timers(1200)  # after which the axis has shrunk to the new curve
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = lab.page.mouse
    mouse.move(x, y)
    mouse.down()
    # Down, where the response of the high-pass extends the axis: it would grow during a drag up, and 1 px be more dB.
    mouse.move(x, y + 40, steps=4)
    lab.settle()
    coarse = lab.value("1.gain_db")
    lab.page.keyboard.down("Shift")
    mouse.move(x, y + 60, steps=4)
    lab.page.keyboard.up("Shift")
    mouse.up()
    lab.settle()
    assert coarse < -1
    assert 0 < coarse - lab.value("1.gain_db") < -0.25 * coarse, (
        "with Shift the gain changes by a tenth for the same distance"
    )
    handle.dblclick()
    lab.settle()
    lab.wait_for_value("1.gain_db", 0.0)
    panel.locator("[data-action=bypass-stage][data-index='1']").click()
    wait_until(
        lambda: str(handle.get_attribute("aria-valuetext")).endswith(", bypassed"),
        "the handle to be marked as bypassed",
    )
    expect(handle).to_have_css("border-top-style", "dotted")
    assert lab.page_errors == []


def test_zoom_and_scales_are_the_kernels_too(lab: NotebookPage) -> None:
    """Responses are computed for the visible range of an axis, which all views with this axis share."""
    lab.open(noise_cell(1.0), EQ)
    panel = lab.panel()
    for view, keys in (("magnitude", []), ("delay", ["Shift"])):
        panel.locator(f"[data-action=view][data-view={view}]").click(modifiers=keys)  # type: ignore[arg-type]
    plots = panel.locator(".pane .plot")
    wait_until(lambda: plots.count() == 2, "two views")
    places = "() => [...document.querySelectorAll('.pane .plot')].map(p => p.getBoundingClientRect().toJSON())"

    def in_line() -> bool:
        first, second = lab.page.evaluate(places)
        return bool(first["y"] == second["y"] and first["height"] == second["height"] and first["x"] < second["x"])

    wait_until(in_line, lambda: f"the plots to be side by side: {lab.page.evaluate(places)}")
    mouse = lab.page.mouse
    left = plots.nth(0).bounding_box()
    assert left is not None
    mouse.move(left["x"] + 0.5 * left["width"], left["y"] + 0.8 * left["height"])
    lab.page.keyboard.down("Control")
    mouse.wheel(0, -400)
    lab.page.keyboard.up("Control")
    wait_until(lambda: axis(lab).get("low", 0) > 100, "the zoom to reach the kernel")
    low, high = axis(lab)["low"], axis(lab)["high"]
    assert low < 700 < high < 5000
    fine = "int(((panel._renderer.frequencies >= %g) & (panel._renderer.frequencies <= %g)).sum())"
    wait_until(lambda: lab.evaluate(fine % (low, high)) >= 500, "at least 500 frequencies in the visible range")
    mouse.down()
    mouse.move(left["x"] + 0.3 * left["width"], left["y"] + 0.8 * left["height"], steps=4)
    mouse.up()
    wait_until(lambda: axis(lab)["low"] > 1.3 * low, "a drag to move the axis")
    plots.nth(1).focus()
    before = axis(lab)["high"]
    lab.page.keyboard.press("ArrowLeft")
    wait_until(lambda: axis(lab)["high"] < before, "an arrow key in the other view to move the same axis")
    lab.page.keyboard.press("0")
    wait_until(lambda: "low" not in axis(lab), "the key 0 to show the entire axis")
    panel.locator("[data-action=frequency-axis]").click()
    wait_until(lambda: axis(lab).get("scale") == "linear", "a linear axis")
    wait_until(lambda: lab.evaluate("float(panel._renderer.frequencies[0])") == 0.0, "linear frequencies")
    shot = plots.nth(0).screenshot()
    panel.locator("[data-action=level-axis]").select_option("Linear")
    wait_until(lambda: plots.nth(0).screenshot() != shot, "a plot with a linear scale")
    assert lab.page_errors == []


def test_a_module_without_response_is_measured_and_bands_have_handles(lab: NotebookPage) -> None:
    lab.open(
        noise_cell(1.0),
        "import torch\npanel = (fx.Peak(gain_db=6.0) | torch.tanh).panel(x)\npanel",
        "bands = fx.GraphicEQ([3.0] + [0.0] * 9).panel(x)\nbands",
    )
    legend = lab.panel(0).locator(".legend")
    wait_until(lambda: "Measured at" in legend.inner_text(), "the measured curve")
    tabs = lab.panel(0).locator("[data-action=view]")
    wait_until(lambda: {"Transfer", "Harmonics", "Gain"} < set(tabs.all_inner_texts()), "the tabs of measurements")
    lab.panel(0).locator("[data-view=transfer][data-action=view]").click()
    form = lab.panel(0).locator("[data-action=form]")
    wait_until(lambda: form.inner_text() == "Waveform", "the transfer curve")
    form.click()
    expect(form).to_have_text("Level")
    handles = lab.panel(1).locator(".handle")
    expect(handles).to_have_count(10)
    handles.nth(4).focus()
    lab.page.keyboard.press("ArrowUp")
    lab.settle(1)
    assert lab.evaluate("bands.module.gains_db.tolist()[4]") == 0.5
    expect(handles.nth(4)).to_have_attribute("aria-valuetext", "501 Hz, +0.5 dB")
    assert lab.page_errors == []
