"""Formulas as MathML, which browsers render themselves: Sphinx's default, MathJax, is loaded from another server.

A formula that docutils cannot translate is a warning, which fails the build.
"""

from __future__ import annotations

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


def formula(node: nodes.Element, *, as_block: bool) -> str:
    """Return the `<math>` element of a formula in LaTeX."""
    source = node.astext().strip()
    try:
        # docutils knows neither the character … nor \dots.
        return str(tex2mathml(source.replace("…", r"\ldots ").replace(r"\dots", r"\ldots"), as_block=as_block))
    except MathError as error:
        logger.warning("the formula %s cannot be written as MathML: %s", source, error, location=node)
        return ""


def visit_math(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula in a line."""
    translator.body.append(formula(node, as_block=False))
    raise nodes.SkipNode


def visit_math_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula in a paragraph of its own."""
    translator.body.append(f"{translator.starttag(node, 'div', CLASS='math')}{formula(node, as_block=True)}</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
