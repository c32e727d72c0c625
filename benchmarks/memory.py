"""Memory held by the page and the kernel after panels were opened and closed.

    python -m benchmarks.memory [panels]

A JupyterLab on loopback, headless Chromium. One cell repeatedly opens a panel of one second of stereo, plays it,
changes a parameter and closes it; the memory after a garbage collection is measured after 10 and after 200 panels, or
after `panels` of them. The same is measured for a minimal anywidget, which shows the memory kept by JupyterLab and
ipywidgets.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.report import MISSED, machine, table
from tests.browser.conftest import FLAGS, browser_path
from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.server import Jupyter
from tests.support.browser.wait import wait_until

FEW, MANY = 10, 200
MAX_GROWTH = 1.05

SETUP = """
import gc, os, psutil, threading, anywidget, torch, fxlab as fx
from IPython.display import display
signal = fx.Signal(0.1 * torch.randn(2, 44_100), 44_100)
class Minimal(anywidget.AnyWidget):
    _esm = "export default { render({ el }) { el.innerHTML = '<i class=\\"minimal\\">minimal</i>'; } }"
def kernel_memory():
    gc.collect()
    return [psutil.Process().memory_info().rss / 2**20, threading.active_count()]
"""
PANEL = "shown = fx.Peak(1000.0).panel(signal)\nshown"
MINIMAL = "shown = Minimal()\nshown"

Memory = dict[str, float]


def memory_of(lab: NotebookPage) -> Memory:
    """Return the memory of the page and the kernel after garbage collection."""
    session = lab.page.context.new_cdp_session(lab.page)
    for _ in range(4):  # one collection may make further objects collectable
        session.send("HeapProfiler.collectGarbage")
        lab.page.wait_for_timeout(250)
    session.send("Performance.enable")
    metrics: dict[str, float] = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    memory, threads = lab.evaluate("kernel_memory()")
    return {
        "page: JavaScript heap, MB": metrics["JSHeapUsedSize"] / 2**20,
        "page: nodes": metrics["Nodes"],
        "page: listeners": metrics["JSEventListeners"],
        "page: AudioContexts open": sum(
            state != "closed" for state in lab.page.evaluate("() => window.audioProbe.contexts()")
        ),
        "kernel: resident, MB": memory,
        "kernel: threads": threads,
    }


def open_and_close(lab: NotebookPage, cell: int, mark: str, number: int) -> None:
    """Open, use and close a panel."""
    lab.run_cell(cell)
    shown = lab.page.locator(mark)
    wait_until(lambda: shown.count() == 1, "it to open")
    if cell == 1:
        lab.panel()
        if number % 5 == 0:
            lab.play()
            lab.set_slider("gain_db", 0.6)
            lab.settle()
    lab.execute("shown.close()")
    wait_until(lambda: shown.count() == 0, "it to close")


def measure_growth(lab: NotebookPage, cell: int, mark: str, panels: int) -> tuple[Memory, Memory]:
    """Measure after few and after many panels."""
    for number in range(FEW):
        open_and_close(lab, cell, mark, number)
    few = memory_of(lab)
    for number in range(FEW, panels):
        open_and_close(lab, cell, mark, number)
    return few, memory_of(lab)


def measure(folder: Path, panels: int) -> dict[str, tuple[Memory, Memory]]:
    """Measure panels, then minimal widgets, each with a new page and kernel."""
    jupyter = Jupyter(folder)
    found: dict[str, tuple[Memory, Memory]] = {}
    try:
        with sync_playwright() as playwright:
            browser: Any = playwright.chromium.launch(executable_path=browser_path(), headless=True, args=FLAGS)
            for name, cell, mark in (("panel", 1, ".fxlab-panel"), ("minimal", 2, ".minimal")):
                lab = NotebookPage(browser, jupyter)
                lab.open_saved(jupyter.write(SETUP, PANEL, MINIMAL))
                lab.run_cell(0)
                found[name] = measure_growth(lab, cell, mark, panels)
                lab.close()
            browser.close()
    finally:
        jupyter.close()
    return found


def main(panels: int = MANY) -> int:
    """Print the table; return `MISSED` if the page's heap grew too much."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = measure(Path(folder), panels)
    rows = []
    for name in found["panel"][0]:
        (few, many), (few_minimal, many_minimal) = ((f[name], m[name]) for f, m in (found["panel"], found["minimal"]))
        growth = f"{many / few - 1:+.1%}" if few else ""
        minimal = f"{many_minimal / few_minimal - 1:+.1%}" if few_minimal else ""
        target = "≤ +5 %" if name.endswith("heap, MB") else ""
        rows.append((name, f"{few:.1f}".removesuffix(".0"), f"{many:.1f}".removesuffix(".0"), growth, minimal, target))
    print(machine())
    head = (
        "after a garbage collection",
        f"after {FEW}",
        f"after {panels}",
        "growth",
        "growth with a minimal anywidget",
        "target",
    )
    print(table(head, rows))
    few, many = found["panel"]
    heap = "page: JavaScript heap, MB"
    return MISSED if many[heap] > MAX_GROWTH * few[heap] or many["kernel: threads"] > few["kernel: threads"] else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
