"""Sounds are dropped on the panel, recorded, and downloaded as files; failures are reported."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import noise_cell
from tests.support.browser.wait import wait_until

# Drags a file over the panel and drops it; whether the panel was highlighted after each event.
DROP = """([name, data, type]) => {
  const panel = document.querySelector('.fxlab-panel');
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name, { type }));
  const plot = panel.querySelector('.plot');
  const highlighted = [];
  for (const kind of ['dragenter', 'dragover', 'drop']) {
    plot.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
    highlighted.push(panel.classList.contains('drag-over'));
  }
  return highlighted;
}"""

DENIED = """() => {
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); };
}"""

ALLOWED = "() => { delete navigator.mediaDevices.getUserMedia; }"


def drop(lab: NotebookPage, name: str, data: bytes) -> list[bool]:
    """Drop a file; return whether the panel was highlighted on entering, while dragging, and after the drop."""
    highlighted: list[bool] = lab.page.evaluate(DROP, [name, base64.b64encode(data).decode(), "audio/wav"])
    return highlighted


def choose(lab: NotebookPage, action: str) -> None:
    """Choose an item of the menu behind the three dots."""
    lab.panel_locator().locator("[data-action=more]").click()
    lab.panel_locator().locator(f"[role=menu] [data-action={action}]").click()


def wait_for_amplitude(lab: NotebookPage, expected: float) -> None:
    """Wait until the sound has the RMS amplitude `expected`: it changes some frames after the panel shows the sound."""
    found = [0.0]

    def is_expected() -> bool:
        found[0] = 10 ** (lab.level() / 20)
        return found[0] == pytest.approx(expected, rel=0.1)

    wait_until(is_expected, lambda: f"an amplitude of {expected:.3g}; it is {found[0]:.3g}")


def test_a_file_is_dropped_and_the_output_downloaded(lab: NotebookPage, tmp_path: Path) -> None:
    """A file of another rate and length is dropped during playback, in parts; the downloaded output is read back."""
    lab.open(noise_cell(2.0), "panel = fx.Peak(frequency=1000.0, gain_db=-6.0).panel(x)\npanel")
    lab.play()
    rate = 32_000
    t = np.arange(3 * rate * 25) / rate
    sound = np.stack([0.4 * np.sin(2 * np.pi * 1000 * t), 0.2 * np.sin(2 * np.pi * 100 * t)], -1)
    file = io.BytesIO()
    soundfile.write(file, sound, rate, format="wav", subtype="PCM_16")
    assert len(file.getvalue()) > 8_000_000, "the file fits into one message"
    assert drop(lab, "two tones.wav", file.getvalue()) == [True, True, False]
    wait_until(lambda: lab.evaluate("panel.signal.sample_rate") == rate, "the file to be loaded")
    assert lab.evaluate("[panel.signal.channels, panel.signal.frames]") == [2, len(sound)]
    lab.panel()
    wait_until(
        lambda: "32 kHz" in lab.panel_locator().locator(".signal-format").inner_text(),
        "the panel to show the sample rate",
    )
    # The old sound plays until then; the new one then plays from its beginning.
    wait_until(lambda: lab.level() > -90 and lab.position() < 60, "the new sound")
    recording = lab.listen(0.5)
    assert np.std(recording[0]) == pytest.approx(0.4 / 2**0.5 / 2, rel=0.1), "1 kHz is not at half its amplitude"
    assert np.std(recording[1]) == pytest.approx(0.2 / 2**0.5, rel=0.1)

    for kind in ("wav", "flac"):
        with lab.page.expect_download() as waiting:
            choose(lab, f"download-{kind}")
        assert waiting.value.suggested_filename == f"Peak.{kind}"
        path = tmp_path / f"out.{kind}"
        waiting.value.save_as(path)
        samples, read_rate = soundfile.read(path, always_2d=True)
        assert (read_rate, samples.shape) == (rate, sound.shape)
        assert np.std(samples[rate:, 0]) == pytest.approx(0.4 / 2**0.5 * 10 ** (-6 / 20), rel=0.01)
    assert lab.page_errors == []


def test_a_signal_assigned_in_python_replaces_the_sound_that_plays(lab: NotebookPage) -> None:
    """One of the same length and rate continues at the playhead, another one begins; undo restores them."""
    lab.open(noise_cell(2.0), "panel = fx.Gain(0.0).panel(x)\npanel")
    lab.play()
    signal_format = lab.panel_locator().locator(".signal-format")
    tone = "fx.sine(1000.0, duration={}, sample_rate={}, level_db=-6.0)"
    rms = 10 ** (-6 / 20) / 2**0.5
    for change, rate_text, level in (
        (f"panel.signal = {tone.format(2.0, 44_100)}", "44.1 kHz", rms),
        ("panel.signal = x", "44.1 kHz", 0.1),
        (f"panel.signal = {tone.format(3.0, 32_000)}", "32 kHz", rms),
        ("panel.undo()", "44.1 kHz", 0.1),
    ):
        lab.execute(change)
        expect(signal_format).to_contain_text(rate_text)
        lab.settle()
        wait_for_amplitude(lab, level)
    assert lab.evaluate("panel.signal is x")
    assert lab.page_errors == []


def test_a_dropped_sound_is_undone_and_redone(lab: NotebookPage) -> None:
    """Undo and redo by keys during playback change the sound, the header and `panel.signal`."""
    lab.open(noise_cell(2.0), "panel = fx.Peak(frequency=1000.0, gain_db=0.0).panel(x)\npanel")
    lab.play()
    rate = 32_000
    file = io.BytesIO()
    soundfile.write(file, 0.4 * np.sin(2 * np.pi * 1000 * np.arange(3 * rate) / rate), rate, format="wav")
    drop(lab, "tone.wav", file.getvalue())
    signal_format = lab.panel_locator().locator(".signal-format")
    rms = 0.4 / 2**0.5
    for key, rate_text, duration, level in (
        ("", "32 kHz", "0:03", rms),
        ("Control+z", "44.1 kHz", "0:02", 0.1),
        ("Control+Shift+z", "32 kHz", "0:03", rms),
    ):
        if key:
            lab.panel_locator().locator("[data-action=undo]").focus()
            lab.page.keyboard.press(key)
        expect(signal_format).to_contain_text(rate_text)
        lab.settle()
        expect(lab.panel_locator().locator(".total")).to_have_text(re.compile(f"^{duration}"))
        assert lab.evaluate("panel.signal is x") == (rate_text == "44.1 kHz")
        wait_for_amplitude(lab, level)
    lab.execute("panel.undo()")
    expect(signal_format).to_contain_text("44.1 kHz")
    lab.settle()
    wait_for_amplitude(lab, 0.1)
    assert lab.page_errors == []


def test_an_unusable_file_is_reported_and_the_old_sound_continues(lab: NotebookPage) -> None:
    """Not audio, too large, too loud for FLAC; no permission to use the microphone."""
    lab.open(noise_cell(2.0, level=0.4), "panel = fx.Peak(frequency=1000.0, gain_db=12.0, q=0.3).panel(x)\npanel")
    lab.play()
    alert = lab.panel_locator().get_by_role("alert")
    before = lab.evaluate("panel.signal.frames")

    def wait_for_error(*words: str) -> None:
        wait_until(lambda: alert.is_visible() and all(word in alert.inner_text() for word in words), " ".join(words))

    drop(lab, "notes.md", b"no sound at all, but some words\n" * 40)
    wait_for_error("notes.md", "not a readable sound file")
    lab.page.evaluate("""() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([new Uint8Array(51e6)], 'long.wav'));
      document.querySelector('.plot').dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }));
    }""")
    wait_for_error("long.wav", "50 MB")
    choose(lab, "download-flac")
    wait_for_error("over full scale", "WAV")
    lab.page.evaluate(DENIED)
    choose(lab, "record")
    wait_for_error("microphone may not be used")
    lab.page.evaluate(ALLOWED)
    assert lab.evaluate("panel.signal.frames") == before
    # Playback stops for a recording, which would record it.
    expect(lab.panel().locator("[data-action=play]")).to_have_attribute("aria-label", "Play")
    lab.play()
    assert lab.page_errors == []


def test_a_recording_becomes_the_sound(lab: NotebookPage) -> None:
    """The browser's simulated microphone beeps; its recording plays at the microphone's sample rate."""
    lab.open(noise_cell(2.0), "panel = fx.LowPass(cutoff=15_000.0).panel(x)\npanel")
    lab.panel()
    choose(lab, "record")
    recording = lab.panel_locator().locator(".recording")
    wait_until(lambda: "0:02 of 2:00" in recording.inner_text(), "two seconds to be recorded")
    lab.panel_locator().locator("[data-action=stop-recording]").click()
    expect(recording).to_be_hidden()
    wait_until(lambda: lab.evaluate("panel.signal.frames") != 2 * 44_100, "the recording to arrive")
    assert lab.evaluate("panel.signal.channels") == 1
    assert lab.evaluate("panel.signal.duration") > 1.5
    assert lab.evaluate("float(panel.signal.samples.abs().max())") > 0.01
    lab.panel()
    lab.play()
    assert lab.page_errors == []
