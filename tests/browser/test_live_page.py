"""A saved panel in Chromium: from the file system, in a frame without rights, and under a strict policy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

import fxlab as fx
from fxlab.panel.panel import LIVE_OUTPUTS
from tests.support.browser.axe import inspect
from tests.support.browser.wait import wait_until

CONF = """
extensions = ["fxlab.page.sphinx"]
html_theme = "basic"
html_favicon = "icon.svg"
"""
GALLERY = """
Gallery
=======

.. fxlab:: fx.HighPass(100.0) | fx.LowPass(8000.0)
   :signal: fx.sine(2000.0, 1.0, level_db=-12.0)
   :button: Open the panel of two filters

.. fxlab:: fx.Peak(1000.0, gain_db=6.0)
   :signal: fx.sine(2000.0, 1.0, level_db=-12.0)
   :button:

.. toctree::

   course/lesson
"""
LESSON = """
Lesson
======

.. raw:: html

   <div style="height: 4000px"></div>

.. raw:: html
   :file: output.html
"""
PROBE = Path(__file__).parent.parent / "support" / "browser" / "audio_probe.js"
STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; img-src data:"
FRAME = '<!doctype html><link rel="icon" href="data:,"><iframe sandbox="allow-scripts" src="lesson.html" height="900">'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tone of 2 kHz through a chain, saved from its panel, as one file and as two."""
    made = tmp_path_factory.mktemp("lesson")
    chain = fx.HighPass(cutoff=100.0) | fx.LowPass(cutoff=8000.0)
    panel = chain.panel(fx.sine(2000.0, 1.0, level_db=-12.0), views=("magnitude", "phase"))
    panel.save(made / "lesson.html", title="Filters")
    panel.save(made / "strict.html", separate=True)
    panel.close()
    (made / "course.html").write_text(FRAME)
    return made


@pytest.fixture(scope="module")
def site(folder: Path) -> Path:
    """A site with a gallery, and with a lesson whose notebook was executed for it."""
    application = pytest.importorskip("sphinx.application")
    source, out = folder / "source", folder / "site"
    (source / "course").mkdir(parents=True)
    (source / "conf.py").write_text(CONF)
    (source / "icon.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (source / "index.rst").write_text(GALLERY)
    (source / "course" / "lesson.rst").write_text(LESSON)
    chain = fx.HighPass(cutoff=100.0) | fx.LowPass(cutoff=8000.0)
    panel = chain.panel(fx.sine(2000.0, 1.0, level_db=-12.0), views=("magnitude", "phase"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(LIVE_OUTPUTS, "1")
        bundle = panel._repr_mimebundle_()
    panel.close()
    assert bundle is not None
    (source / "course" / "output.html").write_text(bundle[0]["text/html"])
    app = application.Sphinx(source, source, out, folder / "trees", "html", status=None, warningiserror=True)
    app.build()
    return out


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    """The folder on a static server, which sends the strict policy with the page that can bear it."""

    class Handler(SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            if "strict" in self.path:
                self.send_header("Content-Security-Policy", STRICT)
            super().end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()


def new_page(context: BrowserContext) -> tuple[Page, list[str]]:
    """Return a page that records its sound, and the list to which its errors are added."""
    page = context.new_page()
    page.add_init_script(path=str(PROBE))
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    return page, errors


def level(frame: Page | Frame) -> float:
    """Return the level in dBFS of what plays."""
    return float(frame.evaluate("audioProbe.level()"))


def hear_the_slider(frame: Page | Frame, within: str = "") -> None:
    """Play, and move the cutoff of the low-pass far below the tone, which is 38 dB softer then; undo it."""
    root = frame.locator(f"{within} .fxlab-panel")
    expect(root).to_have_attribute("data-state", "idle")
    root.locator("[data-action=play]").click()
    wait_until(lambda: abs(level(frame) - -15.0) < 1.0, "the tone at its own level")
    slider = root.locator("input[type=range][data-param='1.cutoff']")
    slider.evaluate("s => { s.value = 0.35; s.dispatchEvent(new Event('input', { bubbles: true })); }")
    wait_until(lambda: level(frame) < -45.0, "the tone to be softer")
    sent = root.get_attribute("data-sent")
    expect(root).to_have_attribute("data-playing", str(sent))
    expect(root).to_have_attribute("data-drawn", str(sent))
    expect(slider).to_have_attribute("aria-valuetext", "224 Hz")
    bypass = root.locator("[data-action=bypass-stage][data-index='1']")
    bypass.click()
    wait_until(lambda: abs(level(frame) - -15.0) < 1.0, "the tone without the low-pass")
    expect(bypass).to_have_attribute("aria-pressed", "true")
    root.locator("[data-action=undo]").click()
    wait_until(lambda: level(frame) < -45.0, "the tone to be softer again")
    root.locator("[data-action=undo]").click()
    wait_until(lambda: abs(level(frame) - -15.0) < 1.0, "the tone to be loud again")
    # It runs on the audio thread: without it, and for a sound that has to be resampled, a notice would be shown.
    expect(root.locator(".notice")).to_be_hidden()


def test_a_page_from_the_file_system(browser: Browser, folder: Path) -> None:
    with browser.new_context(offline=True) as context:
        page, errors = new_page(context)
        page.goto((folder / "lesson.html").as_uri())
        hear_the_slider(page)

        # The same page again, beside it: both play their own settings.
        again, more_errors = new_page(context)
        again.goto((folder / "lesson.html").as_uri())
        hear_the_slider(again)
        again.close()

        page.locator("input[type=number][data-param='1.cutoff']").fill("30000")
        page.keyboard.press("Enter")
        expect(page.locator(".fxlab-panel [role=alert]")).to_contain_text("below half the sample rate")
        for scheme, width in (("light", 1000), ("dark", 390)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.set_viewport_size({"width": width, "height": 1200})
            expect(page.locator(f".fxlab-panel[data-theme={scheme}]")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert inspect(page) == {"violations": [], "unsure": [], "unchecked": []}, f"{scheme}, {width} px"

        # On paper it is a picture of what is set.
        page.locator("[data-action=undo]").click()
        expect(page.locator(".fxlab-panel")).to_have_attribute("data-state", "idle")
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        expect(page.locator(".fxlab-panel")).to_be_hidden()
        expect(page.locator(".fxlab-printed")).to_contain_text("Cutoff 8.00 kHz")
        assert errors + more_errors == []


def test_a_page_from_a_server(browser: Browser, folder: Path, server: str) -> None:
    """In a frame without any rights, as in a learning platform, and as two files under a strict policy."""
    with browser.new_context() as context:
        page, errors = new_page(context)
        page.goto(f"{server}/course.html")
        frame = page.frame(url=f"{server}/lesson.html")
        assert frame is not None
        hear_the_slider(frame)
        page.goto(f"{server}/strict.html")
        hear_the_slider(page)
        assert errors == []


SCRIPTS = "() => document.querySelectorAll('script[src*=fxlab]').length"


def look_at_the_site(page: Page, errors: list[str], address: str) -> None:
    """Open a panel of the gallery by its button, and that of the lesson by scrolling to it; hear both."""
    page.goto(f"{address}/index.html")
    expect(page.get_by_role("button", name="Open the panel")).to_have_count(2)
    assert page.evaluate(SCRIPTS) == 1
    page.get_by_role("button", name="Open the panel of two filters").press("Enter")
    expect(page.locator("[data-action=play]")).to_be_focused()
    hear_the_slider(page)
    assert page.evaluate(SCRIPTS) == 3
    expect(page.get_by_role("button", name="Open the panel", exact=True)).to_be_visible()
    assert errors == []
    assert inspect(page, "[data-fxlab-live]") == {"violations": [], "unsure": [], "unchecked": []}

    errors.clear()  # axe reads style sheets, which a page from the file system may not
    page.goto(f"{address}/course/lesson.html")
    expect(page.locator("[data-fxlab-live] img")).to_have_count(1)
    assert page.evaluate(SCRIPTS) == 1
    page.locator("[data-fxlab-live]").scroll_into_view_if_needed()
    hear_the_slider(page)
    expect(page.locator("[data-fxlab-live] .fxlab-still")).to_have_count(0)
    assert errors == []
    assert inspect(page, "[data-fxlab-live]") == {"violations": [], "unsure": [], "unchecked": []}


def test_a_site_from_the_file_system(browser: Browser, site: Path) -> None:
    with browser.new_context(offline=True) as context:
        page, errors = new_page(context)
        look_at_the_site(page, errors, site.as_uri())


def test_a_site_from_a_server(browser: Browser, site: Path, server: str) -> None:
    with browser.new_context() as context:
        page, errors = new_page(context)
        look_at_the_site(page, errors, f"{server}/{site.name}")


def test_an_explored_function_runs_in_the_page(browser: Browser, folder: Path) -> None:
    """Its sound and the note of its plot follow the slider."""

    def tone(level_db: float = fx.Param(-10.0, low=-40.0, high=0.0)) -> tuple[fx.Signal, fx.Plot]:
        samples = 10 ** (level_db / 20) * torch.sin(torch.arange(8000) * 0.5)
        return fx.Signal(samples, 8000), fx.Plot({"tone": samples[:100]}, note=f"peak {samples.abs().max():.2f}")

    panel = fx.explore(tone)
    panel.save(folder / "function.html")
    panel.close()
    with browser.new_context(offline=True) as context:
        page, errors = new_page(context)
        page.goto((folder / "function.html").as_uri())
        expect(page.locator(".fxlab-panel")).to_contain_text("peak 0.32")
        page.locator("[data-action=play]").click()
        wait_until(lambda: abs(level(page) + 13) < 1.5, "the tone at its level", 20)
        page.locator("input[type=range][data-param=level_db]").press("Home")
        expect(page.locator(".fxlab-panel")).not_to_contain_text("peak 0.32")
        wait_until(lambda: level(page) < -30, "the tone to be softer", 20)
        assert not errors


POOR_AUDIO = """
delete window.AudioWorkletNode;
delete BaseAudioContext.prototype.audioWorklet;
const Context = AudioContext;
window.AudioContext = class extends Context {
  constructor(options = {}) {
    if (options.sampleRate && options.sampleRate !== 48000) throw new DOMException("no", "NotSupportedError");
    super({ ...options, sampleRate: 48000 });
  }
};
"""


def test_browsers_that_lack_something(browser: Browser, folder: Path) -> None:
    """A phone with an output of 48 kHz and no AudioWorklet plays, and says both; an old browser says what it lacks."""
    with browser.new_context(offline=True, has_touch=True, viewport={"width": 390, "height": 844}) as context:
        page, errors = new_page(context)
        page.add_init_script(POOR_AUDIO)
        page.goto((folder / "lesson.html").as_uri())
        page.locator("[data-action=play]").tap()
        wait_until(lambda: abs(level(page) - -15.0) < 1.0, "the tone at its own level")
        notice = page.locator(".notice")
        expect(notice).to_contain_text("resampled to 48000 Hz")
        expect(notice).to_contain_text("This page has no AudioWorklet")
        page.add_init_script("delete window.DecompressionStream")
        page.reload()
        expect(page.get_by_role("alert")).to_contain_text("could not be opened in this browser: DecompressionStream")
        assert errors == []
