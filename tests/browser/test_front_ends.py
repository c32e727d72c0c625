"""What else hosts the panel: comms with and without subshells, an older kernel, Notebook 7, a page by plain http."""

from __future__ import annotations

import pytest

from tests.support.browser.follows import follows
from tests.support.browser.notebook_page import Laboratory
from tests.support.browser.server import wait_until
from tests.support.browser.sounds import butterworth_db, noise_cell

pytestmark = pytest.mark.own_page

KERNELS = "@jupyterlab/apputils-extension:kernels-settings"
SUBSHELLS = "sum(t.name.startswith('subshell') for t in __import__('threading').enumerate())"
BUSY = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status"


@pytest.mark.parametrize(("setting", "shells"), [("perComm", 1), ("disabled", 0)])
def test_with_a_subshell_for_each_comm_and_without_any(lab: Laboratory, setting: str, shells: int) -> None:
    """The third way, one for all widgets, is JupyterLab's own and that of the other tests."""
    lab.jupyter.set(KERNELS, commsOverSubshells=setting)
    try:
        lab.open(noise_cell(2.0), "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel")
        follows(lab)
        assert min(lab.ask(SUBSHELLS), 1) == shells
        # While a cell runs: heard at once by a subshell, and without one when the cell is done.
        lab.start("while panel.module.cutoff < 5000.0: __import__('time').sleep(0.02)" if shells else SLEEP)
        wait_until(lambda: lab.page.evaluate(BUSY) == "busy", 10, "the cell to run")
        lab.slide("cutoff", 0.9)
        lab.settle()
        assert lab.ask("panel.module.cutoff") == lab.value("cutoff") > 5000
    finally:
        lab.jupyter.set(KERNELS)
    assert lab.complaints == []


SLEEP = "import time; time.sleep(1.0)"


# A field of the page's own, beside the notebook, to paste into.
FIELD = """() => {
  const field = document.createElement('textarea');
  document.body.append(field);
  field.focus();
}"""


def test_an_older_kernel_in_notebook_7(lab: Laboratory, older_kernel: str) -> None:
    """ipykernel 6, which has no subshells, under the other shell of the same cells."""
    lab.open(noise_cell(2.0), "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel", app="notebooks", kernel=older_kernel)
    assert lab.ask("__import__('ipykernel').__version__").startswith("6.")
    follows(lab)
    lab.start(SLEEP)
    wait_until(lambda: lab.page.evaluate(BUSY) == "busy", 10, "the cell to run")
    lab.slide("cutoff", 0.9)
    lab.settle()
    assert lab.ask("panel.module.cutoff") == lab.value("cutoff") > 5000
    assert lab.ask(SUBSHELLS) == 0
    assert lab.complaints == []


# How much of what the input's spectrum covers the output's covers too, in the lowest third and the highest eighth.
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


def test_a_page_by_plain_http_plays_without_an_audio_worklet(lab: Laboratory) -> None:
    """As from a classroom's server: sound through scheduled buffers, and a line that says why it comes later."""
    lab.origin = f"http://fxlab.test:{lab.jupyter.port}"
    lab.open(noise_cell(2.0), "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel")
    assert lab.page.evaluate("() => isSecureContext") is False
    lab.play()
    assert "This page has no AudioWorklet" in lab.panel().get_by_role("status").inner_text()
    for position in (0.5, 0.7):
        lab.slide("cutoff", position)
        lab.settle()
        lab.page.wait_for_timeout(300)  # the window of the analyser is to hold nothing of before
        frequency, level = lab.spectrum()
        low, high = (frequency > 50) & (frequency < 250), (frequency > 4000) & (frequency < 8000)
        expected = butterworth_db(frequency, lab.value("cutoff"))
        assert level[high].mean() - level[low].mean() == pytest.approx(
            expected[high].mean() - expected[low].mean(), abs=2.0
        )

    def spectra(least: float, most: float) -> bool:
        low, high = lab.page.evaluate(COVERED)
        return low > 0.9 and least < high < most

    wait_until(lambda: spectra(0.2, 0.85), 10, "the spectra of now: the low-pass takes from the highs alone")
    lab.panel().locator("[data-action=code]").click()
    lab.panel().locator(".message", has_text="Copied").wait_for(timeout=5000)
    assert lab.page.evaluate("() => navigator.clipboard === undefined")
    lab.page.evaluate(FIELD)
    lab.page.keyboard.press("Control+v")
    text = lab.page.evaluate("() => document.activeElement.value")
    assert text.endswith(f"module = fx.LowPass(cutoff={lab.ask('panel.module.cutoff')!r})")
    bypass = lab.panel().locator("[data-action=bypass]")
    bypass.click()
    wait_until(lambda: spectra(0.9, 1.01), 10, "the spectra of now: in bypass one lies on the other")
    wait_until(lambda: lab.level() == pytest.approx(-20.0, abs=1.0), 10, "the input to be heard")
    lab.panel().locator("[data-action=play]").click()
    wait_until(lambda: lab.level() < -150, 10, "silence")
    assert lab.complaints == []
