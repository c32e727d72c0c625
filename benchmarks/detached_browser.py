"""A Chromium that runs measurements without an attached driver.

An attached driver receives a copy of each WebSocket message, encoded on the page's own thread, and this would dominate
the measured time. So the driver prepares the page, disconnects, and reconnects for the result.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from tests.browser.conftest import FLAGS
from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.server import Jupyter

DONE = "measured"

LIMIT = 180.0  # seconds that a measurement may take

START = """([measure, given, done]) => {
  setTimeout(async () => {
    try { window.result = await eval('(' + measure + ')')(given); } catch (error) { window.result = `${error}`; }
    window.marking = setInterval(() => { document.title = done; }, 50);  // Jupyter sets it too
  }, 1000);
}"""

RESULT = """() => {
  clearInterval(window.marking);
  document.title = '';
  return window.result;
}"""


class DetachedBrowser:
    """A Jupyter server and a Chromium, both with their files in `folder`; a context manager."""

    def __init__(self, folder: Path) -> None:
        found = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
        own = [
            "--headless=new",
            "--autoplay-policy=no-user-gesture-required",
            "--remote-debugging-port=0",
            f"--user-data-dir={folder / 'chromium'}",
        ]
        self._chromium = subprocess.Popen(
            [found, *own, "--window-size=1400,1100", *FLAGS, "about:blank"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        assert self._chromium.stderr is not None
        port = next(m[1] for line in self._chromium.stderr if (m := re.search(r"ws://127\.0\.0\.1:(\d+)/", line)))
        self.address = f"http://127.0.0.1:{port}"
        """The address of the browser's DevTools."""
        (folder / "notebooks").mkdir()
        self.jupyter = Jupyter(folder / "notebooks")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.jupyter.close()
        self._chromium.terminate()
        self._chromium.wait()

    def titles(self) -> list[str]:
        """Return the titles of all pages, which can be read without a driver."""
        with urllib.request.urlopen(f"{self.address}/json/list") as answer:
            return [page["title"] for page in json.load(answer)]


class DetachedPage:
    """A page of a `DetachedBrowser` that shows one notebook after the other; a context manager, one at a time.

    JupyterLab and the kernel are kept from one notebook to the next, since loading them takes most of the time.

    Args:
        browser: The browser.
        before: JavaScript that runs before that of the page.
        through: Another address of the Jupyter server; `None` for its own.
    """

    def __init__(self, browser: DetachedBrowser, *, before: str = "", through: str | None = None) -> None:
        self._browser, self._before = browser, before
        self._jupyter = copy(browser.jupyter)
        self._jupyter.url = through or self._jupyter.url
        self._playwright: Playwright | None = None
        self._lab: NotebookPage | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None and self._lab is not None:
            page = self._attached().page
            page.goto("about:blank")
            page.close()
            self._jupyter.end_kernels()
        self._detach()

    def show(self, cells: tuple[str, ...], prepare: Callable[[NotebookPage], None]) -> None:
        """Open a notebook of `cells`, run them all and prepare the page for the measurement."""
        lab = self._attached()
        if lab.notebooks:
            lab.reset()
            lab.page.set_viewport_size({"width": 1400, "height": 1000})
        lab.open(*cells)
        prepare(lab)

    def measure(self, script: str, given: Any, beside: AbstractContextManager[None] | None = None) -> Any:
        """Return the result of the JavaScript function `script` for `given`, which runs without a driver.

        Args:
            script: The source of the function.
            given: Its argument.
            beside: Entered when the driver has disconnected, and left before it connects again.

        Raises:
            RuntimeError: The function failed.
            TimeoutError: It did not end within `LIMIT`.
        """
        self._attached().page.evaluate(START, [script, given, DONE])
        self._detach()
        with beside or nullcontext():
            end = time.monotonic() + LIMIT
            while DONE not in self._browser.titles():
                if time.monotonic() > end:
                    raise TimeoutError(f"the measurement did not end within {LIMIT:g} s")
                time.sleep(0.3)  # Each call takes the browser some time.
        result = self._attached().page.evaluate(RESULT)
        if isinstance(result, str):
            raise RuntimeError(result)
        return result

    def _attached(self) -> NotebookPage:
        """Return the page with a driver."""
        if self._playwright is None:
            self._playwright = sync_playwright().start()
            context = self._playwright.chromium.connect_over_cdp(self._browser.address).contexts[0]
            if self._lab is None:
                context.pages[0].goto("about:blank")  # Chromium exits without an open page.
                self._lab = NotebookPage(_DefaultContext(context), self._jupyter)
                self._lab.context.add_init_script(self._before)
            else:
                self._lab.context, self._lab.page = context, self._find(context)
        assert self._lab is not None
        return self._lab

    def _find(self, context: BrowserContext) -> Page:
        """Return the page among all pages of the browser."""
        (page,) = (page for page in context.pages if page.url.startswith(self._jupyter.url))
        return page

    def _detach(self) -> None:
        if self._playwright is not None:
            self._playwright.stop()
            self._playwright = None


class _DefaultContext:
    """The default context of the browser; a new context would be closed when its driver disconnects."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context

    def new_context(self, **_options: Any) -> BrowserContext:
        return self.context
