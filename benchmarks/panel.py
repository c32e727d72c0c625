"""How long a slider takes to be heard and seen, in a real browser, beside the plain way in the same run.

    python -m benchmarks.panel

A JupyterLab on loopback, headless Chromium, 10 s of stereo at 44.1 kHz, one low-pass. The panel is timed from the
slider's input event to the audio thread playing the new render, and to the curve being drawn; `interact` with
matplotlib and `IPython.display.Audio` from the key that moves its slider to its new player having sound to play.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.report import machine, table
from tests.browser.conftest import FLAGS
from tests.browser.laboratory import Laboratory
from tests.browser.server import Jupyter

SOUND = """
import torch, fxlab as fx
torch.manual_seed(0)
signal = fx.Signal(0.1 * torch.randn(2, 441_000), 44_100)
lowpass = fx.LowPass(cutoff=1000.0)
"""

PANEL = "panel = lowpass.panel(signal)\npanel"

INTERACT = """
%matplotlib inline
import numpy as np, matplotlib.pyplot as plt
from IPython.display import Audio, display
from ipywidgets import interact, FloatLogSlider

@interact(cutoff=FloatLogSlider(1000.0, min=1.3, max=4.3, step=0.01))
def show(cutoff):
    y = fx.LowPass(cutoff=cutoff)(signal)
    f = np.geomspace(20, 20_000, 512)
    plt.semilogx(f, 20 * np.log10(np.abs(fx.LowPass(cutoff=cutoff).response(f, 44_100).numpy())))
    plt.show()
    display(Audio(y.samples.numpy(), rate=44_100))
"""

# The moment at which a message with curves reaches the page, before anything looks at it.
ARRIVALS = """(() => {
  window.arrived = 0;
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', event => {
        const data = event.data;
        const head = data instanceof ArrayBuffer && new Uint8Array(data, 0, Math.min(4096, data.byteLength));
        const text = head ? String.fromCharCode(...head) : String(data);
        if (text.includes('"curves"')) window.arrived = performance.now();
      });
    }
  };
})()"""

TIME_PANEL = """async count => {
  const root = document.querySelector('.fxlab-panel');
  const slider = root.querySelector('input[type=range][data-param=cutoff]');
  const times = [];
  for (let n = 0; n < count; n++) {
    const before = +root.dataset.sent;
    const mark = {};
    const start = performance.now();
    const done = new Promise(resolve => {
      const observer = new MutationObserver(() => {
        const now = performance.now() - start, sent = +root.dataset.sent;
        if (sent === before) return;
        if (!mark.drawn && +root.dataset.drawn >= sent) {
          mark.drawn = now;
          mark.redraw = performance.now() - window.arrived;
        }
        if (!mark.heard && +root.dataset.playing >= sent) mark.heard = now;
        if (mark.drawn && mark.heard) { observer.disconnect(); resolve(); }
      });
      observer.observe(root, { attributes: true });
    });
    slider.value = 0.3 + 0.4 * ((n * 7) % count) / count;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await done;
    times.push([mark.heard, mark.drawn, mark.redraw]);
    await new Promise(resolve => setTimeout(resolve, 120 + 40 * Math.random()));
  }
  return times;
}"""

WATCH_INTERACT = """() => {
  const output = document.querySelector('.jp-OutputArea .widget-output, .jp-OutputArea .jupyter-widgets-output-area');
  window.moved = 0;
  document.addEventListener('keydown', () => { window.moved = performance.now(); window.ready = 0; }, true);
  new MutationObserver(() => {
    for (const audio of output.querySelectorAll('audio:not([data-seen])')) {
      audio.dataset.seen = '1';
      const ready = () => { window.ready = performance.now() - window.moved; };
      if (audio.readyState >= 2) ready(); else audio.addEventListener('loadeddata', ready, { once: true });
    }
  }).observe(output, { childList: true, subtree: true });
}"""


def panel(lab: Laboratory, count: int) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds to the sound, to the curve, and from the curve's data to the curve."""
    lab.context.add_init_script(ARRIVALS)
    lab.open(SOUND, PANEL)
    lab.panel()
    lab.play()
    lab.page.evaluate(TIME_PANEL, 5)  # warm-up
    times = lab.page.evaluate(TIME_PANEL, count)
    heard, drawn, redraw = zip(*times, strict=True)
    return list(heard), list(drawn), list(redraw)


def interact(lab: Laboratory, count: int) -> list[float]:
    """Milliseconds to the new player being ready."""
    lab.open(SOUND, INTERACT)
    lab.page.wait_for_selector(".jp-OutputArea audio", timeout=60_000)
    lab.page.wait_for_timeout(1500)
    lab.page.evaluate(WATCH_INTERACT)
    lab.page.locator(".widget-slider .noUi-handle").first.focus()
    times: list[float] = []
    for number in range(count + 2):
        lab.page.keyboard.press("ArrowRight" if number % 2 else "ArrowUp")
        lab.page.wait_for_function("() => window.ready > 0", timeout=30_000)
        times.append(lab.page.evaluate("() => window.ready"))
        lab.page.wait_for_timeout(150)
    return times[2:]


def main(count: int = 60) -> int:
    """Print the table; returns 1 where a figure is missed."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        jupyter = Jupyter(Path(folder))
        try:
            lab = Laboratory(browser, jupyter)
            heard, drawn, redraw = panel(lab, count)
            lab.close()
            lab = Laboratory(browser, jupyter)
            plain = interact(lab, max(8, count // 4))
            lab.close()
        finally:
            jupyter.close()
            browser.close()
    rows = [
        ("slider → new sound", *spread(heard), "≤ 45"),
        ("slider → curve drawn", *spread(drawn), ""),
        ("curve's data in the page → curve drawn", *spread(redraw), "≤ 33 (two frames)"),
        ("interact + matplotlib + Audio → new sound", *spread(plain), ""),
    ]
    print(machine())
    print(table(("10 s stereo, one biquad", "median ms", "p95 ms", "asked for"), rows))
    ratio = statistics.median(plain) / statistics.median(heard)
    print(f"\nThe panel is {ratio:.1f} times faster than interact (asked for: 10).")
    return int(statistics.median(heard) > 45 or statistics.median(redraw) > 33 or ratio < 10)


def spread(times: list[float]) -> tuple[str, str]:
    """Median and 95th percentile."""
    ordered = sorted(times)
    return f"{statistics.median(ordered):.1f}", f"{ordered[int(0.95 * (len(ordered) - 1))]:.1f}"


if __name__ == "__main__":
    sys.exit(main())
