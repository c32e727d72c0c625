"""The parameters of a module as a plain HTML table, which remains readable on a page that removes all styles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from fxlab.augment.random_module import drawn_parameters
from fxlab.display.cards.control_text import value_text
from fxlab.display.cards.module_text import parameter_texts
from fxlab.display.number_format import format_range
from fxlab.module import Choice, Count, Module, Param, ParameterDeclaration

MAX_ROWS = 48
_LEFT = ' style="text-align:left"'


def parameter_table(module: Module, sample_rate: float) -> str:
    """Return an HTML table of the parameters in use, with values, units, slider ranges and meanings.

    For a module with parts, the table has one row per part, and one for the module itself if it has parameters, with
    the values of the parameters. Parameters that an augmentation draws for its module are omitted, and so is a part
    without others. The result is empty if a module without parts has no parameters in use. `sample_rate` is in Hz;
    some slider ranges depend on it.

    >>> from fxlab.filters import LowPass
    >>> parameter_table(LowPass(), 44_100).count("<tr>")
    3
    """
    parts = [(path, part) for path, part in module.named_modules() if path and isinstance(part, Module)]
    if parts:
        drawn = drawn_parameters(module)  # the module of an augmentation has values of its own, which are not used
        own = [("", module)] if module.declarations else []
        part_rows = []
        for path, part in (*own, *parts):
            unused = {name for name in part.declarations if f"{path}.{name}" in drawn}
            text = " · ".join(map(_no_break, parameter_texts(part, unused)))
            if text or not unused:
                part_rows.append((f"{path} {type(part).__name__}".strip(), text))
        return html_table(("Stage", "Parameters"), part_rows)
    rows = [
        (
            declaration.label,
            _no_break(value_text(declaration, getattr(module, name))),
            _no_break(_slider_text(declaration, sample_rate)),
            declaration.doc,
        )
        for name, declaration in module.in_use().items()
    ]
    return html_table(("Parameter", "Value", "Slider", "Meaning"), rows) if rows else ""


def html_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return an HTML table of texts, followed by the number of rows beyond `MAX_ROWS`, which are omitted.

    Columns that are empty in all rows are omitted too.
    """
    used = [column for column in range(len(header)) if any(row[column] for row in rows)]

    def cells(texts: Sequence[str], tag: str) -> str:
        return "".join(f"<{tag}{_LEFT}>{escape(texts[column])}</{tag}>" for column in used)

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows[:MAX_ROWS])
    more = f"<div>… and {len(rows) - MAX_ROWS} more</div>" if len(rows) > MAX_ROWS else ""
    return f"<table><thead><tr>{cells(header, 'th')}</tr></thead><tbody>{body}</tbody></table>{more}"


def _no_break(text: str) -> str:
    """Replace each space between a number and a unit or noun by a no-break space.

    In a text of at most 20 characters, replace all spaces.
    """
    if len(text) <= 20:
        return text.replace(" ", "\u00a0")
    return re.sub(r"(?<=\d) (?=[A-Za-zµ%°])(?!to )", "\u00a0", text)


def _slider_text(declaration: ParameterDeclaration, sample_rate: float) -> str:
    """Return the slider range of a `Param` or a `Count`, or the choices of a `Choice`; empty for other parameters."""
    if isinstance(declaration, Choice):
        return ", ".join(declaration.choices)
    if isinstance(declaration, Param):
        low, high = declaration.span(sample_rate)
        return format_range(low, high, declaration.unit)
    if isinstance(declaration, Count):
        return format_range(declaration.low, declaration.high, declaration.unit)
    return ""
