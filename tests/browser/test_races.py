"""Input that is faster than the connection, and losses: nothing is done twice, dropped or left waiting."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_files import choose
from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import noise_cell
from tests.support.browser.wait import wait_until

pytestmark = pytest.mark.own_page

# Delays every message of the page by that many milliseconds.
DELAY_MESSAGES = """ms => {
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (...given) { setTimeout(() => send.apply(this, given), ms); };
}"""

# Keeps the stream of the microphone that the page opens next; ends it, as when the microphone is unplugged.
KEEP_MICROPHONE = """() => {
  const given = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async wanted => (window.microphone = await given(wanted));
}"""
UNPLUG_MICROPHONE = """() => {
  const [track] = window.microphone.getTracks();
  track.stop();
  track.dispatchEvent(new Event('ended'));
}"""

# Drops a folder, which looks like a file until it is read.
DROP_FOLDER = """() => {
  const folder = new File(['?'], 'songs');
  folder.arrayBuffer = async () => { throw new DOMException('gone', 'NotFoundError'); };
  const event = new DragEvent('drop', { bubbles: true, cancelable: true });
  Object.defineProperty(event, 'dataTransfer', { value: { types: ['Files'], files: [folder] } });
  document.querySelector('.fxlab-panel .plot').dispatchEvent(event);
}"""


def test_fast_input_on_a_slow_connection_and_losses(lab: NotebookPage) -> None:
    """Both in one notebook, since opening it takes longest."""
    lab.open(noise_cell(1.0), "panel = (fx.LowPass(cutoff=500.0) | fx.Peak() | fx.Notch()).panel(x)\npanel")
    lab.panel()
    lab.wait_until_ready()  # until then JupyterLab may move the focus
    lab.page.evaluate(DELAY_MESSAGES, 120)
    check_fast_input(lab)
    check_losses(lab)
    assert lab.page_errors == []


def check_fast_input(lab: NotebookPage) -> None:
    """Switch settings back and forth, move a stage up three times, press bypass three times, undo immediately."""
    panel, keyboard = lab.panel(), lab.page.keyboard
    panel.locator("[data-action=remove-stage][data-index='2']").focus()
    for key in ("2", "1", "Alt+ArrowUp", "Alt+ArrowUp", "Alt+ArrowUp"):
        keyboard.press(key)
    lab.settle()
    assert lab.evaluate("[type(stage).__name__ for stage in panel.module]") == ["Notch", "LowPass", "Peak"]
    assert lab.evaluate("panel.settings.selected") == "A"
    focused = "() => document.activeElement.dataset.index"
    wait_until(lambda: lab.page.evaluate(focused) == "0", "the focus to follow the stage")
    for _ in range(3):
        panel.locator("[data-action=bypass-stage][data-index='1']").click()
    lab.settle()
    assert lab.evaluate("list(panel.module.bypassed)") == [1]
    lab.set_slider("1.cutoff", 1.0)
    keyboard.press("Control+z")
    wait_until(lambda: lab.value("1.cutoff") == pytest.approx(500.0), "the change to be undone")


def check_losses(lab: NotebookPage) -> None:
    """Report an unreadable folder, an unplugged microphone and a restarted kernel, and lose no recording."""
    panel = lab.panel()
    alert, message = panel.get_by_role("alert"), panel.locator(".message")
    lab.page.evaluate(DROP_FOLDER)
    wait_until(lambda: "songs cannot be read" in alert.inner_text(), "the folder to be refused")
    assert message.inner_text() == ""
    lab.page.evaluate(KEEP_MICROPHONE)
    choose(lab, "record")
    wait_until(lambda: "0:01" in panel.locator(".recording").inner_text(), "some sound to be recorded")
    lab.page.evaluate(UNPLUG_MICROPHONE)
    wait_until(lambda: "The microphone was disconnected" in message.inner_text(), "the loss to be reported")
    expect(panel.locator(".recording")).to_be_hidden()
    wait_until(lambda: lab.evaluate("panel.signal.duration") != 1.0, "the recording to arrive in the kernel")

    lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    wait_until(lambda: panel.get_attribute("data-state") == "error", "the panel to show that the kernel is gone")
    sent = lab.data("sent")
    panel.locator("[data-action=select-B]").click()
    lab.wait_for_page_timers()
    assert (panel.get_attribute("data-state"), lab.data("sent")) == ("error", sent), "a change was sent to no kernel"
    choose(lab, "record")
    wait_until(lambda: "0:01" in panel.locator(".recording").inner_text(), "some sound to be recorded")
    with lab.page.expect_download() as waiting:
        panel.locator("[data-action=stop-recording]").click()
    assert waiting.value.suggested_filename == "recording.wav"
