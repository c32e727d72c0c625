"""Parameters that move: their sound at the playhead, the thumbs that follow it, and the strip that lets them move."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.browser.moving_filter import moving_lowpass, play_position
from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import RATE, noise, noise_cell
from tests.support.browser.wait import wait_until

SECONDS = 4.0

# The changes of a slider's `aria-valuetext` while its position changes ten times.
ANNOUNCEMENTS = """path => new Promise(done => {
  const slider = document.querySelector(`input[type=range][data-param='${path}']`);
  const texts = [], positions = new Set();
  const observer = new MutationObserver(() => texts.push(slider.ariaValueText));
  observer.observe(slider, { attributes: true, attributeFilter: ['aria-valuetext'] });
  const look = () => {
    positions.add(slider.value);
    if (positions.size < 10) requestAnimationFrame(look);
    else { observer.disconnect(); done(texts); }
  };
  look();
})"""


def slider_position(value: float) -> float:
    """Return where a cutoff is on its slider."""
    return float(np.log(value / 20) / np.log(1000))


def seek(lab: NotebookPage, seconds: float) -> None:
    lab.panel_locator().locator("[data-action=seek]").evaluate(
        "(bar, t) => { bar.value = t; bar.dispatchEvent(new Event('input', { bubbles: true })) }", seconds / SECONDS
    )


def wait_for_thumb(lab: NotebookPage, path: str, value: float) -> None:
    """Wait until the thumb of a cutoff is at `value`."""
    expected = slider_position(value)
    wait_until(
        lambda: abs(float(lab.slider(path).input_value()) - expected) < 0.01,
        lambda: f"the thumb at {expected:.3f}; it is at {lab.slider(path).input_value()}",
    )


def ramp(seconds: np.ndarray) -> np.ndarray:
    return 200.0 * 40.0 ** np.clip(seconds / SECONDS, 0, 1)


def test_the_sweep_is_heard_where_the_playhead_is_and_the_thumb_follows(lab: NotebookPage) -> None:
    """Noise through a low-pass that sweeps is that of a filter computed sample by sample, at the right position."""
    lab.open(noise_cell(SECONDS), "panel = fx.LowPass(cutoff=fx.Ramp(200.0, 8000.0, duration=4.0)).panel(x)\npanel")
    lab.panel()
    for at in (0.0, 2.0, 3.0):
        seek(lab, at)
        wait_for_thumb(lab, "cutoff", float(ramp(np.array(at))))
    expect(lab.slider("cutoff")).to_be_disabled()
    expect(lab.slider("cutoff")).to_have_attribute("aria-valuetext", "moved by Ramp")
    lab.play()
    assert lab.page.evaluate(ANNOUNCEMENTS, "cutoff") == [], "a screen reader would announce the moving value"
    expected = moving_lowpass(noise(SECONDS), ramp)
    near = lab.position()
    position, error = play_position(lab.listen(1.0)[0], expected)
    assert error < 0.02
    assert abs((position / RATE - near + 2) % SECONDS - 2) < 1.0, "the sweep is not where the playhead is"
    assert lab.page_errors == []


def test_an_lfo_is_switched_on_by_keyboard_tuned_and_undone(lab: NotebookPage) -> None:
    """The strip opens with its button; the rate is heard as any slider; undo restores the number."""
    lab.open(noise_cell(SECONDS), "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel")
    panel = lab.panel()
    move = panel.locator("[data-action=move][data-index=cutoff]")
    expect(move).to_have_attribute("aria-label", "Move Cutoff")
    move.focus()
    move.press("Enter")
    expect(move).to_have_attribute("aria-expanded", "true")
    movement = panel.locator("[data-action=movement][data-index=cutoff]")
    expect(movement).to_be_focused()
    lab.page.keyboard.press("L")
    expect(movement).to_have_value("LFO")
    wait_until(lambda: "LFO" in lab.evaluate("repr(panel.module)"), "the LFO in the kernel")
    expect(movement).to_be_focused()
    lab.type_in("cutoff.low", "300")
    lab.type_in("cutoff.high", "3000")
    lab.set_slider("cutoff.rate_hz", 0.5)
    lab.play()
    lab.settle()
    rate = lab.evaluate("panel.module.cutoff.rate_hz")
    assert rate == pytest.approx(1.0, rel=1e-3)

    def lfo(seconds: np.ndarray) -> np.ndarray:
        return 300.0 * 10.0 ** (0.5 + 0.5 * np.sin(2 * np.pi * rate * seconds))

    _, error = play_position(lab.listen(1.0)[0], moving_lowpass(noise(SECONDS), lfo))
    assert error < 0.02, "not the sound of the LFO"
    lab.set_slider("cutoff.rate_hz", 0.8)
    rate = lab.value("cutoff.rate_hz")
    assert rate > 2
    lab.settle()
    _, error = play_position(lab.listen(1.0)[0], moving_lowpass(noise(SECONDS), lfo))
    assert error < 0.02, "not the sound of the new rate"
    warning = panel.locator("[data-movement=cutoff] .warning")
    expect(warning).to_be_hidden()
    panel.locator("select[data-param='cutoff.shape']").select_option("square")
    expect(warning).to_contain_text("StateVariable does not click")
    panel.locator("select[data-param='cutoff.shape']").select_option("sine")
    expect(warning).to_be_hidden()
    assert f"rate_hz={lab.evaluate('panel.module.cutoff.rate_hz')!r}" in lab.evaluate("panel.code()")
    lab.execute("panel.module.cutoff = 500.0")
    expect(movement).to_have_value("")
    expect(lab.slider("cutoff")).to_be_enabled()
    lab.wait_for_value("cutoff", 500.0)
    panel.locator("[data-action=undo]").click()
    expect(movement).to_have_value("LFO")
    assert lab.evaluate("panel.module.cutoff.high") == 3000.0
    assert lab.page_errors == []


def log_line(points: list[list[float]]) -> Callable[[np.ndarray], np.ndarray]:
    """Return the automation through these points as a function of the time."""
    times, values = np.array(points).T
    return lambda seconds: np.exp(np.interp(seconds, times, np.log(values)))


def test_an_automation_is_drawn_by_keyboard_and_by_mouse_and_heard(lab: NotebookPage) -> None:
    """A point that is added changes the sound; points are moved and removed; undo restores; the loop keeps working."""
    lab.open(noise_cell(SECONDS), "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel")
    panel = lab.panel()
    panel.locator("[data-action=move][data-index=cutoff]").click()
    panel.locator("[data-action=movement][data-index=cutoff]").select_option("Automation")
    points = panel.locator("[data-lane='cutoff.points'] .point")
    expect(points).to_have_count(2)
    expect(points.nth(0)).to_have_attribute("aria-label", "Cutoff, point 1 of 2")
    expect(points.nth(0)).to_have_attribute("aria-valuetext", "0:00.00, 1.00 kHz")
    points.nth(0).focus()
    lab.page.keyboard.press("Enter")
    expect(points).to_have_count(3)
    expect(points.nth(1)).to_be_focused()
    for key in ("PageUp", "PageUp", "ArrowLeft"):
        lab.page.keyboard.press(key)
    expect(points.nth(1)).to_have_attribute("aria-valuetext", "0:01.95, 4.00 kHz")
    lab.play()
    lab.settle()
    drawn = [[0.0, 1000.0], [1.95, 4000.0], [4.0, 1000.0]]
    assert np.array(lab.evaluate("panel.module.cutoff.times.tolist()")) == pytest.approx([0.0, 1.95, 4.0])
    expected = moving_lowpass(noise(SECONDS), log_line(drawn))
    _, error = play_position(lab.listen(1.0)[0], expected)
    assert error < 0.02, "not the sound of the automation"
    assert "fx.Automation(times=[0.0, 1.95, 4.0]" in lab.evaluate("panel.code()").replace("torch.tensor(", "")

    # The loop begins again at its start, and with it the automation.
    lab.page.evaluate("() => document.querySelector('[data-action=seek]').focus()")
    lab.pause()
    for at, key in ((1.0, "["), (2.0, "]")):
        seek(lab, at)
        lab.page.keyboard.press(key)
    expect(panel.locator(".part")).to_have_attribute("data-part", re.compile(r"^1\.0\d+ 2\.0\d+$"))
    lab.play()
    start, end = map(float, str(panel.locator(".part").get_attribute("data-part")).split())
    looped = expected[int(start * RATE) : int(end * RATE)]
    _, error = play_position(lab.listen(1.5)[0], looped, fade=0.016)
    assert error < 0.02, "not the part that loops"
    panel.locator("[data-action=seek]").press("Escape")

    lane = panel.locator("[data-lane='cutoff.points']")
    box = lane.bounding_box()
    assert box is not None
    mouse, x, y = lab.page.mouse, box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2
    mouse.click(x, y)
    expect(points).to_have_count(4)
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 20, y - 20, steps=4)
    mouse.up()
    wait_until(lambda: lab.evaluate("panel.module.cutoff.points[2].item()") > 2000, "the dragged point")
    assert 3.0 < lab.evaluate("panel.module.cutoff.times[2].item()") < 3.5
    lab.wait_for_page_timers(600)  # after which a double click on the new point removes it
    mouse.dblclick(x + 20, y - 20)
    expect(points).to_have_count(3)
    points.nth(1).focus()
    lab.page.keyboard.press("Delete")
    expect(points).to_have_count(2)
    wait_until(lambda: lab.evaluate("len(panel.module.cutoff.times)") == 2, "two points in the kernel")
    lab.page.keyboard.press("Control+z")
    expect(points).to_have_count(3)
    wait_until(lambda: lab.evaluate("panel.module.cutoff.times.tolist()") == [0.0, 1.95, 4.0], "the point again")
    assert lab.page_errors == []
