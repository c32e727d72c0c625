"""A module's parameters as a plain HTML table, which keeps its sense where a page takes all styles away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from fxlab.display.cards import number_format
from fxlab.display.cards.legend import settings
from fxlab.module import Choice, Count, Module, Param, ParameterDeclaration

MOST_ROWS = 48
_LEFT = ' style="text-align:left"'


def parameters(module: Module, rate: float) -> str:
    """The parameters with their values, units, sliders and meanings; of a module with parts, a line for each part.

    >>> from fxlab.filters import LowPass
    >>> parameters(LowPass(), 44_100).count("<tr>")
    3
    """
    parts = [(path, part) for path, part in module.named_modules() if path and isinstance(part, Module)]
    if parts:
        named = [(f"{path} {type(part).__name__}", part) for path, part in parts]
        owned = [(type(module).__name__, module)] if module.declarations else []
        lines = [(name, " · ".join(map(_bound, settings(part)))) for name, part in (*owned, *named)]
        return table(("Stage", "Parameters"), lines)
    rows = [
        (
            declaration.label,
            _bound(number_format.value(declaration, getattr(module, name))),
            _bound(_slider(declaration, rate)),
            declaration.doc,
        )
        for name, declaration in module.in_use().items()
    ]
    return table(("Parameter", "Value", "Slider", "Meaning"), rows) if rows else ""


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, without the columns in which there is nothing."""
    filled = [place for place in range(len(heads)) if any(row[place] for row in rows)]

    def line(cells: Sequence[str], tag: str) -> str:
        return "".join(f"<{tag}{_LEFT}>{escape(cells[place])}</{tag}>" for place in filled)

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows[:MOST_ROWS])
    more = f"<div>… and {len(rows) - MOST_ROWS} more</div>" if len(rows) > MOST_ROWS else ""
    return f"<table><thead><tr>{line(heads, 'th')}</tr></thead><tbody>{body}</tbody></table>{more}"


def _bound(words: str) -> str:
    """With a number held to its unit, so that no line breaks between them; a few words stay together as a whole."""
    if len(words) <= 20:
        return words.replace(" ", "\u00a0")
    return re.sub(r"(?<=\d) (?=[A-Za-zµ%°])(?!to )", "\u00a0", words)


def _slider(declaration: ParameterDeclaration, rate: float) -> str:
    if isinstance(declaration, Choice):
        return ", ".join(declaration.choices)
    if isinstance(declaration, Param):
        low, high = declaration.span(rate)
        return number_format.between(low, high, declaration.unit)
    if isinstance(declaration, Count):
        return number_format.between(declaration.low, declaration.high, declaration.unit)
    return ""
