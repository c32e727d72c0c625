"""A saved panel in a real browser: from a slider's event to the new sound, and opening the file.

    python -m benchmarks.live_page_browser [moves]

Headless Chromium opens the pages from the file system. The time of a move begins with the slider's input event and ends
when the audio thread has begun to play with the new coefficients; the buffer of the audio output comes on top of it.
The time of an opening is the time from the start of loading until the panel can be played, plus the time from the click
on play until the audio thread plays. The time in which the test driver finds the button is left out.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

import fxlab as fx
from benchmarks.panel import spread
from benchmarks.report import MISSED, machine, table
from tests.browser.conftest import FLAGS, browser_path

MAX_MOVE, MAX_OPENING = 15.0, 1000.0  # ms
OPENINGS = 3
CASES = {
    "one biquad, 5 s": (lambda: fx.LowPass(1000.0), 5.0),
    "one biquad, 40 s": (lambda: fx.LowPass(1000.0), 40.0),
    "ten bands, 5 s": (lambda: fx.GraphicEQ(10 * [0.0]), 5.0),
}

TIME_MOVES = """async (count) => {
  const warm = 5;
  const root = document.querySelector('.fxlab-panel');
  const slider = root.querySelector('input[type=range][data-param]');
  const wait = ms => new Promise(resolve => setTimeout(resolve, ms));
  const times = [];
  for (let n = 0; n < count + warm; n++) {
    const start = performance.now();
    slider.value = 0.3 + 0.4 * ((n * 7) % count) / count;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise(resolve => {
      const check = () => {
        if (Number(root.dataset.sent) === 0 || root.dataset.playing !== root.dataset.sent) return;
        observer.disconnect();
        resolve();
      };
      const observer = new MutationObserver(check);
      observer.observe(root, { attributes: true });
    });
    times.push(performance.now() - start - Number(root.dataset.late));
    await wait(60 + 40 * Math.random());
  }
  return times.slice(warm);
}"""


MARK_OPENING = """
globalThis.marks = {};
const mark = name => { marks[name] ??= performance.now(); };
addEventListener('click', () => mark('click'), true);
new MutationObserver(() => {
  const { state, position } = document.querySelector('.fxlab-panel')?.dataset ?? {};
  if (state === 'idle') mark('idle');
  if (Number(position) > 0) mark('heard');
}).observe(document, { subtree: true, childList: true, attributes: true });
"""


def open_page(browser: Browser, path: Path) -> tuple[Page, float]:
    """Open a page and press play; return it with the milliseconds that it took."""
    page = browser.new_page()
    page.add_init_script(MARK_OPENING)
    page.goto(path.as_uri())
    page.locator(".fxlab-panel[data-state=idle] [data-action=play]").click()
    page.wait_for_function("marks.heard > 0")
    marks = page.evaluate("marks")
    return page, marks["idle"] + marks["heard"] - marks["click"]


def main(count: int = 30) -> int:
    """Print the table; return `MISSED` if a target is missed."""
    rows: list[tuple[str, ...]] = []
    missed = False
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        for number, (name, (make, seconds)) in enumerate(CASES.items()):
            noise = fx.noise(duration=seconds, sample_rate=44_100, color="pink", level_db=-20.0, channels=2)
            path = make().page(noise).save(Path(folder) / f"{number}.html")
            openings = []
            for _ in range(OPENINGS):
                page, opening = open_page(browser, path)
                openings.append(opening)
                if len(openings) < OPENINGS:
                    page.close()
            times = page.evaluate(TIME_MOVES, count)
            page.close()
            rows.append((f"{name} → new sound", *spread(times), f"≤ {MAX_MOVE:g}"))
            rows.append((f"{name}: opens and plays", *spread(openings), f"≤ {MAX_OPENING:g}"))
            missed |= statistics.median(times) > MAX_MOVE or statistics.median(openings) > MAX_OPENING
        browser.close()
    print(machine())
    print(table(("saved page, stereo at 44.1 kHz", "median ms", "p95 ms", "target"), rows))
    return MISSED if missed else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
