"""Ten minutes play, are sought through and tuned as ten seconds are; and a slow line tunes without a gap."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.server import Jupyter
from tests.support.browser.slow_link import SlowLink
from tests.support.browser.sounds import RATE, filtered, lowpass, noise, noise_cell
from tests.support.browser.wait import wait_until

SECONDS = 600.0
NEAR = 4e-4  # 16 bits of a peak of 0.5, and float32 against float64
FADE = round(0.015 * RATE)

COUNT = """
sent = [0]
outbox, deliver = panel._worker.outbox, panel._worker.outbox.deliver
def counted(content, buffers):
    sent[0] += sum(len(buffer) for buffer in buffers)
    deliver(content, buffers)
outbox.deliver = counted
"""


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    return noise(SECONDS).astype("f8")


def place_of(heard: np.ndarray, sound: np.ndarray, near: float) -> int:
    """Where in `sound` it was heard, within eight seconds of `near`, through the loop's seam."""
    size = 8192
    begin = int((near - 8) * RATE)
    part = sound[np.arange(begin, begin + 16 * RATE) % len(sound)]
    spectrum = np.fft.rfft(part, 2 ** int(np.ceil(np.log2(len(part) + size))))
    likeness = np.fft.irfft(spectrum * np.conj(np.fft.rfft(heard[:size], 2 * (len(spectrum) - 1))))
    return (begin + int(np.argmax(likeness[: len(part) - size]))) % len(sound)


def follows(heard: np.ndarray, sounds: list[np.ndarray], near: float) -> np.ndarray:
    """Which of `sounds` each sample was, -1 while one faded into another; the playhead never jumps, and no gap is."""
    starts = {place_of(heard, whole, near) for whole in sounds}
    first = np.arange(4096)
    start = min(
        starts, key=lambda at: min(np.abs(whole[(at + first) % len(whole)] - heard[first]).max() for whole in sounds)
    )
    at = (start + np.arange(len(heard))) % len(sounds[0])
    stack = np.stack([whole[at] for whole in sounds])
    seam = at < 0.006 * RATE
    low, high = stack.min(0) - NEAR, stack.max(0) + NEAR
    inside = (heard >= low) & (heard <= high) | seam
    assert inside.all(), f"something else is heard at {np.flatnonzero(~inside)[:5]} of {len(heard)}"
    which = np.argmin(np.abs(stack - heard), axis=0)
    return np.where(np.abs(stack - heard).min(0) < NEAR, which, -1)


def seek(lab: NotebookPage, seconds: float) -> None:
    bar = lab.panel().locator("[data-action=seek]")
    bar.evaluate(
        "(bar, t) => { bar.value = t; bar.dispatchEvent(new Event('input', { bubbles: true })) }", seconds / SECONDS
    )
    wait_until(lambda: abs(lab.position() - seconds) < 2, f"the playhead at {seconds:g} s")
    lab.page.wait_for_timeout(200)  # the window of the analyser is to hold nothing of before
    wait_until(lambda: lab.level() > -60, f"sound at {seconds:g} s")
    lab.page.wait_for_timeout(100)


def test_ten_minutes_play_are_sought_through_and_tuned(lab: NotebookPage, sound: np.ndarray) -> None:
    """What is heard is the filter's output at the playhead, everywhere; a fraction of the sound was sent for it."""
    lab.open(noise_cell(SECONDS), f"panel = fx.LowPass(cutoff=3000.0).panel(x)\n{COUNT}\npanel")
    lab.play()
    at_3000 = filtered(*lowpass(3000.0), sound)
    near = lab.position()
    follows(lab.listen(0.5)[0], [at_3000], near)
    seek(lab, 300.0)
    follows(lab.listen(0.5)[0], [at_3000], 300.5)

    def tune() -> None:
        lab.record_more(0.3)
        lab.wait_for_render(lab.set_slider("cutoff", 0.6))
        lab.record_more(0.8)

    near = lab.position()
    heard = lab.record(tune)[0]
    at_new = filtered(*lowpass(lab.value("cutoff")), sound)
    which = follows(heard, [at_new, at_3000], near)
    sure = np.abs(at_new - at_3000).mean() > 10 * NEAR
    assert sure
    assert (which[-RATE // 4 :] <= 0).mean() > 0.99, "it ends on the new values"
    assert np.sum(which == -1) < 4 * FADE, "one crossfade, or one back and forth"

    # Over the end with the loop on: what lies behind the seam was sent before it was reached.
    seek(lab, SECONDS - 2.5)
    heard = lab.record(lambda: lab.record_more(4.0))[0]
    assert lab.position() < 5
    follows(heard[2048:], [at_new], SECONDS - 2.5)
    lab.settle()
    assert lab.evaluate("sent[0]") < 0.4 * 2 * SECONDS * RATE, "and not the whole for each of these"
    finished = "not panel._worker.audio_sender.has_unfinished_overview"
    wait_until(lambda: lab.evaluate(finished), "the overview of the complete sound")
    assert lab.page_errors == []


def test_what_lies_ahead_is_asked_for_before_it_is_missed(lab: NotebookPage) -> None:
    """Where the kernel sends four seconds at a time, seven play on without a hole, bypassed or not."""
    lab.open(
        "from fxlab.panel.streaming import send_order\n"
        "send_order.LOOKAHEAD_SECONDS, send_order.MAX_FULL_BYTES = 4.0, 1_500_000\n" + noise_cell(30.0),
        "panel = fx.LowPass(cutoff=3000.0).panel(x)\npanel",
    )
    lab.play()
    sound = noise(30.0).astype("f8")
    at_3000 = filtered(*lowpass(3000.0), sound)

    def bypass() -> None:
        lab.record_more(4.0)
        lab.panel().locator("[data-action=bypass]").click()
        lab.record_more(3.0)

    near = lab.position()
    heard = lab.record(bypass)[0]
    which = follows(heard, [at_3000, sound], near)
    assert (which[-RATE:] == 1).mean() > 0.8
    assert lab.page_errors == []


@pytest.fixture
def far(browser: Browser, jupyter: Jupyter) -> Iterator[tuple[NotebookPage, SlowLink]]:
    """A page whose line can be made slow."""
    with SlowLink(jupyter.port) as link:
        through_link = copy.copy(jupyter)
        through_link.url = link.url
        lab = NotebookPage(browser, through_link)
        yield lab, link
        lab.close()


def test_a_slow_line_tunes_without_a_gap(far: tuple[NotebookPage, SlowLink]) -> None:
    """10 Mbit/s and 60 ms: no sample is missing while a hand moves, and the last values are what is heard."""
    lab, link = far
    seconds = 60.0
    dry = noise(seconds).astype("f8")
    stereo = noise_cell(seconds) + "\nx = fx.Signal(torch.cat([x.samples, 0.5 * x.samples]), 44_100)"
    lab.open(stereo, "panel = fx.LowPass(cutoff=3000.0).panel(x)\npanel")
    lab.panel()
    link.set_limits(1.25e6, 0.03)
    lab.play()
    cutoffs = [3000.0]

    def tune() -> None:
        lab.record_more(0.5)
        for position in (0.55, 0.7, 0.6, 0.75):
            lab.set_slider("cutoff", position)
            cutoffs.append(lab.value("cutoff"))
            lab.page.wait_for_timeout(300)
        # How soon that is, is for the benchmarks to say: here other tests have the other core.
        wait_until(lambda: lab.data("playing") == lab.data("sent"), "the last values to be playing")
        lab.record_more(1.0)

    carried, near = link.down.carried, lab.position()
    heard = lab.record(tune)
    np.testing.assert_allclose(0.5 * heard[0], heard[1], atol=NEAR)
    wholes = [filtered(*lowpass(cutoff), dry) for cutoff in cutoffs]
    last = wholes[-1]
    which = follows(heard[0], [last, *wholes[:-1]], near)
    assert (which[-RATE // 2 :] == 0).mean() > 0.9
    assert link.down.carried - carried < 1.3e6 * (heard.shape[1] / RATE + 2), "the line is as slow as it was to be"
    assert lab.page_errors == []
