"""The panel learns: the Learn button, a target that is dropped, sliders that move by themselves, and the sound."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from tests.support.browser.axe import inspect
from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import tone_level
from tests.support.browser.wait import wait_until

SECONDS = 0.2
RATE = 44_100
LEVEL = -20.0
CELL = f"import fxlab as fx\nx = fx.sine(1000.0, {SECONDS}, level_db={LEVEL})\npanel = fx.Gain(0.0).panel(x)\npanel"

# Drops a file on an element of the panel.
DROP = """([selector, name, data]) => {
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name));
  const target = document.querySelector(`.fxlab-panel ${selector}`);
  for (const kind of ['dragenter', 'dragover', 'drop'])
    target.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
}"""

# Notes the value of the slider whenever its text changes, with the time.
WATCH = """path => {
  const bar = document.querySelector(`.fxlab-panel input[type=range][data-param='${path}']`);
  window.learned = [];
  new MutationObserver(() => window.learned.push([performance.now(), bar.ariaValueText]))
    .observe(bar, { attributes: true, attributeFilter: ['aria-valuetext'] });
}"""


def drop(lab: NotebookPage, selector: str, name: str, data: bytes) -> None:
    lab.page.evaluate(DROP, [selector, name, base64.b64encode(data).decode()])


def tone(level_db: float, rate: int) -> bytes:
    """Return the tone of the notebook at another level or sample rate, as a WAV file."""
    time = np.arange(round(SECONDS * rate)) / rate
    file = io.BytesIO()
    samples = 10 ** (level_db / 20) * np.sin(2 * np.pi * 1000 * time)
    soundfile.write(file, samples.astype("f4"), rate, format="wav", subtype="FLOAT")
    return file.getvalue()


def heard(lab: NotebookPage) -> float:
    lab.settle()
    return tone_level(lab.listen(0.3)[0], 1000.0)


def test_a_dropped_target_is_learned_while_it_plays_and_undone(lab: NotebookPage) -> None:
    """The slider moves, the sound follows without a gap to the level of the target, and one undo brings it back."""
    lab.open(CELL)
    panel = lab.panel()
    lab.play()
    panel.locator("[data-action=learn]").focus()
    lab.page.keyboard.press("Enter")
    expect(panel.locator("[data-action=choose-target]")).to_be_focused()
    run = panel.locator("[data-action=run-learning]")
    assert not run.is_visible(), "there is nothing to start without a target"

    # A target of another rate is refused, and playback continues.
    drop(lab, ".learning", "slow.wav", tone(LEVEL - 12, 32_000))
    expect(run).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(panel.get_by_role("alert").first).to_contain_text(re.compile("32000 Hz.*44100 Hz"))
    assert lab.evaluate("panel.module.gain_db") == 0

    drop(lab, ".learning", "quiet.wav", tone(LEVEL - 12, RATE))
    expect(panel.locator(".learning")).to_contain_text("quiet.wav")
    expect(panel.locator(".legend")).to_contain_text("Target")
    # A curve, which is fitted in less time, is a target wherever it is dropped.
    drop(lab, ".plot", "flat.csv", b"Hz,dB\n20,-12\n20000,-12\n")
    expect(panel.locator(".learning")).to_contain_text("flat.csv")
    expect(run).to_be_focused()
    lab.page.evaluate(WATCH, "gain_db")

    def learn() -> None:
        lab.page.keyboard.press("Enter")
        expect(panel.get_by_role("status").filter(has_text="Done after")).to_be_visible()
        lab.settle()

    recording = lab.record(learn)[0]
    windows = recording[: len(recording) // 441 * 441].reshape(-1, 441)
    quietest = 20 * np.log10(np.sqrt(2 * (windows**2).mean(-1)).min())
    assert quietest > LEVEL - 14, "there was a gap"
    steps = lab.page.evaluate("window.learned")
    assert len({value for _, value in steps}) > 2, "the slider did not move gradually"
    seconds = (steps[-1][0] - steps[0][0]) / 1000
    assert len(steps) <= 30 * seconds + 3, "there were more than thirty updates a second"
    assert lab.value("gain_db") == pytest.approx(-12.0, abs=0.3)
    assert heard(lab) == pytest.approx(LEVEL - 12, abs=0.4)

    panel.locator("[data-action=undo]").click()
    wait_until(lambda: lab.value("gain_db") == 0, "the slider at its place before")
    assert heard(lab) == pytest.approx(LEVEL, abs=0.2)
    assert panel.locator("[data-action=undo]").get_attribute("aria-disabled") == "true", "there is one step"

    # Stop ends a long fit, and a slider takes over from another.
    long_fit = "panel.learn(([20.0, 20e3], [-6.0, -6.0]), steps=10**6, patience=10**6, learning_rate=1e-4)"
    lab.execute(long_fit)
    expect(run).to_have_text("Stop")
    run.click()
    expect(panel.get_by_role("status").filter(has_text="Stopped after")).to_be_visible()
    lab.execute(long_fit)
    expect(run).to_have_text("Stop")
    lab.set_slider("gain_db", 0.9)
    expect(panel.get_by_role("status").filter(has_text="gain_db changed")).to_be_visible()
    lab.settle()
    assert lab.value("gain_db") > 5
    assert inspect(lab.page) == {"violations": [], "unsure": [], "unchecked": []}
    assert lab.page_errors == []
