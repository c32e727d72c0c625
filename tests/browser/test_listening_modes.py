"""Listening modes: the input, the difference, a looped selection, the limiter, matched loudness, and their keys."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

import fxlab as fx
from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import RATE, filtered, loop_excerpt, loop_positions, lowpass, noise, noise_cell
from tests.support.browser.wait import wait_until

SECONDS = 4.0
CEILING = 10 ** (-0.1 / 20)


# Keeps the position that the panel shows at each key press, before the panel handles it.
RECORD_POSITIONS = """() => {
  window.positions = [];
  const panel = document.querySelector('.fxlab-panel');
  window.addEventListener('keydown', () => window.positions.push(Number(panel.dataset.position)), true);
}"""


def press_while_playing(lab: NotebookPage, key: str) -> float:
    """Press a key; return the position in seconds that the panel showed at that moment."""
    lab.page.keyboard.press(key)
    return float(lab.page.evaluate("() => window.positions.at(-1)"))


def test_keys_difference_and_selection(lab: NotebookPage) -> None:
    """The keys work wherever the focus is in the panel, except in a field; none of the modes needs the kernel."""
    lab.open(noise_cell(SECONDS), "panel = fx.LowPass(cutoff=500.0).panel(x)\npanel")
    panel, keyboard = lab.panel(), lab.page.keyboard
    play, bypass = panel.locator("[data-action=play]"), panel.locator("[data-action=bypass]")
    assert play.get_attribute("aria-keyshortcuts") == "Space"
    assert bypass.get_attribute("aria-keyshortcuts") == "B"

    panel.locator(".plot").click(position={"x": 300, "y": 60})
    keyboard.press("Space")
    wait_until(lambda: lab.level() > -90, "Space to start the sound")
    lab.slider("cutoff").focus()
    keyboard.press("b")
    expect(panel).to_have_attribute("data-mode", "dry")
    expect(bypass).to_have_attribute("aria-pressed", "true")
    dry = noise(SECONDS).astype("f8")
    wet = filtered(*lowpass(500.0), dry)
    recording = lab.listen(0.5)[0]
    assert 20 * np.log10(np.std(recording) / np.std(dry)) == pytest.approx(0.0, abs=0.3)
    lab.field("cutoff").focus()
    for key in ("b", "l", "Space", "["):
        keyboard.press(key)
    lab.wait_for_page_timers()
    assert panel.get_attribute("data-mode") == "dry"
    assert play.get_attribute("aria-label") == "Pause"
    keyboard.press("Escape")

    # The player crossfades at the end of the loop, so the difference is not compared there.
    panel.locator("[data-action=difference]").click()
    expect(panel).to_have_attribute("data-mode", "difference")
    expect(bypass).to_have_attribute("aria-pressed", "false")
    panel.locator("[data-action=seek]").focus()
    keyboard.press("Home")
    wait_until(lambda: 0.1 < lab.position() < 2.0, "playback to start at the beginning")
    recording = lab.listen(1.0)[0].astype("f8")
    begin = int(loop_positions(recording[:8192], wet - dry)[0])
    expected = loop_excerpt(wet - dry, begin, len(recording))
    # On a busy machine the recording may extend over the end of the loop.
    inside = (begin + np.arange(len(recording))) % len(dry) > 0.006 * RATE
    error = np.sqrt(np.mean((recording - expected)[inside] ** 2) / np.mean(expected**2))
    assert 20 * np.log10(error) < -60
    keyboard.press("b")
    keyboard.press("b")
    expect(panel).to_have_attribute("data-mode", "wet")

    keyboard.press("l")
    expect(panel.locator("[data-action=loop]")).to_have_attribute("aria-pressed", "false")
    wave = panel.locator(".waveform-overview").bounding_box()
    assert wave is not None
    keyboard.down("Shift")
    lab.page.mouse.move(wave["x"] + 0.25 * wave["width"], wave["y"] + 20)
    lab.page.mouse.down()
    lab.page.mouse.move(wave["x"] + 0.4 * wave["width"], wave["y"] + 20, steps=4)
    lab.page.mouse.up()
    keyboard.up("Shift")
    lab.wait_for_page_timers()
    selection = panel.locator(".part")
    start, end = (float(text) for text in str(selection.get_attribute("data-part")).split())
    assert (start, end) == pytest.approx((0.25 * SECONDS, 0.4 * SECONDS), abs=0.01 * SECONDS)
    expect(panel.locator("[data-action=loop]")).to_have_attribute("aria-pressed", "true")  # a selection is looped
    wait_until(lambda: start - 0.02 <= lab.position() <= end + 0.02, "the playhead in the selection")
    recording = lab.listen(3 * (end - start))[0].astype("f8")
    period = round(end * RATE) - round(start * RATE)
    # The loop is exact to the sample: apart from the crossfades each repetition equals the previous one.
    equal = np.abs(recording[period:] - recording[:-period]) < 1e-6
    assert np.mean(equal) > 1 - 1.2 * 0.015 / (end - start)
    assert np.max(np.abs(np.diff(recording))) < 1.3 * np.max(np.abs(np.diff(wet)))
    assert start - 0.02 <= lab.position() <= end + 0.02
    keyboard.press("Escape")
    expect(selection).to_be_hidden()
    wait_until(lambda: lab.position() > end + 0.1, "the playhead to leave the selection")
    lab.page.evaluate(RECORD_POSITIONS)
    panel.locator("[data-action=seek]").press("Home")
    wait_until(lambda: 0 < lab.position() < 1.5, "playback to start at the beginning")
    begun = press_while_playing(lab, "[")
    wait_until(lambda: begun + 0.3 < lab.position() < SECONDS - 0.2, "the playhead to advance")
    ended = press_while_playing(lab, "]")
    expect(selection).to_be_visible()
    edges = [float(text) for text in str(selection.get_attribute("data-part")).split()]
    assert edges == pytest.approx([begun, ended], abs=0.01)
    play.focus()
    keyboard.press("Space")
    wait_until(lambda: lab.level() < -150, "Space on the button to stop the sound once")
    assert lab.data("sent") == 0, "a listening mode sent something to the kernel"
    assert lab.page_errors == []


def test_the_limiter_and_the_volume(lab: NotebookPage) -> None:
    """A sound 24 dB too loud stays below full scale until the limiter is switched off in the menu, by keyboard."""
    cell = noise_cell(2.0, level=0.3)
    lab.open(cell, "panel = fx.Peak(frequency=1000.0, gain_db=24.0, q=0.3).panel(x)\npanel")
    lab.play()
    panel, keyboard = lab.panel(), lab.page.keyboard
    recording = lab.listen(1.0)
    assert 0.9 < np.max(np.abs(recording)) <= CEILING + 1e-6
    indicator = panel.locator(".limiter-indicator")
    wait_until(lambda: indicator.is_visible() and indicator.inner_text().startswith("limiter −"), "the limiter's gain")

    more = panel.locator("[data-action=more]")
    expect(more).to_have_attribute("aria-haspopup", "menu")
    expect(more).to_have_attribute("aria-expanded", "false")
    more.focus()
    keyboard.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    keyboard.press("l")
    item = panel.get_by_role("menuitemcheckbox", name="Limiter")
    expect(item).to_be_focused()
    expect(item).to_have_attribute("aria-checked", "true")
    keyboard.press("Enter")
    expect(more).to_be_focused()
    expect(more).to_have_attribute("aria-expanded", "false")
    loud = lab.listen(1.5)[:, RATE // 2 :]
    assert np.max(np.abs(loud)) > 2
    wait_until(lambda: indicator.inner_text().startswith("clips +"), "the level above full scale")

    volume = panel.locator("[data-action=volume]")
    volume.focus()
    for _ in range(12):
        keyboard.press("ArrowLeft")
    expect(volume).to_have_attribute("aria-valuetext", "-12 dB")
    quiet = lab.listen(1.0)
    assert 20 * np.log10(np.std(quiet) / np.std(loud)) == pytest.approx(-12.0, abs=0.5)
    keyboard.press("Home")
    expect(volume).to_have_attribute("aria-valuetext", "silent")
    wait_until(lambda: lab.level() < -150, "silence")
    assert np.max(np.abs(lab.listen(0.3))) == 0
    volume.dblclick()
    expect(volume).to_have_attribute("aria-valuetext", "0 dB")
    panel.locator("[data-action=mute]").click()
    wait_until(lambda: lab.level() < -150, "silence")
    assert np.max(np.abs(lab.listen(0.3))) == 0
    expect(volume).to_have_attribute("aria-valuetext", "0 dB, muted")
    assert lab.page_errors == []


@pytest.mark.parametrize("module", ["fx.LowPass(cutoff=500.0)", "fx.wrap(lambda x: (0.1 * x).tanh())"])
def test_matched_the_output_is_as_loud_as_the_input(lab: NotebookPage, module: str) -> None:
    """The matching gain is the one that the panel shows: for a filter, a nonlinear module, and after a change."""
    seconds = 2.0
    lab.open(noise_cell(seconds), f"panel = {module}.panel(x)\npanel")
    lab.play()
    panel = lab.panel()
    match = panel.locator("[data-action=match]")
    wait_until(lambda: match.inner_text().endswith("dB"), "the matching gain to be shown")

    def shown_gain() -> float:
        return float(match.inner_text().split("\n")[-1].replace("Match", "").replace("dB", "").replace("−", "-"))

    def lufs() -> float:
        # The recording is longer than the loop, so that it does not matter where it starts.
        return fx.loudness(fx.Signal(lab.listen(seconds + 0.4), RATE))

    dry = fx.loudness(fx.Signal(noise(seconds)[None].repeat(2, 0), RATE))
    assert dry - lufs() == pytest.approx(shown_gain(), abs=0.3)
    match.click()
    expect(match).to_have_attribute("aria-pressed", "true")
    assert lufs() == pytest.approx(dry, abs=0.3)
    if "LowPass" in module:
        lab.set_slider("cutoff", 0.3)
        lab.settle()
        wait_until(lambda: shown_gain() > 10, "a matching gain of more than 10 dB")
        assert lufs() == pytest.approx(dry, abs=0.3)
    panel.locator("[data-action=bypass]").click()
    assert lufs() == pytest.approx(dry, abs=0.1)
    assert lab.page_errors == []


# The share of the pixels that are painted on the canvas of the live spectra.
PAINTED = """() => {
  const canvas = document.querySelector('.fxlab-panel canvas.live');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let painted = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] > 0) painted++;
  return painted / (canvas.width * canvas.height);
}"""


def test_levels_and_live_spectra_follow_the_sound(lab: NotebookPage) -> None:
    """The meters show the output at half the input's amplitude, whatever the volume; during a pause nothing moves."""
    show = "panel = fx.FIR([0.5]).panel(x, views=('magnitude', 'levels'))\npanel"
    lab.open(noise_cell(SECONDS), show)
    panel = lab.panel()
    assert lab.page.evaluate(PAINTED) == 0
    lab.play()
    panel.locator("[data-action=volume]").evaluate(
        "node => { node.value = -20; node.dispatchEvent(new Event('input', { bubbles: true })) }"
    )
    wait_until(lambda: lab.page.evaluate(PAINTED) > 0.2, "the spectra to be drawn")
    lab.listen(3.5)  # the short-term loudness is that of the last 3 s
    values: dict[str, list[float]] = {}

    def read_levels() -> dict[str, list[float]]:
        rows = [row.split("\t") for row in panel.locator(".levels").inner_text().splitlines()[1:]]
        return {row[0]: [float(text.replace("−", "-")) for text in row[1:3]] for row in rows}

    loudness = fx.loudness(fx.Signal(noise(SECONDS)[None], RATE))
    expected = {
        "RMS": pytest.approx([-20.0, -26.02], abs=0.4),
        "Momentary": pytest.approx([loudness, loudness - 6.02], abs=0.6),
        "Short-term": pytest.approx([loudness, loudness - 6.02], abs=0.3),
        "Integrated": pytest.approx([loudness, loudness - 6.02], abs=0.06),
    }

    def levels_are_right() -> bool:
        values.update(read_levels())
        # The peak is that of a short part of the noise, so that it is not always close to the highest one.
        is_close = values["Peak"] == pytest.approx(values["Highest peak"], abs=2.0)
        return is_close and all(values[name] == level for name, level in expected.items())

    wait_until(levels_are_right, lambda: f"the levels {expected}; they are {values}")
    meter = panel.get_by_role("meter", name="Output level, dBFS")
    expect(meter).to_have_attribute("aria-valuetext", re.compile("^peak −1"))
    panel.locator("[data-action=play]").click()
    wait_until(lambda: lab.page.evaluate(PAINTED) == 0, "the live spectra to be cleared")
    assert lab.page_errors == []
