"""Latency from a slider to sound and curve in a real browser, compared with `interact` in the same run.

    python -m benchmarks.panel [moves]

A JupyterLab on loopback, headless Chromium, stereo at 44.1 kHz: 10 s or 10 minutes of it, one low-pass, ten bands, a
chain with two parameters that move or eight effects, and a connection of 10 Mbit/s with a delay of 30 ms each way. The
panel is timed from the slider's input event until the audio thread plays the new render, by the clock of that thread,
and until the curve is drawn. The page, which is drawing the curve, is notified of the sound a little later; that time
is shown too.
`interact` with matplotlib and `IPython.display.Audio` is timed from the key that moves its slider until its new player
plays. A drag is 100 input events in a second, timed from the last event to its sound.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.detached_browser import DetachedBrowser
from benchmarks.report import machine, table
from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.slow_link import SlowLink

ROUNDS = 2

SOUND = """
import torch, fxlab as fx
torch.manual_seed(0)
signal = fx.Signal(0.1 * torch.randn(2, SECONDS * 44_100), 44_100)
lowpass = fx.LowPass(cutoff=1000.0)
moving = fx.LowPass(cutoff=fx.LFO(0.5, 300.0, 6000.0)) | fx.Peak(frequency=fx.LFO(1.0, 500.0, 2000.0), gain_db=6.0)
board = (
    fx.Gate(threshold_db=-60) | fx.Compressor(threshold_db=-24) | fx.Overdrive(drive_db=12) | fx.Phaser(rate_hz=0.3)
    | fx.Chorus() | fx.Tremolo(depth=0.3) | fx.Delay(delay_ms=300, feedback=0.4, mix=0.3) | fx.Reverb(mix=0.25)
)
bands = fx.Chain(*(fx.Peak(frequency=31.25 * 2**k, gain_db=3.0) for k in range(10)))
"""

ONE = ("panel = lowpass.panel(signal)\npanel", "cutoff")
TEN = ("panel = bands.panel(signal)\npanel", "5.gain_db")
MOVING = ("panel = moving.panel(signal)\npanel", "1.gain_db")
EIGHT = ("panel = board.panel(signal)\npanel", "2.drive_db")
SHORT, LONG = 10, 600  # seconds
RATE, DELAY = 1.25e6, 0.03  # of the slow connection: bytes per second, and seconds each way

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

# Records when a message with curves reaches the page, before any other code handles it.
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

TIME_PANEL = """async ([count, path, pause]) => {
  const warm = 5;
  count += warm;
  const root = document.querySelector('.fxlab-panel');
  const slider = root.querySelector(`input[type=range][data-param='${path}']`);
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
        if (!mark.notified && +root.dataset.playing >= sent) {
          mark.notified = now;
          mark.sounding = now - root.dataset.late;
        }
        if (mark.drawn && mark.sounding) { observer.disconnect(); resolve(); }
      });
      observer.observe(root, { attributes: true });
    });
    slider.value = 0.3 + 0.4 * ((n * 7) % count) / count;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await done;
    times.push([mark.sounding, mark.notified, mark.drawn, mark.redraw]);
    await new Promise(resolve => setTimeout(resolve, pause + 40 * Math.random()));
  }
  return times.slice(warm);
}"""

TIME_DRAG = """async ([count, path]) => {
  const root = document.querySelector('.fxlab-panel');
  const slider = root.querySelector(`input[type=range][data-param='${path}']`);
  const wait = ms => new Promise(resolve => setTimeout(resolve, ms));
  const times = [];
  for (let n = 0; n < count + 1; n++) {
    let last = 0;
    await new Promise(resolve => {
      let event = 0;
      const timer = setInterval(() => {
        event += 1;
        slider.value = 0.3 + 0.4 * ((event * 0.01 + n * 0.37) % 1);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        last = performance.now();
        if (event === 100) { clearInterval(timer); resolve(); }
      }, 10);
    });
    await wait(20);  // the last of them is sent with the next frame
    while (+root.dataset.playing < +root.dataset.sent) await wait(2);
    times.push([performance.now() - root.dataset.late - last]);
    await wait(1500);
  }
  return times.slice(1);
}"""

# The handle is moved with the keys that noUiSlider handles. The time ends when a new <audio> plays. It starts
# automatically, since pressing play after each change would take the user seconds.
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


def panel(
    browser: DetachedBrowser,
    count: int,
    seconds: int,
    shown: tuple[str, str],
    script: str = TIME_PANEL,
    *,
    slow: bool = False,
) -> list[list[float]]:
    """Return milliseconds, as columns: to the sound, to its notification, to the curve, from its data to the curve."""
    cell, path = shown
    with SlowLink(browser.port) as link:

        def prepare(lab: NotebookPage) -> None:
            lab.panel()
            if slow:
                link.set_limits(RATE, DELAY)
            lab.play()

        cells = (SOUND.replace("SECONDS", str(seconds)), cell)
        given = [count, path, 700 if slow else 120]
        through = link.url if slow else None
        times = browser.measure(cells, prepare, script, given, before=ARRIVALS, through=through)
    return [list(column) for column in zip(*times, strict=True)]


def interact(browser: DetachedBrowser, count: int) -> list[float]:
    """Return the milliseconds until the new player is ready."""

    def prepare(lab: NotebookPage) -> None:
        lab.page.wait_for_selector(".jp-OutputArea audio", timeout=60_000)
        for audio in lab.page.locator(".jp-OutputArea audio").all():
            audio.evaluate("element => { element.dataset.seen = '1' }")

    times: list[float] = browser.measure(
        (SOUND.replace("SECONDS", str(SHORT)), INTERACT), prepare, TIME_INTERACT, count
    )
    return times


def main(count: int = 24) -> int:
    """Print the table; return 1 if a target is missed."""
    cases = {
        "one biquad, 10 s": (SHORT, ONE, TIME_PANEL, False),
        "ten bands, 10 s": (SHORT, TEN, TIME_PANEL, False),
        "one biquad, 10 min": (LONG, ONE, TIME_PANEL, False),
        "ten bands, 10 min": (LONG, TEN, TIME_PANEL, False),
        "two moving parameters, 10 s": (SHORT, MOVING, TIME_PANEL, False),
        "two moving parameters, 10 min": (LONG, MOVING, TIME_PANEL, False),
        "eight effects, 10 s": (SHORT, EIGHT, TIME_PANEL, False),
        "one biquad, 10 s, slow connection": (SHORT, ONE, TIME_PANEL, True),
        "ten bands, 10 min, slow connection": (LONG, TEN, TIME_PANEL, True),
        "drag, one biquad, 10 s": (SHORT, ONE, TIME_DRAG, False),
        "drag, ten bands, 10 min": (LONG, TEN, TIME_DRAG, False),
    }
    times: dict[str, list[list[float]]] = {}
    plain: list[float] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, DetachedBrowser(Path(folder)) as browser:
        for _ in range(ROUNDS):  # in turns, so that other load on the machine affects all
            for name, (seconds, shown, script, slow) in cases.items():
                moves = count if script is TIME_PANEL and not slow else max(4, count // 4)
                columns = panel(browser, moves, seconds, shown, script, slow=slow)
                kept = times.setdefault(name, [[] for _ in columns])
                for old, new in zip(kept, columns, strict=True):
                    old.extend(new)
            plain += interact(browser, max(8, count // 4))
    first = times["one biquad, 10 s"]
    middle = {name: statistics.median(columns[0]) for name, columns in times.items()}
    limits = dict(zip(cases, (30, 40, 1.3 * middle["one biquad, 10 s"], 1.3 * middle["ten bands, 10 s"]), strict=False))
    limits |= {name: 60 for name in cases if name.startswith("two moving")}
    limits["eight effects, 10 s"] = 120
    limits |= {name: 300 for name, case in cases.items() if case[3]}
    limits |= {name: 100 for name, case in cases.items() if case[2] is TIME_DRAG}
    rows = [(f"{name} → new sound", *spread(columns[0]), f"≤ {limits[name]:.0f}") for name, columns in times.items()]
    rows += [
        ("slider → the page is notified of the sound", *spread(first[1]), ""),
        ("slider → curve drawn", *spread(first[2]), "≤ 33 (two frames)"),
        ("curve data received → curve drawn", *spread(first[3]), ""),
        ("interact + matplotlib + Audio → new sound", *spread(plain), ""),
    ]
    print(machine())
    print(table(("stereo at 44.1 kHz", "median ms", "p95 ms", "target"), rows))
    ratio = statistics.median(plain) / middle["one biquad, 10 s"]
    print(f"\nThe panel is {ratio:.1f} times faster than interact (target: 12).")
    for name in ("one biquad", "ten bands"):
        longer = middle[f"{name}, 10 min"] / middle[f"{name}, 10 s"]
        print(f"{name}: 10 minutes take {longer:.2f} times what 10 s do (target: 1.3).")
    missed = [name for name, limit in limits.items() if middle[name] > limit]
    return int(bool(missed) or statistics.median(first[2]) > 33 or ratio < 12)


def spread(times: list[float]) -> tuple[str, str]:
    """Return the median and the 95th percentile."""
    ordered = sorted(times)
    return f"{statistics.median(ordered):.1f}", f"{ordered[int(0.95 * (len(ordered) - 1))]:.1f}"


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
