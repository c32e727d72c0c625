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
from copy import copy
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import BrowserContext, sync_playwright

from tests.browser.conftest import FLAGS
from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.server import Jupyter

DONE = "measured"

START = """([measure, given, done]) => {
  setTimeout(async () => {
    try { window.result = await eval('(' + measure + ')')(given); } catch (error) { window.result = `${error}`; }
    setInterval(() => { document.title = done; }, 50);  // Jupyter sets it too
  }, 3000);
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
        self._address = f"http://127.0.0.1:{port}"
        (folder / "notebooks").mkdir()
        self._jupyter = Jupyter(folder / "notebooks")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._jupyter.close()
        self._chromium.terminate()
        self._chromium.wait()

    @property
    def port(self) -> int:
        """The address of the server."""
        return self._jupyter.port

    def measure(
        self,
        cells: tuple[str, ...],
        prepare: Callable[[NotebookPage], None],
        script: str,
        given: Any,
        *,
        before: str = "",
        through: str | None = None,
    ) -> Any:
        """Return the result of the JavaScript function `script` for `given`, in the notebook of `cells` from `prepare`.

        `before` is JavaScript that runs before that of the page; `through` is another address of the server.
        """
        jupyter = copy(self._jupyter)
        jupyter.url = through or jupyter.url
        with sync_playwright() as playwright:
            context = playwright.chromium.connect_over_cdp(self._address).contexts[0]
            context.pages[0].goto("about:blank")  # Chromium exits without an open page.
            lab = NotebookPage(_DefaultContext(context), jupyter)
            if before:
                lab.context.add_init_script(before)
            lab.page.set_viewport_size({"width": 1400, "height": 1000})
            lab.open(*cells)
            prepare(lab)
            lab.page.evaluate(START, [script, given, DONE])
        while DONE not in self._titles():
            time.sleep(0.5)
        with sync_playwright() as playwright:
            context = playwright.chromium.connect_over_cdp(self._address).contexts[0]
            (page,) = (page for page in context.pages if page.url.startswith(jupyter.url))
            result = page.evaluate("() => window.result")
            page.goto("about:blank")
            page.close()
        self._jupyter.end_kernels()
        if isinstance(result, str):
            raise RuntimeError(result)
        return result

    def _titles(self) -> list[str]:
        with urllib.request.urlopen(f"{self._address}/json/list") as answer:
            return [page["title"] for page in json.load(answer)]


class _DefaultContext:
    """The default context of the browser; a new context would be closed when its driver disconnects."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context

    def new_context(self, **_options: Any) -> BrowserContext:
        return self.context
