"""Live panels in a site made with Sphinx: the directive `.. fxlab::`, and the panels of notebooks.

After `"fxlab.page.sphinx"` has been added to `extensions` in `conf.py`,

    .. fxlab:: fx.LowPass(1000.0)
       :signal: fx.examples.voice()

shows a panel. For more than an expression, write code as the content of the directive; its last line is an expression
for a module, a panel or a page. The names `fx` and `torch` are imported; names that other directives define are not
available.

A notebook that MyST-NB or nbsphinx executes has live panels too, unless `fxlab_live_notebooks = False`.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from fxlab.module import Module
from fxlab.page.document import BUNDLE
from fxlab.page.notebook_output import extract_files
from fxlab.page.page import Page
from fxlab.page.site import site_element, site_files
from fxlab.page.sound import Format
from fxlab.panel import Panel
from fxlab.panel.front_end import built_file
from fxlab.panel.panel import LIVE_OUTPUTS

FOLDER = "fxlab"
"""The folder of the scripts: in the doctree directory during a build, and in `_static` of the built site."""
DEFAULT_SIGNAL = "fx.examples.voice()"
BUTTON = "Open the panel"


class LivePanel(SphinxDirective):
    """The directive `fxlab`: a panel that plays in the page, created by the Python code in the directive.

    Its options are `signal`, the code of the signal, by default the voice; `views`, the names of the views that are
    open initially; `sound`, the format of the sound; `show-code`, which shows the code above the panel; and `button`,
    the label of a button that opens the panel, or no text for a standard label.
    """

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {
        "signal": directives.unchanged_required,
        "views": directives.unchanged_required,
        "sound": lambda text: directives.choice(text, ("auto", "flac", "opus")),
        "show-code": directives.flag,
        "button": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        """Return the panel, with its code above it if the option `show-code` is set, and write its script files.

        Raises:
            DirectiveError: There is no code, or no page can be made from the code and the options.
        """
        code = "\n".join([*self.arguments, *self.content])
        if not code.strip():
            raise self.error("fxlab: there is no code; write a module, such as fx.LowPass(1000.0).")
        views = self.options["views"].replace(",", " ").split() if "views" in self.options else None
        signal, sound = self.options.get("signal", DEFAULT_SIGNAL), self.options.get("sound", "auto")
        try:
            page = page_of(code, signal, views=views, sound=sound)
        except Exception as error:
            raise self.error(f"fxlab: {type(error).__name__}: {error}") from error
        _keep(self.env, site_files(page))
        found: list[nodes.Node] = []
        if "show-code" in self.options:
            block = nodes.literal_block(code, code)
            block["language"] = "python"
            found.append(block)
        if "button" in self.options:
            html = site_element(page, picture="", button=self.options["button"] or BUTTON)
        else:
            html = site_element(page)
        found.append(nodes.raw("", html, format="html"))
        return found


_pages: dict[tuple[str, str, tuple[str, ...] | None, str], Page] = {}
"""The pages of this build by code, signal, views and format of the sound; several documents may show the same page."""


def page_of(code: str, signal: str, *, views: Sequence[str] | None = None, sound: Format = "auto") -> Page:
    """Return the page of a module or panel; errors of the code are passed on.

    The page is kept until the end of the build, and returned again for equal arguments.

    Args:
        code: Python code, whose last line is a module, a panel or a page. A page is returned as it is, so the other
            arguments have no effect.
        signal: The code of the signal that a module plays.
        views: The views that are open initially; by default those of the panel or the module.
        sound: The format of the sound.

    Raises:
        ExtensionError: The last line is not an expression, or its value is not a module, a panel or a page.
        CompileError: The module cannot be compiled.
    """
    key = (code, signal, None if views is None else tuple(views), sound)
    if key not in _pages:
        _pages[key] = _make_page(code, signal, {} if views is None else {"views": views}, sound)
    return _pages[key]


def _make_page(code: str, signal: str, views: dict[str, Any], sound: Format) -> Page:
    import torch

    names: dict[str, Any] = {"fx": __import__("fxlab"), "torch": torch}
    value = evaluate(code, names)
    if isinstance(value, Page):
        return value
    if isinstance(value, Panel):
        return Page(value.module, value.signal, sound=sound, **{"views": value.spec["open_views"], **views})
    if not isinstance(value, Module):
        raise ExtensionError(f"the code gives {type(value).__name__}, not a module, a panel or a page")
    return Page(value, evaluate(signal, names), sound=sound, **views)


def evaluate(code: str, names: dict[str, Any]) -> Any:
    r"""Run `code` with the global variables `names`, and return the value of the expression at its end.

    Raises:
        ExtensionError: The last statement is not an expression.
        SyntaxError: `code` is not valid Python.

    >>> evaluate("a = 2\na + 1", {})
    3
    """
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body else None
    if not isinstance(last, ast.Expr):
        raise ExtensionError("the last line of the code is not an expression")
    exec(compile(tree, "<fxlab>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<fxlab>", "eval"), names)


# -- files -----------------------------------------------------------------------------------------------------------


def _keep(env: BuildEnvironment, files: dict[str, str]) -> None:
    """Write the files of a panel to the doctree directory, and store their names in `env` for the current document."""
    folder = Path(env.doctreedir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        if not (folder / name).exists():  # names follow from the contents
            (folder / name).write_text(text, encoding="utf-8")
    _files(env).setdefault(env.docname, set()).update(files)


def _files(env: BuildEnvironment) -> dict[str, set[str]]:
    """Return the names of the files by document, which Sphinx keeps in `env` from one build to the next."""
    if not hasattr(env, "fxlab_files"):
        env.fxlab_files = {}  # type: ignore[attr-defined]
    found: dict[str, set[str]] = env.fxlab_files  # type: ignore[attr-defined]
    return found


def _extract(app: Sphinx, doctree: nodes.document) -> None:
    """Remove the files from the outputs of executed notebooks, and keep them for `_write_scripts`."""
    for node in doctree.findall(nodes.raw):
        if "data-fxlab-file" in node.rawsource or "data-fxlab-file" in node.astext():
            html, files = extract_files(node.astext())
            node.rawsource, node.children = html, [nodes.Text(html)]
            _keep(app.env, files)


def _forget(_app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _files(env).pop(docname, None)


def _merge(_app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    _files(env).update({name: found for name, found in _files(other).items() if name in docnames})


def _write_scripts(app: Sphinx, env: BuildEnvironment) -> None:
    names = set().union(*_files(env).values())
    if app.builder.format != "html" or not names:
        return
    folder = Path(app.outdir) / "_static" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / BUNDLE).write_text(built_file(BUNDLE), encoding="utf-8")
    for name in names:
        (folder / name).write_bytes((Path(env.doctreedir) / FOLDER / name).read_bytes())


def _add_script(app: Sphinx, docname: str, _template: str, _context: dict[str, Any], _doctree: Any) -> None:
    """Add the script of the panels to the page of a document that contains a panel."""
    if _files(app.env).get(docname):
        app.add_js_file(f"{FOLDER}/{BUNDLE}", loading_method="defer")


def _ask_kernels(_app: Sphinx, config: Config) -> None:
    if config.fxlab_live_notebooks:
        os.environ[LIVE_OUTPUTS] = "1"  # kernels inherit it


def _finish(app: Sphinx, _error: Exception | None) -> None:
    if app.config.fxlab_live_notebooks:
        os.environ.pop(LIVE_OUTPUTS, None)
    _pages.clear()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx, and return its metadata."""
    app.add_config_value("fxlab_live_notebooks", True, "env", bool)
    app.add_directive("fxlab", LivePanel)
    app.connect("config-inited", _ask_kernels)
    app.connect("doctree-read", _extract)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
    app.connect("env-updated", _write_scripts)
    app.connect("html-page-context", _add_script)
    app.connect("build-finished", _finish)
    return {"version": "2", "env_version": 2, "parallel_read_safe": True, "parallel_write_safe": True}
