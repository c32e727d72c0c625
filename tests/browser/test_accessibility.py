"""The panel for those who use a keyboard, a screen reader, or colours of their own."""

from __future__ import annotations

from tests.support.browser.axe import inspect
from tests.support.browser.notebook_page import Laboratory
from tests.support.browser.server import wait_until

# A chain with handles, one that is measured, taps, a slider a band, a value that no slider sets.
PANELS = (
    "(fx.HighPass(cutoff=90.0) | fx.Peak(frequency=800.0) | fx.Butterworth(cutoff=6000.0)).panel(fast)",
    "fx.FixedPoint(fx.LowPass(1000.0), bits=8).panel(x)",
    "fx.WindowedSinc(3000.0, taps=31).panel(x)",
    "fx.GraphicEQ(10 * [0.0]).panel(x)",
    "fx.Peak(frequency=1000.0, gain_db=torch.tensor([-6.0, 6.0])).panel(x)",
)

# What a slider says of itself within some turns of the loop.
SAID = """() => new Promise(done => {
  const said = [], bar = document.activeElement;
  const observer = new MutationObserver(() => said.push(bar.ariaValueText));
  observer.observe(bar, { attributes: true });
  setTimeout(() => { observer.disconnect(); done(said); }, 700);
})"""

# Waits until no panel has moved or changed its size for a while, and says where they end on the right.
SETTLED = """() => new Promise(done => {
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


def test_axe_finds_nothing_wrong(lab: Laboratory) -> None:
    """Light and dark, wide and narrow, at rest and with an error and a notice shown."""
    lab.open(
        "import torch, fxlab as fx\nx, fast = (fx.sine(300.0, 0.3, sample_rate=rate) for rate in (44_100, 900_000))",
        *PANELS,
    )
    for number in range(len(PANELS)):
        lab.panel(number)
    lab.play()  # at a rate that no browser opens, as a notice then says
    lab.type_in("0.cutoff", "500000")
    lab.panel(state="error")
    # A screen reader reads out every change of what has the focus: a playhead that runs would never let it end.
    seek = lab.panel(state="error").locator("[data-action=seek]")
    seek.focus()
    said = lab.page.evaluate(SAID)
    assert said == [], "told of the playhead without having asked"
    seek.press("Home")
    assert str(seek.get_attribute("aria-valuetext")).startswith("0:00.0 of"), "told where it went"

    lab.command("application:toggle-left-area")
    try:
        for theme, name, width in (("JupyterLab Light", "light", 1400), ("JupyterLab Dark", "dark", 480)):
            lab.command("apputils:change-theme", theme=theme)
            lab.page.set_viewport_size({"width": width, "height": 9000})  # everything in sight
            themed = f".fxlab-panel[data-theme={name}]"
            wait_until(lambda t=themed: lab.page.locator(t).count() == len(PANELS), 20, f"the {name} theme")
            wait_until(lambda w=width: lab.page.evaluate(SETTLED) < w, 20, f"a page of {width} px")
            found = inspect(lab.page)
            assert found == {"violations": [], "unsure": [], "unread": []}, f"{name}, {width} px"
    finally:
        lab.command("apputils:change-theme", theme="JupyterLab Light")
    assert lab.complaints == []
