"""Editing in the panel: stages, the settings A to D, undo, presets and copied code, by keyboard, with their sound."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import band_levels, noise_cell
from tests.support.browser.wait import wait_until

SHOW = "chain = fx.LowPass(cutoff=400.0) | fx.Peak(gain_db=6.0)\npanel = chain.panel(x)\npanel"
FOCUS = "() => [document.activeElement.dataset.action, document.activeElement.dataset.index]"


def names(lab: NotebookPage) -> list[str]:
    """Return the class names of the stages in the kernel."""
    return lab.evaluate("[type(stage).__name__ for stage in panel.module]")


def highs(lab: NotebookPage) -> float:
    """Return the level of the sound above 3 kHz, in dB."""
    lab.settle()
    centers, level = band_levels(lab.listen(0.6)[0])
    return float(np.mean(level[centers > 3000]))


def test_stages_are_edited_by_keyboard_and_change_the_sound(lab: NotebookPage) -> None:
    """A stage is added by typing, moved with Alt and an arrow, bypassed, soloed and removed."""
    lab.open(noise_cell(2.0), SHOW)
    panel, keyboard = lab.panel(), lab.page.keyboard
    lab.play()
    dull = highs(lab)
    panel.locator("[data-action=add-stage]").focus()
    keyboard.press("Enter")
    lab.page.wait_for_selector("[role=option]")
    keyboard.type("notch")
    expect(lab.page.locator("[role=option][aria-selected=true]")).to_have_attribute("data-kind", "Notch")
    keyboard.press("Enter")
    wait_until(lambda: panel.locator(".stage").count() == 3, "the stage")
    lab.settle()
    wait_until(lambda: lab.data("drawn") == lab.data("sent"), "the curves of the new chain to be drawn")
    assert lab.evaluate("panel.module is chain")
    panel.locator("[data-action=remove-stage][data-index='2']").focus()
    keyboard.press("Alt+ArrowUp")
    wait_until(lambda: lab.page.evaluate(FOCUS) == ["remove-stage", "1"], "the focus to follow the stage")
    keyboard.press("Alt+ArrowUp")
    wait_until(lambda: names(lab) == ["Notch", "LowPass", "Peak"], "the stage at the top")
    keyboard.press("Enter")
    wait_until(lambda: names(lab) == ["LowPass", "Peak"], "the stage to be removed")
    wait_until(lambda: lab.page.evaluate(FOCUS) == ["remove-stage", "0"], "the focus on its neighbor")

    panel.locator("[data-action=bypass-stage][data-index='0']").click()
    wait_until(lambda: lab.evaluate("list(chain.bypassed)") == [0], "the bypass")
    assert highs(lab) > dull + 20
    panel.locator("[data-action=bypass-stage][data-index='0']").click()
    panel.locator("[data-action=solo-stage][data-index='1']").click()
    wait_until(lambda: lab.evaluate("list(chain.soloed)") == [1], "the solo")
    assert highs(lab) > dull + 20
    # The button of the first stage is clicked again after the first one was removed.
    panel.locator("[data-action=remove-stage][data-index='0']").click()
    wait_until(lambda: panel.locator(".stage").count() == 1, "one stage")
    panel.locator("[data-action=remove-stage][data-index='0']").click()
    wait_until(lambda: names(lab) == [], "an empty chain")
    assert highs(lab) > dull + 20
    assert lab.page_errors == []


def test_a_stage_is_dragged_by_its_name(lab: NotebookPage) -> None:
    """A line marks the target; dropped there, the stage is moved; dropped at its old place, it is not."""
    lab.open(noise_cell(2.0), "panel = (fx.LowPass() | fx.Peak() | fx.Notch()).panel(x)\npanel")
    panel, mouse = lab.panel(), lab.page.mouse

    def box(stage: int) -> dict[str, float]:
        found = panel.locator(".stage").nth(stage).bounding_box()
        assert found is not None
        return dict(found)

    def grab(stage: int) -> None:
        title = panel.locator(".stage").nth(stage).locator("h4").bounding_box()
        assert title is not None
        mouse.move(title["x"] + 10, title["y"] + title["height"] / 2)
        mouse.down()

    def marks() -> list[str]:
        return [
            name
            for stage in panel.locator(".stage").all()
            for name in str(stage.get_attribute("class")).split()
            if name in ("dragging", "drop-before", "drop-after")
        ]

    panel.locator(".stage").last.scroll_into_view_if_needed()
    grab(0)
    last = box(2)
    mouse.move(last["x"] + 40, last["y"] + last["height"] - 4, steps=6)
    wait_until(lambda: marks() == ["dragging", "drop-after"], "the target to be marked")
    mouse.up()
    wait_until(lambda: names(lab) == ["Peak", "Notch", "LowPass"], "the stage at the end")
    wait_until(
        lambda: panel.locator(".stage h4").last.inner_text().endswith("LowPass"), "the page to show the new order"
    )
    wait_until(lambda: marks() == [], "the marks to be removed")
    grab(2)
    first = box(0)
    mouse.move(first["x"] + 40, first["y"] + 4, steps=6)
    wait_until(lambda: marks() == ["drop-before", "dragging"], "the target to be marked")
    mouse.up()
    wait_until(lambda: names(lab) == ["LowPass", "Peak", "Notch"], "the stage at the top")
    wait_until(
        lambda: panel.locator(".stage h4").first.inner_text().endswith("LowPass"), "the page to show the new order"
    )
    lab.settle()
    sent = lab.data("sent")
    grab(1)
    mouse.move(first["x"] + 40, first["y"] + 4, steps=6)
    second = box(1)
    mouse.move(second["x"] + 40, second["y"] + second["height"] / 2, steps=6)
    mouse.up()
    lab.wait_for_page_timers(300)
    assert (lab.data("sent"), marks(), names(lab)) == (sent, [], ["LowPass", "Peak", "Notch"])
    panel.locator("[data-action=undo]").click()
    wait_until(lambda: names(lab) == ["Peak", "Notch", "LowPass"], "the move to be undone")
    assert lab.page_errors == []


def test_undo_and_settings_restore_sound_and_value(lab: NotebookPage) -> None:
    """Both work by keys and change the panel and the module; switching during playback leaves no gap."""
    lab.open(noise_cell(2.0), SHOW)
    panel, keyboard = lab.panel(), lab.page.keyboard
    lab.play()
    dull = highs(lab)
    lab.set_slider("0.cutoff", 1.0)
    assert highs(lab) > dull + 20
    lab.slider("0.cutoff").focus()
    keyboard.press("Control+z")
    wait_until(lambda: lab.value("0.cutoff") == 400.0, "the slider to go back")
    assert abs(highs(lab) - dull) < 3
    assert lab.evaluate("chain[0].cutoff") == 400.0
    keyboard.press("Control+Shift+z")
    wait_until(lambda: lab.value("0.cutoff") == 20_000.0, "the slider to go forward")

    keyboard.press("2")
    chosen = panel.locator("[role=radio][aria-checked=true]")
    wait_until(lambda: chosen.inner_text() == "B", "setting B")
    lab.type_in("0.cutoff", "400")
    lab.settle()
    panel.locator("[data-action=undo]").focus()

    def switch() -> None:
        for key in ("1", "2", "1", "2", "1"):
            keyboard.press(key)
            lab.record_more(0.3)

    recording = np.abs(lab.record(switch)[0])
    wait_until(lambda: lab.value("0.cutoff") == 20_000.0, "the value of setting A")
    quiet = np.convolve(recording, np.ones(256) / 256, "valid")
    assert quiet.min() > 1e-4, "a gap where the setting changes"
    assert lab.evaluate("[panel.settings['B'][0].cutoff, panel.settings.selected]") == [400.0, "A"]
    assert lab.page_errors == []


def test_python_moves_the_slider_and_the_copied_code_recreates_the_module(lab: NotebookPage) -> None:
    """A value set in Python changes slider and sound; the copied code evaluates to the module."""
    lab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab.open(noise_cell(2.0), SHOW)
    panel = lab.panel()
    lab.play()
    dull = highs(lab)
    lab.execute("chain[0].cutoff = 9000.0")
    wait_until(lambda: lab.value("0.cutoff") == 9000.0, "the slider to follow")
    assert highs(lab) > dull + 20
    panel.locator("[data-action=code]").click()
    panel.locator(".message", has_text="Copied").wait_for()
    text = lab.page.evaluate("() => navigator.clipboard.readText()")
    scope: dict = {}
    exec(text, scope)
    assert repr(scope["module"]) == lab.evaluate("repr(chain)") == "LowPass(cutoff=9000.0) | Peak(gain_db=6.0)"

    panel.locator("[data-action=presets]").click()
    lab.page.keyboard.type("op")
    lab.execute("panel.presets['from Python'] = fx.LowPass(cutoff=100.0)")
    panel.locator("[data-action=recall-preset]", has_text="from Python").wait_for()
    lab.execute("del panel.presets['from Python']")
    wait_until(lambda: panel.locator("[data-action=recall-preset]").count() == 0, "the open list to be updated")
    lab.page.keyboard.type("en")
    lab.page.keyboard.press("Enter")
    wait_until(lambda: lab.evaluate("list(panel.presets)") == ["open"], "the preset")
    lab.execute("chain[0].cutoff = 300.0")
    wait_until(lambda: lab.value("0.cutoff") == 300.0, "the slider to follow")
    panel.locator("[data-action=presets]").click()
    lab.page.keyboard.press("Enter")
    wait_until(lambda: lab.value("0.cutoff") == 9000.0, "the preset to be recalled")
    wait_until(lambda: lab.evaluate("chain[0].cutoff") == pytest.approx(9000.0), "the kernel to recall the preset")
    assert lab.page_errors == []
