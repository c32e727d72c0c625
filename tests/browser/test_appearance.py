"""The panel's appearance: light and dark, wide and narrow.

The screenshots in `screenshots/` are for visual inspection.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.wait import wait_until

SHOTS = Path(__file__).parent / "screenshots"

# The contrast of each text with its background (WCAG 2.2, 1.4.3), from the colors that the page paints.
CONTRASTS = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (color, under) => {
    canvas.fillStyle = `rgb(${under.join()})`; canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const ground = node =>
    node ? rgb(getComputedStyle(node).backgroundColor, ground(node.parentElement)) : [255, 255, 255];
  const light = c => c.map(v => v / 255).map(v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const found = {};
  for (const node of document.querySelectorAll('.fxlab-panel *')) {
    const text = [...node.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join('') || node.value;
    if (!text || !node.getClientRects().length || node.type === 'range') continue;
    const under = ground(node);
    const [a, b] = [light(under), light(rgb(getComputedStyle(node).color, under))].sort((x, y) => y - x);
    found[`${node.className || node.tagName}: ${text}`] = (a + 0.05) / (b + 0.05);
  }
  return found;
}"""

# The elements that extend beyond the panel's edges and are cut off.
OVERFLOW = """() => {
  const panel = document.querySelector('.fxlab-panel');
  const edge = panel.getBoundingClientRect();
  return [...panel.querySelectorAll('button, input, select, .name, .unit, canvas')]
    .filter(node => node.getClientRects().length)
    .filter(node => {
      const box = node.getBoundingClientRect();
      return box.left < edge.left - 1 || box.right > edge.right + 1 || box.bottom > edge.bottom + 1;
    })
    .map(node => node.outerHTML.slice(0, 120));
}"""

# The number of different colors in each canvas: an empty plot has one.
COLOURS = """() => [...document.querySelectorAll('.fxlab-panel canvas')].map(canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
})"""

# The smallest number of canvas pixels for one CSS pixel.
SHARPNESS = """() => Math.min(
  ...[...document.querySelectorAll('.fxlab-panel canvas')].map(canvas => canvas.width / canvas.clientWidth)
)"""


# The font size of labels in the plots, and that of the first label of a slider as it appears, in px.
SIZES = """() => {
  const panel = document.querySelector('.fxlab-panel');
  const label = panel.querySelector('.control .name');
  return [
    parseFloat(getComputedStyle(panel).getPropertyValue('--fx-plot-font-size')),
    parseFloat(getComputedStyle(label).fontSize) * (label.currentCSSZoom ?? 1),
  ];
}"""


def check_projector_mode(lab: NotebookPage, theme: str) -> None:
    """Switch the projector mode on and off: the type is larger, the contrast at least 7, and nothing is cut off."""
    page, panel = lab.page, lab.panel()
    before = page.evaluate(SIZES)
    button = panel.locator("[data-action='projector']")
    button.click()
    assert all(large >= 1.35 * small for large, small in zip(page.evaluate(SIZES), before, strict=True))
    wait_until(lambda: min(page.evaluate(COLOURS)) > 8, "the plots to be drawn")
    wait_until(lambda: page.evaluate(OVERFLOW) == [], lambda: f"nothing to be cut off: {page.evaluate(OVERFLOW)}")
    poor = {text: round(ratio, 2) for text, ratio in page.evaluate(CONTRASTS).items() if ratio < 7}
    assert poor == {}, f"too little contrast on a projector, {theme}"
    panel.locator("[data-action='presets']").click()
    anchor, box = panel.locator("[data-action='presets']").bounding_box(), panel.get_by_role("dialog").bounding_box()
    assert anchor is not None
    assert box is not None
    assert 0 <= box["y"] - anchor["y"] - anchor["height"] < 20, "the popover is below its button"
    panel.screenshot(path=SHOTS / f"projector-{theme}.png")
    page.keyboard.press("Escape")
    button.click()
    assert page.evaluate(SIZES) == before


def test_light_and_dark_wide_and_narrow(lab: NotebookPage) -> None:
    """Text has enough contrast, plots are redrawn in the theme's colors, nothing is cut off in a narrow cell."""
    SHOTS.mkdir(exist_ok=True)
    page = lab.page
    lab.open(
        "import torch, fxlab as fx\nx = fx.examples.guitar()",
        "panel = (fx.HighPass(cutoff=90.0) | fx.Peak(frequency=800.0) | fx.LowPass(cutoff=6000.0)).panel(x)\npanel",
    )
    lab.play()
    lab.set_slider("1.gain_db", 0.75)
    lab.settle()
    wait_until(lambda: lab.data("drawn") == lab.data("sent"), "the curve to be drawn")
    panel = lab.panel()
    lab.collapse_sidebar()
    try:
        for theme, name in (("JupyterLab Light", "light"), ("JupyterLab Dark", "dark")):
            lab.command("apputils:change-theme", theme=theme)
            wait_until(lambda name=name: panel.get_attribute("data-theme") == name, f"the {name} theme")
            for width in (1400, 560):
                page.set_viewport_size({"width": width, "height": 1000})
                wait_until(lambda: min(page.evaluate(COLOURS)) > 8, "the plots to be drawn")
                wait_until(
                    lambda: page.evaluate(OVERFLOW) == [],
                    lambda w=width: f"nothing to be cut off at {w} px: {page.evaluate(OVERFLOW)}",
                )
                panel.screenshot(path=SHOTS / f"panel-{name}-{width}.png")
            contrasts = page.evaluate(CONTRASTS)
            assert len(contrasts) > 15
            poor = {text: round(ratio, 2) for text, ratio in contrasts.items() if ratio < 4.5}
            assert poor == {}, f"too little contrast in the {name} theme"
            page.set_viewport_size({"width": 1400, "height": 1400})
            check_projector_mode(lab, name)
            page.set_viewport_size({"width": 1400, "height": 1000})
            lab.type_in("2.cutoff", "30000")
            lab.panel(state="error")
            panel.screenshot(path=SHOTS / f"error-{name}.png")
            lab.set_slider("2.cutoff", 0.8 if name == "light" else 0.7)
            lab.panel(state="idle")
        # On a screen with two device pixels for one CSS pixel, the canvases have twice the pixels.
        screen = {"width": 1300, "height": 1000, "deviceScaleFactor": 2, "mobile": False}
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setDeviceMetricsOverride", screen)
        wait_until(lambda: page.evaluate(SHARPNESS) == 2, "plots with two pixels for one CSS pixel")
        session.detach()
        wait_until(lambda: page.evaluate("() => devicePixelRatio") == 1, "the screen of the other tests")
    finally:
        lab.command("apputils:change-theme", theme="JupyterLab Light")
    assert lab.page_errors == []
