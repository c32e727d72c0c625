"""Ways to listen: by key, the input, the difference, a part that goes round, a limiter over it all."""

from __future__ import annotations

import time

import numpy as np
import pytest

import fxlab as fx
from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import RATE, filtered, loop_excerpt, loop_positions, lowpass, noise, noise_cell
from tests.support.browser.wait import wait_until

SECONDS = 4.0
CEILING = 10 ** (-0.1 / 20)


def pressed(lab: NotebookPage, key: str) -> tuple[float, float]:
    """Press it; between which places the playhead was meanwhile. It is not read after: "]" sends it back at once."""
    before, began = lab.position(), time.monotonic()
    lab.page.keyboard.press(key)
    return before, before + (time.monotonic() - began)


def test_keys_difference_and_selection(lab: NotebookPage) -> None:
    """Wherever the focus is in the panel; in a field they are what is typed. Nothing of it needs the kernel."""
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
    assert panel.get_attribute("data-mode") == "dry"
    assert bypass.get_attribute("aria-pressed") == "true"
    dry = noise(SECONDS).astype("f8")
    wet = filtered(*lowpass(500.0), dry)
    heard = lab.listen(0.5)[0]
    assert 20 * np.log10(np.std(heard) / np.std(dry)) == pytest.approx(0.0, abs=0.3)
    lab.field("cutoff").focus()
    for key in ("b", "l", "Space", "["):
        keyboard.press(key)
    assert panel.get_attribute("data-mode") == "dry"
    assert play.get_attribute("aria-label") == "Pause"
    keyboard.press("Escape")

    # The seam of the loop is mended, so the difference is looked at before it.
    panel.locator("[data-action=difference]").click()
    assert (panel.get_attribute("data-mode"), bypass.get_attribute("aria-pressed")) == ("difference", "false")
    panel.locator("[data-action=seek]").focus()
    keyboard.press("Home")
    wait_until(lambda: 0.1 < lab.position() < 2.0, "the playhead to begin anew")
    heard = lab.listen(1.0)[0].astype("f8")
    begin = int(loop_positions(heard[:8192], wet - dry)[0])
    expected = loop_excerpt(wet - dry, begin, len(heard))
    error = np.sqrt(np.mean((heard - expected) ** 2) / np.mean(expected**2))
    assert 20 * np.log10(error) < -60
    keyboard.press("b")
    keyboard.press("b")
    assert panel.get_attribute("data-mode") == "wet"

    keyboard.press("l")
    assert panel.locator("[data-action=loop]").get_attribute("aria-pressed") == "false"
    wave = panel.locator(".waveform-overview").bounding_box()
    assert wave is not None
    keyboard.down("Shift")
    lab.page.mouse.move(wave["x"] + 0.25 * wave["width"], wave["y"] + 20)
    lab.page.mouse.down()
    lab.page.mouse.move(wave["x"] + 0.4 * wave["width"], wave["y"] + 20, steps=4)
    lab.page.mouse.up()
    keyboard.up("Shift")
    part = panel.locator(".part")
    start, end = (float(text) for text in str(part.get_attribute("data-part")).split())
    assert (start, end) == pytest.approx((0.25 * SECONDS, 0.4 * SECONDS), abs=0.01 * SECONDS)
    assert panel.locator("[data-action=loop]").get_attribute("aria-pressed") == "true", "a selection goes round"
    wait_until(lambda: start - 0.02 <= lab.position() <= end + 0.02, "the playhead in the selection")
    heard = lab.listen(3 * (end - start))[0].astype("f8")
    period = round(end * RATE) - round(start * RATE)
    # It goes round to the sample: apart from the seams' crossfades each turn is the one before.
    alike = np.abs(heard[period:] - heard[:-period]) < 1e-6
    assert np.mean(alike) > 1 - 1.2 * 0.015 / (end - start)
    assert np.max(np.abs(np.diff(heard))) < 1.3 * np.max(np.abs(np.diff(wet)))
    assert start - 0.02 <= lab.position() <= end + 0.02
    keyboard.press("Escape")
    assert part.is_hidden()
    wait_until(lambda: lab.position() > end + 0.1, "the playhead to leave the part")
    begun = pressed(lab, "[")
    wait_until(lambda: lab.position() > begun[1] + 0.5, "the playhead to go on")
    ended = pressed(lab, "]")
    ends = [float(text) for text in str(part.get_attribute("data-part")).split()]
    for end, (before, after) in zip(ends, (begun, ended), strict=True):
        assert before - 0.01 <= end <= after + 0.25, "what is shown may be some pictures old"
    play.focus()
    keyboard.press("Space")
    wait_until(lambda: lab.level() < -150, "the button's own Space to stop the sound once")
    assert lab.data("sent") == 0, "no kernel is needed for any of it"
    assert lab.page_errors == []


def test_the_limiter_holds_and_the_volume_turns(lab: NotebookPage) -> None:
    """24 dB too loud stays below full scale, until it is turned off in the menu, by keyboard."""
    cell = noise_cell(2.0, level=0.3)
    lab.open(cell, "panel = fx.Peak(frequency=1000.0, gain_db=24.0, q=0.3).panel(x)\npanel")
    lab.play()
    panel, keyboard = lab.panel(), lab.page.keyboard
    heard = lab.listen(1.0)
    assert 0.9 < np.max(np.abs(heard)) <= CEILING + 1e-6
    over = panel.locator(".limiter-indicator")
    wait_until(lambda: over.is_visible() and over.inner_text().startswith("limiter −"), "the limiter to be shown")

    more = panel.locator("[data-action=more]")
    assert (more.get_attribute("aria-haspopup"), more.get_attribute("aria-expanded")) == ("menu", "false")
    more.focus()
    keyboard.press("Enter")
    assert more.get_attribute("aria-expanded") == "true"
    keyboard.press("l")
    item = panel.get_by_role("menuitemcheckbox", name="Limiter")
    assert item.evaluate("node => node === document.activeElement")
    assert item.get_attribute("aria-checked") == "true"
    keyboard.press("Enter")
    assert more.evaluate("node => node === document.activeElement"), "the focus comes back"
    assert more.get_attribute("aria-expanded") == "false"
    loud = lab.listen(1.5)[:, RATE // 2 :]
    assert np.max(np.abs(loud)) > 2
    wait_until(lambda: over.inner_text().startswith("clips +"), "what clips to be shown")

    volume = panel.locator("[data-action=volume]")
    volume.focus()
    for _ in range(12):
        keyboard.press("ArrowLeft")
    assert volume.get_attribute("aria-valuetext") == "-12 dB"
    quiet = lab.listen(1.0)
    assert 20 * np.log10(np.std(quiet) / np.std(loud)) == pytest.approx(-12.0, abs=0.5)
    keyboard.press("Home")
    assert volume.get_attribute("aria-valuetext") == "silent"
    assert np.max(np.abs(lab.listen(0.3))) == 0
    volume.dblclick()
    assert volume.get_attribute("aria-valuetext") == "0 dB"
    panel.locator("[data-action=mute]").click()
    assert np.max(np.abs(lab.listen(0.3))) == 0
    assert volume.get_attribute("aria-valuetext") == "0 dB, muted"
    assert lab.page_errors == []


@pytest.mark.parametrize("module", ["fx.LowPass(cutoff=500.0)", "fx.wrap(lambda x: (0.1 * x).tanh())"])
def test_matched_the_output_is_as_loud_as_the_input(lab: NotebookPage, module: str) -> None:
    """By the gain that the panel says, for a filter and for what is none, and for what the next move makes of it."""
    seconds = 2.0
    lab.open(noise_cell(seconds), f"panel = {module}.panel(x)\npanel")
    lab.play()
    panel = lab.panel()
    match = panel.locator("[data-action=match]")
    wait_until(lambda: match.inner_text().endswith("dB"), "the gain to be said")

    def said() -> float:
        return float(match.inner_text().split("\n")[-1].replace("Match", "").replace("dB", "").replace("−", "-"))

    def lufs() -> float:
        # Longer than the loop, so that it does not matter where it begins.
        return fx.loudness(fx.Signal(lab.listen(seconds + 0.4), RATE))

    dry = fx.loudness(fx.Signal(noise(seconds)[None].repeat(2, 0), RATE))
    assert dry - lufs() == pytest.approx(said(), abs=0.3)
    match.click()
    assert match.get_attribute("aria-pressed") == "true"
    assert lufs() == pytest.approx(dry, abs=0.3)
    if "LowPass" in module:
        lab.set_slider("cutoff", 0.3)
        lab.settle()
        assert said() > 10
        assert lufs() == pytest.approx(dry, abs=0.3)
    panel.locator("[data-action=bypass]").click()
    assert lufs() == pytest.approx(dry, abs=0.1)
    assert lab.page_errors == []


# How many pixels of the canvas with the spectra of now are painted.
PAINTED = """() => {
  const canvas = document.querySelector('.fxlab-panel canvas.live');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let painted = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] > 0) painted++;
  return painted / (canvas.width * canvas.height);
}"""


def test_levels_and_spectra_follow_what_sounds(lab: NotebookPage) -> None:
    """Half as much noise comes out as goes in, and so the meters say; the volume is not theirs. In a pause all rest."""
    show = "panel = fx.FIR([0.5]).panel(x, views=('magnitude', 'levels'))\npanel"
    lab.open(noise_cell(SECONDS), show)
    panel = lab.panel()
    assert lab.page.evaluate(PAINTED) == 0
    lab.play()
    panel.locator("[data-action=volume]").evaluate(
        "node => { node.value = -20; node.dispatchEvent(new Event('input', { bubbles: true })) }"
    )
    wait_until(lambda: lab.page.evaluate(PAINTED) > 0.2, "the spectra to be drawn")
    lab.page.wait_for_timeout(3500)
    rows = [row.split("\t") for row in panel.locator(".levels").inner_text().splitlines()[1:]]
    values = {row[0]: [float(text.replace("−", "-")) for text in row[1:3]] for row in rows}
    loud = fx.loudness(fx.Signal(noise(SECONDS)[None], RATE))
    for name, expected, within in (
        ("RMS", -20.0, 0.4),
        ("Momentary", loud, 0.6),
        ("Short-term", loud, 0.3),
        ("Integrated", loud, 0.06),
    ):
        assert values[name] == pytest.approx([expected, expected - 6.02], abs=within), name
    assert values["Peak"] == pytest.approx(values["Highest peak"], abs=2.0)
    meter = panel.get_by_role("meter", name="Output level, dBFS")
    assert str(meter.get_attribute("aria-valuetext")).startswith("peak −1")
    panel.locator("[data-action=play]").click()
    wait_until(lambda: lab.page.evaluate(PAINTED) == 0, "the plot to be still")
    assert lab.page_errors == []
