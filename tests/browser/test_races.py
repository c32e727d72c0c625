"""A hand quicker than the line, and what goes away meanwhile: nothing is done twice, dropped or left waiting."""

from __future__ import annotations

import pytest

from tests.browser.test_files import choose
from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import noise_cell
from tests.support.browser.wait import wait_until

pytestmark = pytest.mark.own_page

# What the page says takes that long to go out.
SLOW = """ms => {
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (...given) { setTimeout(() => send.apply(this, given), ms); };
}"""

# The microphone that a page was given, and that it is pulled out.
KEPT = """() => {
  const given = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async wanted => (window.microphone = await given(wanted));
}"""
PULLED = """() => {
  const [track] = window.microphone.getTracks();
  track.stop();
  track.dispatchEvent(new Event('ended'));
}"""

# A folder looks like a file until it is read.
FOLDER = """() => {
  const folder = new File(['?'], 'songs');
  folder.arrayBuffer = async () => { throw new DOMException('gone', 'NotFoundError'); };
  const event = new DragEvent('drop', { bubbles: true, cancelable: true });
  Object.defineProperty(event, 'dataTransfer', { value: { types: ['Files'], files: [folder] } });
  document.querySelector('.fxlab-panel .plot').dispatchEvent(event);
}"""


def test_a_hand_quicker_than_the_line_and_what_goes_away(lab: NotebookPage) -> None:
    """In one notebook, since to open one takes longest."""
    lab.open(noise_cell(1.0), "panel = (fx.LowPass(cutoff=500.0) | fx.Peak() | fx.Notch()).panel(x)\npanel")
    lab.panel()
    lab.wait_until_ready()  # until then JupyterLab may take the focus
    lab.page.evaluate(SLOW, 120)
    hurries(lab)
    loses(lab)
    assert lab.page_errors == []


def hurries(lab: NotebookPage) -> None:
    """Letters back and forth, a stage moved up three times, bypass pressed three times, undo at once."""
    panel, keyboard = lab.panel(), lab.page.keyboard
    panel.locator("[data-action=remove-stage][data-index='2']").focus()
    for key in ("2", "1", "Alt+ArrowUp", "Alt+ArrowUp", "Alt+ArrowUp"):
        keyboard.press(key)
    lab.settle()
    assert lab.evaluate("[type(stage).__name__ for stage in panel.module]") == ["Notch", "LowPass", "Peak"]
    assert lab.evaluate("panel.settings.selected") == "A"
    assert lab.page.evaluate("() => document.activeElement.dataset.index") == "0", "the focus goes with the stage"
    for _ in range(3):
        panel.locator("[data-action=bypass-stage][data-index='1']").click()
    lab.settle()
    assert lab.evaluate("list(panel.module.bypassed)") == [1]
    lab.set_slider("1.cutoff", 1.0)
    keyboard.press("Control+z")
    wait_until(lambda: lab.value("1.cutoff") == pytest.approx(500.0), "the move to be undone")


def loses(lab: NotebookPage) -> None:
    """A folder, the microphone, the kernel: each is said, and what was recorded is not lost."""
    panel = lab.panel()
    alert, remark = panel.get_by_role("alert"), panel.locator(".message")
    lab.page.evaluate(FOLDER)
    wait_until(lambda: "songs cannot be read" in alert.inner_text(), "the folder to be refused")
    assert remark.inner_text() == ""
    lab.page.evaluate(KEPT)
    choose(lab, "record")
    wait_until(lambda: "0:01" in panel.locator(".recording").inner_text(), "some sound to be recorded")
    lab.page.evaluate(PULLED)
    wait_until(lambda: "The microphone was disconnected" in remark.inner_text(), "the page to say so")
    assert panel.locator(".recording").is_hidden()
    assert lab.evaluate("panel.signal.duration") != 1.0

    lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    wait_until(lambda: panel.get_attribute("data-state") == "error", "the panel to hear of it")
    sent = lab.data("sent")
    panel.locator("[data-action=select-B]").click()
    assert (panel.get_attribute("data-state"), lab.data("sent")) == ("error", sent), "nothing is waited for"
    choose(lab, "record")
    wait_until(lambda: "0:01" in panel.locator(".recording").inner_text(), "some sound to be recorded")
    with lab.page.expect_download() as waiting:
        panel.locator("[data-action=stop-recording]").click()
    assert waiting.value.suggested_filename == "recording.wav"
