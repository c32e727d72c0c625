"""Other hosts of the panel: comms with and without subshells, an older kernel, Notebook 7, a page by plain HTTP."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sound_follows_slider import assert_sound_follows_slider
from tests.support.browser.sounds import butterworth_db, noise_cell
from tests.support.browser.wait import wait_until

pytestmark = pytest.mark.own_page

KERNELS = "@jupyterlab/apputils-extension:kernels-settings"
SUBSHELLS = "sum(t.name.startswith('subshell') for t in __import__('threading').enumerate())"
KERNEL_STATUS = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status"

# A cell that keeps the kernel busy until a test creates the file.
WAIT_FOR_FILE = """import pathlib, time
while not pathlib.Path({name!r}).exists():
    time.sleep(0.02)"""


def assert_slider_waits_for_the_cell(lab: NotebookPage) -> None:
    """Move the slider while a cell runs in a kernel without subshells: the value arrives when the cell has ended."""
    name = f"release-{uuid4().hex}"
    lab.execute_in_background(WAIT_FOR_FILE.format(name=name))
    wait_until(lambda: lab.page.evaluate(KERNEL_STATUS) == "busy", "the cell to run")
    lab.set_slider("cutoff", 0.9)
    (lab.jupyter.root / name).touch()
    lab.settle()
    assert lab.evaluate("panel.module.cutoff") == lab.value("cutoff") > 5000


@pytest.mark.parametrize(("setting", "shells"), [("perComm", 1), ("disabled", 0)])
def test_with_a_subshell_for_each_comm_and_without_any(lab: NotebookPage, setting: str, shells: int) -> None:
    """The third setting, one subshell for all widgets, is JupyterLab's default, which the other tests use."""
    lab.jupyter.set(KERNELS, commsOverSubshells=setting)
    try:
        lab.open(noise_cell(2.0), "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel")
        assert_sound_follows_slider(lab)
        assert min(lab.evaluate(SUBSHELLS), 1) == shells
        # A subshell handles the slider while a cell runs; without one it is handled when the cell has ended.
        if shells:
            lab.execute_in_background("while panel.module.cutoff < 5000.0: __import__('time').sleep(0.02)")
            wait_until(lambda: lab.page.evaluate(KERNEL_STATUS) == "busy", "the cell to run")
            lab.set_slider("cutoff", 0.9)
            lab.settle()
            assert lab.evaluate("panel.module.cutoff") == lab.value("cutoff") > 5000
        else:
            assert_slider_waits_for_the_cell(lab)
    finally:
        lab.jupyter.set(KERNELS)
    assert lab.page_errors == []


# Adds a text field to the page, beside the notebook, to paste into.
FIELD = """() => {
  const field = document.createElement('textarea');
  document.body.append(field);
  field.focus();
}"""


def test_an_older_kernel_in_notebook_7(lab: NotebookPage, older_kernel: str) -> None:
    """ipykernel 6 has no subshells, and Notebook 7 is the other front end with JupyterLab's cells."""
    lab.open(noise_cell(2.0), "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel", app="notebooks", kernel=older_kernel)
    assert lab.evaluate("__import__('ipykernel').__version__").startswith("6.")
    assert_sound_follows_slider(lab)
    assert_slider_waits_for_the_cell(lab)
    assert lab.evaluate(SUBSHELLS) == 0
    assert lab.page_errors == []


# The share of the input spectrum's area that the output spectrum covers, in the lowest third and the highest eighth of
# the frequency axis; -1 if the input spectrum is not drawn.
COVERED = """() => {
  const canvas = document.querySelector('.fxlab-panel canvas.live');
  const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const part = (from, to) => {
    let [input, both] = [0, 0];
    for (let i = 3; i < data.length; i += 4) {
      const x = (i >> 2) % width;
      if (x < from * width || x > to * width || data[i] < 20) continue;
      input++;
      if (data[i] > 70) both++;
    }
    return input > 500 ? both / input : -1;
  };
  return [part(0.1, 0.4), part(0.86, 0.98)];
}"""


def test_a_page_by_plain_http_plays_without_an_audio_worklet(lab: NotebookPage) -> None:
    """As from a classroom's server: scheduled buffers play the sound, and a notice explains the longer delay."""
    lab.origin = f"http://fxlab.test:{lab.jupyter.port}"
    lab.open(noise_cell(2.0), "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel")
    assert lab.page.evaluate("() => isSecureContext") is False
    lab.play()
    expect(lab.panel().get_by_role("status")).to_contain_text("This page has no AudioWorklet")
    for position in (0.5, 0.7):
        lab.set_slider("cutoff", position)
        lab.settle()

        def slopes() -> tuple[float, float]:
            """Return how much louder 4 to 8 kHz are than 50 to 250 Hz: in the sound, and by the cutoff shown."""
            frequency, level = lab.spectrum()
            low, high = (frequency > 50) & (frequency < 250), (frequency > 4000) & (frequency < 8000)
            expected = butterworth_db(frequency, lab.value("cutoff"))
            return level[high].mean() - level[low].mean(), expected[high].mean() - expected[low].mean()

        def is_filtered() -> bool:
            heard, expected = slopes()
            return heard == pytest.approx(expected, abs=2.0)

        wait_until(is_filtered, lambda: f"the sound to be filtered; the slopes are {slopes()} dB")

    def spectra(least: float, most: float) -> bool:
        low, high = lab.page.evaluate(COVERED)
        return low > 0.9 and least < high < most

    wait_until(
        lambda: spectra(0.2, 0.85), "the live spectra to show that the low-pass attenuates only high frequencies"
    )
    lab.panel().locator("[data-action=code]").click()
    lab.panel().locator(".message", has_text="Copied").wait_for()
    assert lab.page.evaluate("() => navigator.clipboard === undefined")
    lab.page.evaluate(FIELD)
    lab.page.keyboard.press("Control+v")
    code = f"module = fx.LowPass(cutoff={lab.evaluate('panel.module.cutoff')!r})"
    pasted = "() => document.activeElement.value"
    wait_until(lambda: lab.page.evaluate(pasted).endswith(code), lambda: f"the code; it is {lab.page.evaluate(pasted)}")
    bypass = lab.panel().locator("[data-action=bypass]")
    bypass.click()
    wait_until(lambda: spectra(0.9, 1.01), "the live spectra of input and output to be the same in bypass")
    wait_until(lambda: lab.level() == pytest.approx(-20.0, abs=1.0), "the input to play")
    lab.pause()
    assert lab.page_errors == []
