"""The server of a marimo app. marimo shows anywidgets without Jupyter."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterable
from pathlib import Path

from tests.support.browser.server import terminate
from tests.support.browser.wait import wait_until

APP = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    import numpy as np, torch, fxlab as fx
    samples = np.random.default_rng(7).normal(0, 0.1, 2 * 44_100).astype("f4")
    panel = fx.LowPass(cutoff=1000.0).panel(fx.Signal(torch.from_numpy(samples)[None], 44_100))
    shown = mo.ui.anywidget(panel)
    shown
    return mo, panel, shown


@app.cell
def _(mo, panel, shown):
    shown.value
    mo.md(f"The module has {panel.module.cutoff} Hz.")
    return


if __name__ == "__main__":
    app.run()
"""


class Marimo:
    """`marimo run` on a free port of this machine, with the app in `folder`.

    It takes the place of the `Jupyter` server of a `NotebookPage`.
    """

    def __init__(self, folder: Path) -> None:
        app = folder / "app.py"
        app.write_text(APP)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        options = ["--headless", "--no-token", "--host=127.0.0.1", f"--port={port}"]
        self._log = folder / "marimo.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "marimo", "run", str(app), *options], stdout=log, stderr=subprocess.STDOUT
            )
        wait_until(self._answers, "marimo to answer")

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(f"marimo ended: {self._log.read_text()[-2000:]}")
        try:
            return bool(urllib.request.urlopen(f"{self.url}/health", timeout=60).status == 200)
        except OSError:
            return False

    def end_kernels(self, _names: Iterable[str] | None = None) -> None:
        """Do nothing: the app's kernel ends with its server."""

    def close(self) -> None:
        """End the server."""
        terminate(self._process)
