"""The front end's tools beside the Python that shares the folder with them."""

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_node_reads_jupyterlabs_own_scripts_as_they_are_meant():
    """JupyterLab runs scripts of its own from `.venv`; with `"type": "module"` above them they fill the terminal."""
    assert "type" not in json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
