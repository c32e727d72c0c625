"""Sphinx: `make docs` builds this with every warning an error."""

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))

from sphinx.application import Sphinx  # noqa: E402

import fxlab  # noqa: E402

project = "fxlab"
author = "the fxlab authors"
copyright = "2026, the fxlab authors"
version = release = fxlab.__version__

extensions = ["myst_nb", "api_pages"]
exclude_patterns = ["_build", "extensions", "api/generated/contents.md", "**/.ipynb_checkpoints"]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb"}
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
highlight_language = "none"
add_module_names = False
python_maximum_signature_line_length = 160

# Notebooks are committed without outputs: they are run here, and one that fails, fails the build.
nb_execution_mode = "force"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_in_temp = True
nb_merge_streams = True
# A page has no kernel: the panel is shown by its picture, and no widget scripts are fetched from elsewhere.
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]
nb_ipywidgets_js = {}

html_theme = "furo"
html_title = f"fxlab {release}"
html_static_path = ["static"]
html_css_files = ["fxlab.css"]
html_show_sphinx = False
# Half of the pages are written by the build: a link to edit them would lead nowhere.
html_theme_options = {"top_of_page_buttons": []}


def copy_notebooks(_app: Sphinx) -> None:
    """Sphinx reads what lies under docs/ only; the copies are not committed."""
    target = HERE / "notebooks"
    target.mkdir(exist_ok=True)
    wanted = {path.name: path for path in (HERE.parent / "notebooks").glob("*.ipynb")}
    for stale in set(target.glob("*.ipynb")) - {target / name for name in wanted}:
        stale.unlink()
    for name, path in wanted.items():
        shutil.copy2(path, target / name)


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("builder-inited", copy_notebooks)
