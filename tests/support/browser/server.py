"""The server of the notebooks: a real one, on loopback, in an empty folder."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

import nbformat


def wait_until(ready: Callable[[], bool], seconds: float, what: str | Callable[[], str]) -> None:
    """Poll until `ready`, or fail saying `what` was waited for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds:g} s for {what if isinstance(what, str) else what()}")


def end(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """Ask a server to end, and see that it does."""
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()


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
        # Nothing of the person who runs the tests: no settings, no list of trusted notebooks.
        places = {"JUPYTER_CONFIG_DIR": ".config", "JUPYTER_DATA_DIR": ".data", "JUPYTER_RUNTIME_DIR": ".runtime"}
        own = {name: str(root / folder) for name, folder in {**places, "IPYTHONDIR": ".ipython"}.items()}
        environment = {**os.environ, **own}
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
                # A kernel that a test leaves behind has nothing to save: it need not be asked for seconds.
                "--KernelManager.shutdown_wait_time=0.2",
                "--ServerApp.local_hostnames=['localhost', 'fxlab.test']",
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

    def _open(self, path: str, method: str = "GET", body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        return urllib.request.urlopen(urllib.request.Request(self.url + path, data, method=method), timeout=60)

    def add_kernel(self, name: str, folder: Path) -> None:
        """Offer one more kernel: the one that runs the tests, with what lies in `folder` before its own packages."""
        place = self.root / ".data" / "kernels" / name
        place.mkdir(parents=True, exist_ok=True)
        path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH", "")]))
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        kernel = {"argv": argv, "display_name": name, "language": "python", "env": {"PYTHONPATH": path}}
        (place / "kernel.json").write_text(json.dumps(kernel))

    def set(self, plugin: str, **settings: Any) -> None:
        """Keep a person's settings of a part of JupyterLab; with none, its own again."""
        self._open(f"/lab/api/settings/{plugin}", "PUT", {"raw": json.dumps(settings)})

    def write(self, *cells: str, kernel: str = "python3") -> str:
        """Save a notebook of these code cells; returns its name."""
        name = f"test-{uuid4().hex[:8]}.ipynb"
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
        nbformat.write(notebook, self.root / name)
        return name

    def read(self, name: str) -> Any:
        """A saved notebook."""
        return nbformat.read(self.root / name, as_version=4)

    def hand_over_kernel(self, before: str, name: str) -> None:
        """Let the kernel of the notebook `before` be that of the notebook `name`."""
        for session in self._sessions([before]):
            self._open(f"/api/sessions/{session}", "PATCH", {"path": name, "name": name})

    def end_kernels(self, names: Iterable[str] | None = None) -> None:
        """End the kernels of these notebooks, or of all."""
        for session in self._sessions(names):
            self._open(f"/api/sessions/{session}", "DELETE")

    def _sessions(self, names: Iterable[str] | None) -> list[str]:
        found = json.load(self._open("/api/sessions"))
        return [session["id"] for session in found if names is None or session["path"] in names]

    def close(self) -> None:
        end(self._process)
        self._log.close()
