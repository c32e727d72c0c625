"""Fixtures of the browser tests: a Jupyter server, a Chromium, and a page whose sound can be recorded."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.server import Jupyter
from tests.support.browser.skip_or_fail import skip_or_fail
from tests.support.browser.wait import LIMIT

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A simulated microphone that beeps, and permission to use it.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    # A page from this host by plain HTTP has no secure context, and therefore no AudioWorklet.
    "--host-resolver-rules=MAP fxlab.test 127.0.0.1",
]

PASSED = pytest.StashKey[bool]()


class Pages:
    """One page that most tests reuse one after the other, and new pages for the others."""

    def __init__(self, browser: Browser, jupyter: Jupyter) -> None:
        self.browser, self.jupyter = browser, jupyter
        self._kept: NotebookPage | None = None

    def acquire(self, own: bool) -> NotebookPage:
        """Return the reused page, or a new one if `own`."""
        if own or self._kept is None:
            return NotebookPage(self.browser, self.jupyter)
        kept, self._kept = self._kept, None
        return kept

    def release(self, page: NotebookPage, reuse: bool) -> None:
        """Close a page, or reset it for the next test if `reuse`."""
        if not reuse:
            page.close()
            return
        page.reset()
        self._kept = page

    def close(self) -> None:
        """Close the reused page."""
        if self._kept is not None:
            self._kept.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(folder):  # much faster than the parents of each of many thousand paths
            item.add_marker("browser")
            item.add_marker(pytest.mark.timeout(900))  # a busy machine takes several times as long as an idle one


def browser_path() -> str | None:
    """Return the path of the system's Chromium, or `None`."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)


@pytest.fixture(scope="package")
def chromium() -> str:
    """Return the path of the system's Chromium; without one, skip the test, or fail if CI=true."""
    found = browser_path()
    if found is None:
        skip_or_fail(
            "no Chromium on this machine: install it (Debian: apt-get install chromium) to run the browser suite"
        )
    return found


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS, timeout=1000 * LIMIT)
        yield running
        running.close()


@pytest.fixture(scope="package")
def jupyter(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    server = Jupyter(tmp_path_factory.mktemp("jupyter"))
    yield server
    server.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = (yield).get_result()
    if report.when == "call":
        item.stash[PASSED] = report.passed


@pytest.fixture(scope="package")
def pages(browser: Browser, jupyter: Jupyter) -> Iterator[Pages]:
    kept = Pages(browser, jupyter)
    yield kept
    kept.close()


@pytest.fixture
def lab(request: pytest.FixtureRequest, pages: Pages) -> Iterator[NotebookPage]:
    """Provide a JupyterLab page without open notebooks.

    The page and its kernel are those of the previous test, since loading JupyterLab takes longest. A test marked
    `own_page`, which changes the page itself, gets a new one, and so does the test after one that failed.
    """
    own = request.node.get_closest_marker("own_page") is not None
    page = pages.acquire(own)
    yield page
    pages.release(page, reuse=not own and request.node.stash.get(PASSED, False))


@pytest.fixture(scope="package")
def older_kernel(jupyter: Jupyter, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Install ipykernel 6, which has no subshells; return the kernel's name.

    It goes into a folder and not into a virtual environment, which would need a second copy of PyTorch.
    """
    folder = tmp_path_factory.mktemp("ipykernel6")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    # The dependencies are installed already, except nest-asyncio, which only the older version needs.
    run = subprocess.run(
        [*pip, "--target", str(folder), "ipykernel<7", "nest-asyncio"], capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        skip_or_fail(f"ipykernel 6 cannot be installed here: {run.stderr.strip()[-400:]}")
    jupyter.add_kernel("ipykernel6", folder)
    return "ipykernel6"
