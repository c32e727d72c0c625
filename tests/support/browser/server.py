"""The server of the notebooks: a real one, on loopback, in an empty folder."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

import nbformat

from tests.support.browser.wait import wait_until


def terminate(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """Terminate a server, and kill it if it has not ended after 15 s."""
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
        # The settings and the trusted notebooks of the user who runs the tests are not used.
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
                # The kernel of a finished test has nothing to save, so it need not be given seconds to end.
                "--KernelManager.shutdown_wait_time=0.2",
                "--ServerApp.local_hostnames=['localhost', 'fxlab.test']",
            ],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        wait_until(self._answers, "the Jupyter server to answer")

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
        """Add a kernel `name`: the Python that runs the tests, with `folder` first on its module search path."""
        place = self.root / ".data" / "kernels" / name
        place.mkdir(parents=True, exist_ok=True)
        path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH", "")]))
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        kernel = {"argv": argv, "display_name": name, "language": "python", "env": {"PYTHONPATH": path}}
        (place / "kernel.json").write_text(json.dumps(kernel))

    def set(self, plugin: str, **settings: Any) -> None:
        """Replace the user settings of a plugin of JupyterLab; without `settings`, its defaults apply again."""
        self._open(f"/lab/api/settings/{plugin}", "PUT", {"raw": json.dumps(settings)})

    def write(self, *cells: str, kernel: str = "python3") -> str:
        """Save a notebook of these code cells; return its name."""
        name = f"test-{uuid4().hex[:8]}.ipynb"
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
        nbformat.write(notebook, self.root / name)
        return name

    def read(self, name: str) -> Any:
        """Return a saved notebook."""
        return nbformat.read(self.root / name, as_version=4)

    def hand_over_kernel(self, before: str, name: str) -> None:
        """Make the kernel of the notebook `before` that of the notebook `name`."""
        for session in self._sessions([before]):
            self._open(f"/api/sessions/{session}", "PATCH", {"path": name, "name": name})

    def end_kernels(self, names: Iterable[str] | None = None) -> None:
        """End the kernels of these notebooks; with `None`, of all."""
        for session in self._sessions(names):
            self._open(f"/api/sessions/{session}", "DELETE")

    def _sessions(self, names: Iterable[str] | None) -> list[str]:
        found = json.load(self._open("/api/sessions"))
        return [session["id"] for session in found if names is None or session["path"] in names]

    def close(self) -> None:
        """End the server."""
        terminate(self._process)
        self._log.close()
