"""Driving a notebook as a person does: open it, run it, move its sliders, listen."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import nbformat
import numpy as np
from playwright.sync_api import Browser, Locator, Page

EAR = (Path(__file__).parent / "ear.js").read_text()


class Jupyter:
    """A Jupyter server on a free port of this machine, serving JupyterLab and Notebook 7 from an empty folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        settings = root / ".config" / "labconfig"
        settings.mkdir(parents=True)
        quiet = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
        (settings / "page_config.json").write_text(json.dumps(quiet))
        environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(root / ".config"), "IPYTHONDIR": str(root / ".ipython")}
        self._log = (root / "server.log").open("w")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={self.port}"),
                *("--ip=127.0.0.1", "--IdentityProvider.token=", f"--ServerApp.root_dir={root}"),
                *(
                    "--ServerApp.port_retries=0",
                    "--ServerApp.disable_check_xsrf=True",
                    "--LabApp.expose_app_in_browser=True",
                ),
                "--JupyterNotebookApp.expose_app_in_browser=True",
            ],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        wait_until(self._answers, 60, "the Jupyter server to answer")

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(f"the Jupyter server ended: {(self.root / 'server.log').read_text()[-2000:]}")
        try:
            return bool(json.load(self._open("/api")))
        except OSError:
            return False

    def _open(self, path: str, method: str = "GET") -> Any:
        return urllib.request.urlopen(urllib.request.Request(self.url + path, method=method), timeout=10)

    def write(self, *cells: str) -> str:
        """Save a notebook of these code cells; returns its name."""
        name = f"test-{uuid4().hex[:8]}.ipynb"
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.root / name)
        return name

    def read(self, name: str) -> Any:
        """A saved notebook."""
        return nbformat.read(self.root / name, as_version=4)

    def end_kernels(self) -> None:
        for session in json.load(self._open("/api/sessions")):
            self._open(f"/api/sessions/{session['id']}", "DELETE")

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._log.close()


class Laboratory:
    """One browser page with an ear on what it plays."""

    def __init__(self, browser: Browser, jupyter: Jupyter, **options: Any) -> None:
        self.jupyter = jupyter
        self.workspace = uuid4().hex[:8]
        self.context = browser.new_context(viewport={"width": 1400, "height": 1000}, **options)
        self.context.add_init_script(EAR)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def close(self) -> None:
        self.context.close()
        self.jupyter.end_kernels()

    # -- notebooks ----------------------------------------------------------------------------------------------

    def open(self, *cells: str, app: str = "lab") -> str:
        """Open a notebook of these cells, in JupyterLab or with `app="notebooks"` in Notebook 7, and run them all."""
        name = self.jupyter.write(*cells)
        self.visit(name, app)
        self.run_all()
        return name

    def visit(self, name: str, app: str = "lab") -> None:
        # A workspace of its own, or JupyterLab brings back the tabs of the test before.
        place = f"lab/workspaces/{self.workspace}/tree" if app == "lab" else app
        self.page.goto(f"{self.jupyter.url}/{place}/{name}")
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
        self.page.wait_for_function("() => window.jupyterapp !== undefined", timeout=60_000)
        self.page.wait_for_function(IDLE, timeout=60_000)

    def run_all(self) -> None:
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def command(self, name: str) -> None:
        self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)

    def ask(self, expression: str) -> Any:
        """Evaluate a Python expression in the notebook's kernel; its value comes back through JSON."""
        code = f"import json as _json; print('answer:' + _json.dumps({expression}))"
        return json.loads(self.page.evaluate(ASK, code))

    def tell(self, code: str) -> None:
        """Run Python code in the notebook's kernel."""
        self.page.evaluate(ASK, code + "\nprint('answer:null')")

    # -- panels -------------------------------------------------------------------------------------------------

    def panel(self, number: int = 0, state: str = "idle") -> Locator:
        """The panel, once it has reached `state`."""
        found = self.page.locator(".fxlab-panel").nth(number)
        found.wait_for(timeout=60_000)
        self.page.wait_for_function(
            "([n, state]) => document.querySelectorAll('.fxlab-panel')[n]?.dataset.state === state",
            arg=[number, state],
            timeout=60_000,
        )
        return found

    def play(self, number: int = 0) -> None:
        """Press play, and wait until something is heard."""
        self.panel(number).locator("[data-action=play]").click()
        wait_until(lambda: self.level() > -90, 15, "sound to come out of the page")

    def slider(self, path: str, number: int = 0) -> Locator:
        return self.panel(number).locator(f"input[type=range][data-param='{path}']")

    def slide(self, path: str, position: float, number: int = 0) -> int:
        """Put a slider where a hand would, and return the sequence number that went out."""
        before = self.data("sent", number)
        self.slider(path, number).evaluate(
            "(element, value) => { element.value = value; element.dispatchEvent(new Event('input', {bubbles: true})) }",
            position,
        )
        wait_until(lambda: self.data("sent", number) > before, 5, "the move to be sent")
        return self.data("sent", number)

    def data(self, name: str, number: int = 0) -> int:
        text = self.page.locator(".fxlab-panel").nth(number).get_attribute(f"data-{name}")
        return int(text or 0)

    def settle(self, number: int = 0) -> None:
        """Wait until what was sent last is what plays."""
        wait_until(
            lambda: self.data("playing", number) == self.data("sent", number), 20, "the last values to be playing"
        )

    # -- listening ----------------------------------------------------------------------------------------------

    def level(self) -> float:
        """The RMS of what plays now, in dBFS."""
        return float(self.page.evaluate("() => window.ear.level()"))

    def spectrum(self, frames: int = 16) -> tuple[np.ndarray, np.ndarray]:
        """Frequencies and the mean level in dB of what plays, over some looks at it."""
        rate, bins = self.page.evaluate("frames => window.ear.spectrum(frames)", frames)
        return np.arange(len(bins)) * rate / 2 / len(bins), np.array(bins)

    def record(self, during: Callable[[], None]) -> np.ndarray:
        """Everything that the page plays while `during` runs, `(channels, time)`, without a hole."""
        self.page.evaluate("() => window.ear.start()")
        during()
        channels = self.page.evaluate("() => window.ear.stop()")
        return np.array([np.frombuffer(bytes.fromhex(channel), dtype="<f4") for channel in channels])


IDLE = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return panel?.sessionContext?.session?.kernel?.status === 'idle';
}"""

ASK = """async code => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const future = kernel.requestExecute({ code, store_history: false, silent: false });
  let text = '', error = '';
  future.onIOPub = message => {
    if (message.header.msg_type === 'stream') text += message.content.text;
    if (message.header.msg_type === 'error') error = message.content.evalue;
  };
  await future.done;
  if (error) throw new Error(error);
  return text.split('answer:')[1];
}"""


def wait_until(ready: Callable[[], bool], seconds: float, what: str) -> None:
    """Poll until `ready`, or fail saying `what` was waited for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds:g} s for {what}")
