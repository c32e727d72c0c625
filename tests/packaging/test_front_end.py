"""The front end's tools beside the Python that shares the folder with them."""

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_node_reads_jupyterlabs_own_scripts_as_they_are_meant():
    """JupyterLab runs scripts of its own from `.venv`; with `"type": "module"` above them they fill the terminal."""
    assert "type" not in json.loads((ROOT / "package.json").read_text(encoding="utf-8"))


def test_the_bundle_stays_small():
    """The loader is in every saved notebook, the panel goes over the wire once a page."""
    dist = ROOT / "fxlab" / "browser" / "dist"
    sizes = {path.name: path.stat().st_size for path in dist.iterdir()}
    assert set(sizes) == {"loader.js", "panel.js"}
    assert sizes["loader.js"] <= 4_000
    assert sum(sizes.values()) <= 100_000, sizes
