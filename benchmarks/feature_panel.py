"""Latency from a slider of a feature's panel to its new picture in a real browser.

    python -m benchmarks.feature_panel [moves]

A JupyterLab on loopback, headless Chromium, 10 s of stereo at 44.1 kHz, which plays. The time begins with the slider's
input event and ends when the page has drawn the picture that was computed for it.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.detached_browser import DetachedBrowser, DetachedPage
from benchmarks.panel import SOUND, spread
from benchmarks.report import MISSED, machine, table
from tests.support.browser.notebook_page import NotebookPage

TARGET = 60  # milliseconds
CASES = {
    "Spectrogram, FFT length": ("fx.Spectrogram()", "n_fft"),
    "Spectrogram, hop": ("fx.Spectrogram(n_fft=1024)", "hop_length"),
    "MelSpectrogram, bands": ("fx.MelSpectrogram(n_fft=2048)", "n_mels"),
}

TIME_PICTURE = """async ([count, path]) => {
  const warm = 5;
  const context = CanvasRenderingContext2D.prototype;
  const { putImageData, drawImage } = context;
  let arrived = 0, drawn = 0;
  // A picture's pixels are made once for new data, and then drawn.
  context.putImageData = function (...given) { putImageData.apply(this, given); arrived = performance.now(); };
  context.drawImage = function (...given) {
    drawImage.apply(this, given);
    if (arrived > drawn) drawn = performance.now();
  };
  const root = document.querySelector('.fxlab-panel');
  const slider = root.querySelector(`input[type=range][data-param='${path}']`);
  const wait = ms => new Promise(resolve => setTimeout(resolve, ms));
  const times = [];
  for (let n = 0; n < count + warm; n++) {
    const start = performance.now();
    slider.value = 0.2 + 0.4 * ((n * 7) % count) / count;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    while (!(arrived > start && drawn >= arrived)) await wait(1);
    times.push(drawn - start);
    await wait(300 + 40 * Math.random());
  }
  Object.assign(context, { putImageData, drawImage });
  return times.slice(warm);
}"""


def prepare(lab: NotebookPage) -> None:
    """Play the sound."""
    lab.panel()
    lab.play()


def main(count: int = 24) -> int:
    """Print the table; return `MISSED` if a target is missed."""
    times: dict[str, list[float]] = {}
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        DetachedBrowser(Path(folder)) as browser,
        DetachedPage(browser) as page,
    ):
        for name, (module, path) in CASES.items():
            page.show((SOUND.replace("SECONDS", "10"), f"panel = {module}.panel(signal)\npanel"), prepare)
            times[name] = page.measure(TIME_PICTURE, [count, path])
    rows = [(f"{name} → new picture", *spread(found), f"≤ {TARGET}") for name, found in times.items()]
    print(machine())
    print(table(("10 s of stereo at 44.1 kHz", "median ms", "p95 ms", "target"), rows))
    return MISSED if any(statistics.median(found) > TARGET for found in times.values()) else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
