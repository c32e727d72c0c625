"""A real JupyterLab and Notebook 7 on loopback, and a real Chromium that can be listened to."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.browser.notebook_page import Laboratory
from tests.support.browser.requirements import left_out
from tests.support.browser.server import Jupyter

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A microphone that beeps, and a page that may listen to it.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    # A name that is not this machine's own: a page from there has no AudioWorklet by plain http.
    "--host-resolver-rules=MAP fxlab.test 127.0.0.1",
]

PASSED = pytest.StashKey[bool]()


class Pages:
    """The page that tests use one after the other, and new ones for those who need one."""

    def __init__(self, browser: Browser, jupyter: Jupyter) -> None:
        self.browser, self.jupyter = browser, jupyter
        self._kept: Laboratory | None = None

    def take(self, own: bool) -> Laboratory:
        if own or self._kept is None:
            return Laboratory(self.browser, self.jupyter)
        found, self._kept = self._kept, None
        return found

    def give(self, laboratory: Laboratory, again: bool) -> None:
        if not again:
            laboratory.close()
            return
        laboratory.leave()
        self._kept = laboratory

    def close(self) -> None:
        if self._kept is not None:
            self._kept.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in Path(item.path).parents:
            item.add_marker("browser")


def browser_path() -> str | None:
    """Where the system's Chromium is."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)


@pytest.fixture(scope="package")
def chromium() -> str:
    """The path of the system's Chromium; without one these tests skip, or fail where CI=true promises one."""
    found = browser_path()
    if found is None:
        left_out("no Chromium on this machine: install it (Debian: apt-get install chromium) to run the browser suite")
    return found


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
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
def lab(request: pytest.FixtureRequest, pages: Pages) -> Iterator[Laboratory]:
    """JupyterLab with nothing open; the kernels that it starts end with the test.

    The page is the one of the test before, since to load JupyterLab takes longest, but for a test marked `own_page`,
    which bends the page itself, and after one that failed.
    """
    own = request.node.get_closest_marker("own_page") is not None
    laboratory = pages.take(own)
    yield laboratory
    pages.give(laboratory, again=not own and request.node.stash.get(PASSED, False))


@pytest.fixture(scope="package")
def older_kernel(jupyter: Jupyter, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a kernel by ipykernel 6, which has no subshells. A venv of its own would bring PyTorch once more."""
    folder = tmp_path_factory.mktemp("ipykernel6")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    # Without what both versions need, which is there already; nest-asyncio is what only the older one does.
    run = subprocess.run(
        [*pip, "--target", str(folder), "ipykernel<7", "nest-asyncio"], capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        left_out(f"ipykernel 6 cannot be installed here: {run.stderr.strip()[-400:]}")
    jupyter.add_kernel("ipykernel6", folder)
    return "ipykernel6"
