"""Record docs/static/panel.webp: the panel in JupyterLab, played with a mouse, as a looping animation.

    python -m docs.figures.panel_animation

The page is that of the browser tests. A frame takes longer to record than to show.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

from tests.browser.conftest import FLAGS, browser_path
from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.server import Jupyter

TARGET = Path(__file__).parents[1] / "static" / "panel.webp"
WIDTH = 900
MOVES = 16
"""The number of frames of each drag."""
FRAME_MS = 80
POINTER = """() => {
  const pointer = document.createElement('div');
  pointer.innerHTML = '<svg width="20" height="24" viewBox="0 0 20 24"><path d="M2 1v18l5-4 3 7 3-1.300-3-7h6z" '
    + 'fill="#000" stroke="#fff" stroke-width="1.500"/></svg>';
  pointer.style = 'position: fixed; z-index: 100000; pointer-events: none; left: 0; top: 0';
  document.body.append(pointer);
  window.addEventListener('pointermove', ({ clientX, clientY }) => {
    pointer.style.transform = `translate(${clientX - 2}px, ${clientY - 1}px)`;
  }, true);
}"""


def center(target: Locator) -> tuple[float, float]:
    """Return the position of the center of an element, in px."""
    box = target.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: tuple[float, float], *ends: tuple[float, float]) -> Iterator[None]:
    """Drag from one point to others; yield after each move."""
    page.mouse.move(*start)
    page.mouse.down()
    for end in ends:
        for t in np.linspace(0, 1, MOVES + 1)[1:]:
            part = (1 - np.cos(np.pi * t)) / 2
            page.mouse.move(*(a + (b - a) * part for a, b in zip(start, end, strict=True)))
            yield
        start = end
    page.mouse.up()


def play(lab: NotebookPage) -> Iterator[None]:
    """Use the panel; yield whenever there is something new to see."""
    page, panel = lab.page, lab.panel()
    lowpass = center(panel.locator(".handle").nth(2))
    yield from drag(page, lowpass, (lowpass[0] - 330, lowpass[1] - 40), lowpass)
    peak = center(panel.locator(".handle").nth(1))
    yield from drag(page, peak, (peak[0] + 120, peak[1] + 95), peak)
    for _ in range(6):
        yield


def main() -> None:
    """Record the animation."""
    frames: list[Image.Image] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        jupyter = Jupyter(Path(folder))
        browser = playwright.chromium.launch(executable_path=browser_path(), headless=True, args=FLAGS)
        lab = NotebookPage(browser, jupyter)
        lab.open(
            "import torch, fxlab as fx\ndrums = fx.examples.drums()",
            "eq = fx.HighPass(90.0) | fx.Peak(800.0, 9.0) | fx.LowPass(9000.0, 1.2)\neq.panel(drums)",
        )
        lab.command("application:toggle-left-area")
        lab.play()
        lab.settle()
        lab.page.evaluate(POINTER)
        for _ in play(lab):
            frames.append(Image.open(io.BytesIO(lab.panel().screenshot())).convert("RGB"))
        lab.close()
        browser.close()
        jupyter.close()
    small = [frame.resize((WIDTH, round(frame.height * WIDTH / frame.width)), Image.LANCZOS) for frame in frames]
    small[0].save(
        TARGET,
        save_all=True,
        append_images=small[1:],
        duration=FRAME_MS,
        loop=0,
        quality=70,
        method=4,
        minimize_size=True,
    )
    print(f"{TARGET.name}: {len(small)} frames of {FRAME_MS} ms, {TARGET.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
