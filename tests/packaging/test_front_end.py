"""The front end's package.json and the sizes of its built files."""

import json
from pathlib import Path

from fxlab.panel.front_end import built_file, built_file_gzipped

ROOT = Path(__file__).parents[2]


def test_package_json_declares_no_module_type():
    """JupyterLab runs CommonJS scripts in `.venv`; below a `"type": "module"` Node prints warnings for them."""
    assert "type" not in json.loads((ROOT / "fxlab" / "browser" / "package.json").read_text(encoding="utf-8"))


def test_the_bundle_stays_small():
    """Every saved notebook contains the loader; notebooks load the panel, and live pages contain theirs, compressed."""
    dist = ROOT / "fxlab" / "browser" / "dist"
    assert {path.name for path in dist.iterdir()} == {"engine.js", "loader.js", "page.js", "panel.js"}
    assert len(built_file("loader.js").encode()) <= 4_000
    assert len(built_file_gzipped("panel.js")) <= 64_000
    assert len(built_file_gzipped("page.js")) <= 98_000
