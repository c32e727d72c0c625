"""The directive `.. fxlab::`, which puts a live panel into a page of Sphinx.

After `"fxlab.page.sphinx"` has been added to `extensions` in `conf.py`,

    .. fxlab:: fx.LowPass(1000.0)
       :signal: fx.examples.voice()

shows a panel. For more than an expression, write code as the content of the directive; its last line is an expression
for a module, a panel or a page. The names `fx` and `torch` are imported; those of other directives are not known.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from fxlab.module import Module
from fxlab.page.document import BUNDLE, notes_html, program_script
from fxlab.page.page import Page
from fxlab.panel import Panel
from fxlab.panel.front_end import built_file

FOLDER = "_static/fxlab"
"""Where the scripts are in the output, relative to its root."""
DEFAULT_SIGNAL = "fx.examples.voice()"


class LivePanel(SphinxDirective):
    """A live panel."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {
        "signal": directives.unchanged_required,
        "views": directives.unchanged_required,
        "sound": lambda text: directives.choice(text, ("auto", "flac", "opus")),
        "show-code": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """Return the panel, with its code above it if the option `show-code` is set."""
        code = "\n".join([*self.arguments, *self.content])
        if not code.strip():
            raise self.error("fxlab: there is no code; write a module, such as fx.LowPass(1000.0).")
        try:
            page = self._page(code)
        except Exception as error:
            raise self.error(f"fxlab: {type(error).__name__}: {error}") from error
        programs: dict[str, dict[str, str]] = _programs(self.env)
        programs.setdefault(self.env.docname, {}).update(page.programs)
        found: list[nodes.Node] = []
        if "show-code" in self.options:
            block = nodes.literal_block(code, code)
            block["language"] = "python"
            found.append(block)
        found.append(nodes.raw("", self._html(page), format="html"))
        return found

    def _page(self, code: str) -> Page:
        import torch

        names: dict[str, Any] = {"fx": __import__("fxlab"), "torch": torch}
        value = evaluate(code, names)
        if isinstance(value, Page):
            return value
        options: dict[str, Any] = {"sound": self.options.get("sound", "auto")}
        if "views" in self.options:
            options["views"] = self.options["views"].replace(",", " ").split()
        if isinstance(value, Panel):
            return Page(value.module, value.signal, **{"views": value.spec["open_views"], **options})
        if not isinstance(value, Module):
            raise ExtensionError(f"the code gives {type(value).__name__}, not a module, a panel or a page")
        return Page(value, evaluate(self.options.get("signal", DEFAULT_SIGNAL), names), **options)

    def _html(self, page: Page) -> str:
        # The builder "dirhtml" gives each document a folder of its own.
        up = "../" * (self.env.docname.count("/") + getattr(self.env, "fxlab_extra_depth", 0))
        names = [*(f"{id}.js" for id in page.programs), BUNDLE]
        scripts = "".join(f'<script src="{up}{FOLDER}/{name}" defer></script>' for name in names)
        return f'<div class="fxlab-embedded">{page.panel(4)}{notes_html(page.notes[1:])}{scripts}</div>'


def evaluate(code: str, names: dict[str, Any]) -> Any:
    r"""Run `code`, and return the value of the expression on its last line.

    >>> evaluate("a = 2\na + 1", {})
    3
    """
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body else None
    if not isinstance(last, ast.Expr):
        raise ExtensionError("the last line of the code is not an expression")
    exec(compile(tree, "<fxlab>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<fxlab>", "eval"), names)


def _programs(env: BuildEnvironment) -> dict[str, dict[str, str]]:
    """Return the programs of each document, which Sphinx keeps from one build to the next."""
    if not hasattr(env, "fxlab_programs"):
        env.fxlab_programs = {}  # type: ignore[attr-defined]
    found: dict[str, dict[str, str]] = env.fxlab_programs  # type: ignore[attr-defined]
    return found


def _note_builder(app: Sphinx) -> None:
    app.env.fxlab_extra_depth = int(app.builder.name == "dirhtml")  # type: ignore[attr-defined]


def _forget(_app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _programs(env).pop(docname, None)


def _merge(_app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    _programs(env).update({name: found for name, found in _programs(other).items() if name in docnames})


def _write_scripts(app: Sphinx, error: Exception | None) -> None:
    programs = _programs(app.env) if app.env else {}
    if error is not None or app.builder.format != "html" or not programs:
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / BUNDLE).write_text(built_file(BUNDLE), encoding="utf-8")
    for found in programs.values():
        for id, text in found.items():
            (folder / f"{id}.js").write_text(program_script(id, text), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.add_directive("fxlab", LivePanel)
    app.connect("builder-inited", _note_builder)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
    app.connect("build-finished", _write_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
