"""Bypass, loop, seek and pause: each at the sample where it ought to be, and without a click."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import RATE, filtered, loop_excerpt, loop_positions, lowpass, noise, noise_cell
from tests.support.browser.wait import wait_until

SECONDS = 4.0
FADE = round(0.015 * RATE)
NEAR = 3e-4  # 16 bits of a peak of 0.45, and float32 against float64


def test_bypass_is_a_crossfade_at_the_same_sample(lab: NotebookPage) -> None:
    """Every sample heard is the render's, the input's, or lies between the two, at one place; and fades are short."""
    lab.open(noise_cell(SECONDS), "panel = fx.LowPass(cutoff=500.0).panel(x)\npanel")
    lab.play()
    button = lab.panel().locator("[data-action=bypass]")
    dry = noise(SECONDS).astype("f8")
    wet = filtered(*lowpass(500.0), dry)

    def toggle_twice() -> None:
        for pressed in ("true", "false"):
            lab.record_more(0.2)
            button.click()
            assert button.get_attribute("aria-pressed") == pressed
        lab.record_more(0.3)

    heard = lab.record(toggle_twice)[0]
    start = int(loop_positions(heard[:8192], wet)[0])
    dry, wet = loop_excerpt(dry, start, len(heard)), loop_excerpt(wet, start, len(heard))
    # The loop's seam is mended over 5 ms, where the last sample and the first do not meet.
    place = (start + np.arange(len(heard))) % (round(SECONDS * RATE))
    seam = place < 0.006 * RATE
    low, high = np.minimum(dry, wet) - NEAR, np.maximum(dry, wet) + NEAR
    assert np.all((heard >= low) & (heard <= high) | seam), "something is heard that is neither"
    is_wet, is_dry = np.abs(heard - wet) < NEAR, np.abs(heard - dry) < NEAR
    assert FADE < np.sum(~is_wet & ~is_dry & ~seam) <= 2 * FADE + 2, "two fades of 15 ms, and no switch"
    sure = np.abs(dry - wet) > 10 * NEAR
    assert np.mean(is_dry[sure]) > 0.15, "the input was heard for a while"
    assert np.mean(is_wet[sure]) > 0.3
    assert lab.data("sent") == 0, "bypass needs no kernel"
    assert lab.page_errors == []


def test_pause_seek_and_loop(lab: NotebookPage) -> None:
    """Pause keeps the place, seek goes to one, by range, by keys and by a click on the waveform; loop off ends."""
    lab.open(noise_cell(SECONDS), "panel = fx.Peak(frequency=8000.0).panel(x)\npanel")
    lab.play()
    panel = lab.panel()
    play, loop, seek = (panel.locator(f"[data-action={action}]") for action in ("play", "loop", "seek"))
    sound = noise(SECONDS)

    def pause() -> None:
        play.click()
        wait_until(lambda: lab.level() < -150, "silence")
        assert play.get_attribute("aria-label") == "Play"

    def pause_and_resume() -> None:
        lab.record_more(0.2)
        pause()
        held = lab.position()
        assert lab.position() == held, "the playhead stands still"
        lab.play()
        lab.record_more(0.3)

    heard = lab.record(pause_and_resume)[0]
    silent = np.flatnonzero(heard == 0)
    runs = np.split(silent, np.flatnonzero(np.diff(silent) > 1) + 1)
    gap = max(runs, key=len)
    assert len(gap) > 1024
    before = loop_positions(heard[: gap[0] - 512], sound, 1024)
    after = loop_positions(heard[gap[-1] + 512 :], sound, 1024)
    assert np.unique(before).size == np.unique(after).size == 1
    # The ramp down, of 5 ms, and the rest of its block are part of the sound, and the ramp up is.
    lost = (int(after[0]) - (int(before[0]) + int(gap[0]) + 511) + len(sound) // 2) % len(sound) - len(sound) // 2
    assert abs(lost) < 0.01 * RATE, f"the sound went on {lost} samples away from where it was paused"

    def first_heard() -> int:
        """From a pause: play, and find where in the sound that begins."""
        part = lab.record(lambda: (lab.play(), lab.record_more(0.2)))[0]
        begin = int(np.flatnonzero(part)[0])
        return int((loop_positions(part[begin + 512 :], sound, 1024)[0] - 512) % len(sound))

    def goes_to(place: float, within: float = 1e-3) -> None:
        """The playhead answers from the audio thread, so it is waited for."""
        wait_until(lambda: lab.position() == pytest.approx(place, abs=within), f"the playhead at {place:g} s")

    pause()
    seek.evaluate("(bar, t) => { bar.value = t; bar.dispatchEvent(new Event('input', { bubbles: true })) }", 0.5)
    goes_to(0.5 * SECONDS)
    assert first_heard() == pytest.approx(0.5 * SECONDS * RATE, abs=64)

    pause()
    box = seek.bounding_box()
    assert box is not None
    lab.page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + box["height"] / 2)
    goes_to(0.25 * SECONDS, within=0.01 * SECONDS)
    clicked = lab.position()
    assert first_heard() == pytest.approx(clicked * RATE, abs=64)

    pause()
    seek.focus()
    for key, place in (("Home", 0.0), ("ArrowRight", SECONDS / 20), ("End", SECONDS)):
        lab.page.keyboard.press(key)
        goes_to(place)

    # At the end with the loop on, it begins again; with the loop off it stops there, and play begins again.
    lab.play()
    wait_until(lambda: 0 < lab.position() < 0.8 * SECONDS, "the loop to begin again")
    assert loop.get_attribute("aria-pressed") == "true"
    loop.click()
    assert loop.get_attribute("aria-pressed") == "false"
    wait_until(lambda: play.get_attribute("aria-label") == "Play", "the end of the sound")
    goes_to(SECONDS)
    wait_until(lambda: lab.level() < -150, "silence at the end")
    assert first_heard() < 64
    assert lab.page_errors == []
