"""Bypass, loop, seek and pause: each at the right sample and without a click."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import RATE, filtered, loop_excerpt, loop_positions, lowpass, noise, noise_cell
from tests.support.browser.wait import wait_until

SECONDS = 4.0
FADE = round(0.015 * RATE)
NEAR = 3e-4  # quantization to 16 bits at a peak of 0.45, and float32 compared with float64


def test_bypass_is_a_crossfade_at_the_same_sample(lab: NotebookPage) -> None:
    """Every sample is the render's, the input's, or between the two at the same position; the fades are short."""
    lab.open(noise_cell(SECONDS), "panel = fx.LowPass(cutoff=500.0).panel(x)\npanel")
    lab.play()
    button = lab.panel().locator("[data-action=bypass]")
    dry = noise(SECONDS).astype("f8")
    wet = filtered(*lowpass(500.0), dry)

    def toggle_twice() -> None:
        for pressed in ("true", "false"):
            lab.record_more(0.2)
            button.click()
            expect(button).to_have_attribute("aria-pressed", pressed)
        lab.record_more(0.3)

    recording = lab.record(toggle_twice)[0]
    start = int(loop_positions(recording[:8192], wet)[0])
    dry, wet = loop_excerpt(dry, start, len(recording)), loop_excerpt(wet, start, len(recording))
    # The player crossfades over 5 ms from the end of the loop to its start.
    place = (start + np.arange(len(recording))) % (round(SECONDS * RATE))
    seam = place < 0.006 * RATE
    low, high = np.minimum(dry, wet) - NEAR, np.maximum(dry, wet) + NEAR
    assert np.all((recording >= low) & (recording <= high) | seam), "a sample is neither the render's nor the input's"
    is_wet, is_dry = np.abs(recording - wet) < NEAR, np.abs(recording - dry) < NEAR
    assert FADE < np.sum(~is_wet & ~is_dry & ~seam) <= 2 * FADE + 2, "not two fades of 15 ms"
    sure = np.abs(dry - wet) > 10 * NEAR
    # At least 0.2 s and 0.5 s less the fades, however long the clicks take on a busy machine.
    assert np.sum(is_dry[sure]) > 0.15 * RATE * np.mean(sure), "the input was not played"
    assert np.sum(is_wet[sure]) > 0.3 * RATE * np.mean(sure)
    assert lab.data("sent") == 0, "bypass sent something to the kernel"
    assert lab.page_errors == []


def test_pause_seek_and_loop(lab: NotebookPage) -> None:
    """Pause keeps the position; seek by range, keys and a click on the waveform; without the loop playback ends."""
    lab.open(noise_cell(SECONDS), "panel = fx.Peak(frequency=8000.0).panel(x)\npanel")
    lab.play()
    panel = lab.panel()
    play, loop, seek = (panel.locator(f"[data-action={action}]") for action in ("play", "loop", "seek"))
    sound = noise(SECONDS)

    def pause() -> None:
        lab.pause()
        expect(play).to_have_attribute("aria-label", "Play")

    def pause_and_resume() -> None:
        lab.record_more(0.2)
        pause()
        held = lab.position()
        lab.wait_for_page_timers()
        assert lab.position() == held, "the playhead moved during the pause"
        lab.play()
        lab.record_more(0.3)

    recording = lab.record(pause_and_resume)[0]
    silent = np.flatnonzero(recording == 0)
    runs = np.split(silent, np.flatnonzero(np.diff(silent) > 1) + 1)
    gap = max(runs, key=len)
    assert len(gap) > 1024
    before = loop_positions(recording[: gap[0] - 512], sound, 1024)
    after = loop_positions(recording[gap[-1] + 512 :], sound, 1024)
    assert np.unique(before).size == np.unique(after).size == 1
    # The fade-out, of 5 ms, and the rest of its block count as played, and so does the fade-in.
    lost = (int(after[0]) - (int(before[0]) + int(gap[0]) + 511) + len(sound) // 2) % len(sound) - len(sound) // 2
    assert abs(lost) < 0.01 * RATE, f"playback continued {lost} samples away from the pause"

    def first_sample() -> int:
        """Play after a pause; return the sample of the sound at which playback begins."""
        part = lab.record(lambda: (lab.play(), lab.record_more(0.2)))[0]
        begin = int(np.flatnonzero(part)[0])
        return int((loop_positions(part[begin + 512 :], sound, 1024)[0] - 512) % len(sound))

    def wait_for_position(seconds: float, tolerance: float = 1e-3) -> None:
        wait_until(lambda: lab.position() == pytest.approx(seconds, abs=tolerance), f"the playhead at {seconds:g} s")

    pause()
    seek.evaluate("(bar, t) => { bar.value = t; bar.dispatchEvent(new Event('input', { bubbles: true })) }", 0.5)
    wait_for_position(0.5 * SECONDS)
    assert first_sample() == pytest.approx(0.5 * SECONDS * RATE, abs=64)

    pause()
    box = seek.bounding_box()
    assert box is not None
    lab.page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + box["height"] / 2)
    wait_for_position(0.25 * SECONDS, tolerance=0.01 * SECONDS)
    clicked = lab.position()
    assert first_sample() == pytest.approx(clicked * RATE, abs=64)

    pause()
    seek.focus()
    for key, seconds in (("Home", 0.0), ("ArrowRight", SECONDS / 20), ("End", SECONDS)):
        lab.page.keyboard.press(key)
        wait_for_position(seconds)

    # With the loop, playback at the end continues at the start; without it, it ends, and play starts again.
    lab.play()
    wait_until(lambda: 0 < lab.position() < 0.8 * SECONDS, "the loop to begin again")
    expect(loop).to_have_attribute("aria-pressed", "true")
    loop.click()
    expect(loop).to_have_attribute("aria-pressed", "false")
    wait_until(lambda: play.get_attribute("aria-label") == "Play", "the end of the sound")
    wait_for_position(SECONDS)
    wait_until(lambda: lab.level() < -150, "silence at the end")
    assert first_sample() < 64
    assert lab.page_errors == []
