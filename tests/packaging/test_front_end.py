"""The front end's tools beside the Python that shares the folder with them."""

import json
from pathlib import Path

from fxlab.panel.front_end import built_file, built_file_gzipped

ROOT = Path(__file__).parents[2]


def test_node_reads_jupyterlabs_own_scripts_as_they_are_meant():
    """JupyterLab runs scripts of its own from `.venv`; with `"type": "module"` above them they fill the terminal."""
    assert "type" not in json.loads((ROOT / "fxlab" / "browser" / "package.json").read_text(encoding="utf-8"))


def test_the_bundle_stays_small():
    """The loader is in every saved notebook, the panel goes over the wire once a page, packed."""
    dist = ROOT / "fxlab" / "browser" / "dist"
    assert {path.name for path in dist.iterdir()} == {"loader.js", "panel.js"}
    assert len(built_file("loader.js").encode()) <= 4_000
    assert len(built_file_gzipped("panel.js")) <= 60_000
