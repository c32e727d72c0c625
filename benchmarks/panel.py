"""How long a slider takes to be heard and seen, in a real browser, beside the plain way in the same run.

    python -m benchmarks.panel

A JupyterLab on loopback, headless Chromium, 10 s of stereo at 44.1 kHz, one low-pass. The panel is timed from the
slider's input event to the audio thread playing the new render (by that thread's clock: the page, which draws the curve
just then, hears of it a little later, and that is shown too), and to the curve being drawn; `interact` with
matplotlib and `IPython.display.Audio` from the key that moves its slider to its new player playing.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.report import machine, table
from benchmarks.unwatched import Unwatched
from tests.browser.laboratory import Laboratory

ROUNDS = 3

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
    display(Audio(y.samples.numpy(), rate=44_100, autoplay=True))
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
  const warm = 5;
  count += warm;
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
        if (!mark.told && +root.dataset.playing >= sent) {
          mark.told = now;
          mark.heard = now - root.dataset.late;
        }
        if (mark.drawn && mark.heard) { observer.disconnect(); resolve(); }
      });
      observer.observe(root, { attributes: true });
    });
    slider.value = 0.3 + 0.4 * ((n * 7) % count) / count;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await done;
    times.push([mark.heard, mark.told, mark.drawn, mark.redraw]);
    await new Promise(resolve => setTimeout(resolve, 120 + 40 * Math.random()));
  }
  return times.slice(warm);
}"""

# The handle is moved by the keys that noUiSlider listens to; the end is a new <audio> that plays, by itself, since
# somebody who had to press play at each move would wait for seconds.
TIME_INTERACT = """async count => {
  const warm = 2;
  const output = document.querySelector('.jp-OutputArea .widget-output, .jp-OutputArea .jupyter-widgets-output-area');
  const handle = document.querySelector('.widget-slider .noUi-handle');
  const times = [];
  for (let n = 0; n < count + warm; n++) {
    const start = performance.now();
    const done = new Promise(resolve => {
      const observer = new MutationObserver(() => {
        for (const audio of output.querySelectorAll('audio:not([data-seen])')) {
          audio.dataset.seen = '1';
          const ready = () => { observer.disconnect(); resolve(performance.now() - start); };
          audio.addEventListener('playing', ready, { once: true });
        }
      });
      observer.observe(output, { childList: true, subtree: true });
    });
    handle.focus();
    handle.dispatchEvent(new KeyboardEvent('keydown', { key: n % 2 ? 'ArrowRight' : 'ArrowUp', bubbles: true }));
    times.push(await done);
    await new Promise(resolve => setTimeout(resolve, 150));
  }
  return times.slice(warm);
}"""


def panel(browser: Unwatched, count: int) -> tuple[list[float], ...]:
    """Milliseconds to the sound, to the page's knowing of it, to the curve, and from the curve's data to the curve."""

    def prepare(lab: Laboratory) -> None:
        lab.panel()
        lab.play()

    times = browser.measure((SOUND, PANEL), prepare, TIME_PANEL, count, before=ARRIVALS)
    return tuple(list(column) for column in zip(*times, strict=True))


def interact(browser: Unwatched, count: int) -> list[float]:
    """Milliseconds to the new player being ready."""

    def prepare(lab: Laboratory) -> None:
        lab.page.wait_for_selector(".jp-OutputArea audio", timeout=60_000)
        for audio in lab.page.locator(".jp-OutputArea audio").all():
            audio.evaluate("element => { element.dataset.seen = '1' }")

    times: list[float] = browser.measure((SOUND, INTERACT), prepare, TIME_INTERACT, count)
    return times


def main(count: int = 40) -> int:
    """Print the table; returns 1 where a figure is missed."""
    heard: list[float] = []
    told: list[float] = []
    drawn: list[float] = []
    redraw: list[float] = []
    plain: list[float] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, Unwatched(Path(folder)) as browser:
        for _ in range(ROUNDS):  # in turns, so that what else the machine does strikes both
            for times, more in zip((heard, told, drawn, redraw), panel(browser, count), strict=True):
                times.extend(more)
            plain += interact(browser, max(8, count // 4))
    rows = [
        ("slider → new sound", *spread(heard), "≤ 45"),
        ("slider → the page knows that it sounds", *spread(told), ""),
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
