"""The panel for users of a keyboard, a screen reader or a dark theme."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.support.browser.axe import inspect
from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.wait import wait_until

# A chain with handles, a nonlinear module that is measured, taps, one slider a band, a value without a slider, and two
# parameters that move.
PANELS = (
    "(fx.HighPass(cutoff=90.0) | fx.Peak(frequency=800.0) | fx.Butterworth(cutoff=6000.0)).panel(fast)",
    "fx.FixedPoint(fx.LowPass(1000.0), bits=8).panel(x)",
    "fx.WindowedSinc(3000.0, taps=31).panel(x)",
    "fx.GraphicEQ(10 * [0.0]).panel(x)",
    "fx.Peak(frequency=1000.0, gain_db=torch.tensor([-6.0, 6.0])).panel(x)",
    "fx.LowPass(cutoff=fx.Automation(times=[0, 0.1, 0.2], values=[100, 900, 300]), q=fx.LFO(1.0, 0.5, 2.0)).panel(x)",
)

# The changes of the focused slider's `aria-valuetext` within 700 ms of the page's timers. A change that is announced
# because of the playhead is due after 400 ms.
ANNOUNCEMENTS = """() => new Promise(done => {
  const texts = [], bar = document.activeElement;
  const observer = new MutationObserver(() => texts.push(bar.ariaValueText));
  observer.observe(bar, { attributes: true });
  setTimeout(() => { observer.disconnect(); done(texts); }, 700);
})"""

# Waits until no panel has moved or changed its size for 20 frames; the largest of their right edges.
RIGHT_EDGE = """() => new Promise(done => {
  let last = '', since = 0;
  const look = () => {
    const boxes = [...document.querySelectorAll('.fxlab-panel')].map(panel => panel.getBoundingClientRect());
    const now = JSON.stringify(boxes);
    since = now === last ? since + 1 : 0;
    last = now;
    if (since < 20) requestAnimationFrame(look);
    else done(Math.max(...boxes.map(({ right }) => right)));
  };
  look();
})"""


def test_axe_finds_nothing_wrong(lab: NotebookPage) -> None:
    """In light and dark themes, wide and narrow, with and without an error and a notice."""
    lab.open(
        "import torch, fxlab as fx\nx, fast = (fx.sine(300.0, 0.3, sample_rate=rate) for rate in (44_100, 900_000))",
        *PANELS,
    )
    for number in range(len(PANELS)):
        lab.panel(number)
    lab.play()  # at a sample rate that no browser supports, so a notice is shown
    lab.type_in("0.cutoff", "500000")
    lab.panel(state="error")
    # A screen reader announces every change of the focused element, and would never stop while the playhead moves.
    seek = lab.panel(state="error").locator("[data-action=seek]")
    seek.focus()
    assert lab.page.evaluate(ANNOUNCEMENTS) == [], "the playhead was announced without a key press"
    seek.press("Home")
    expect(seek).to_have_attribute("aria-valuetext", re.compile(r"^0:00\.0 of"))  # the result of the key is announced

    lab.collapse_sidebar()
    try:
        for theme, name, width in (("JupyterLab Light", "light", 1400), ("JupyterLab Dark", "dark", 480)):
            lab.command("apputils:change-theme", theme=theme)
            lab.page.set_viewport_size({"width": width, "height": 9000})  # everything is visible
            themed = f".fxlab-panel[data-theme={name}]"
            wait_until(lambda t=themed: lab.page.locator(t).count() == len(PANELS), f"the {name} theme")
            wait_until(lambda w=width: lab.page.evaluate(RIGHT_EDGE) < w, f"a page of {width} px")
            found = inspect(lab.page)
            assert found == {"violations": [], "unsure": [], "unchecked": []}, f"{name}, {width} px"
    finally:
        lab.command("apputils:change-theme", theme="JupyterLab Light")
    assert lab.page_errors == []
