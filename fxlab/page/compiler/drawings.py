"""The JavaScript that creates the drawings of a graph, such as the plots of an explored function."""

from __future__ import annotations

import json
from collections.abc import Callable

from fxlab.page.compiler.expressions import write_number
from fxlab.page.compiler.graph import Graph, View


def write_drawings(graph: Graph, name_of: Callable[[View], str]) -> list[str]:
    """Return the lines of the statement that stores the drawings of `graph`; an empty list if it has no drawings.

    `name_of` returns the text that refers to the numbers of a view.
    """
    if not graph.drawings:
        return []
    numbers = ", ".join(map(name_of, graph.numbers))
    lines = ["this.drawings = ["]
    for drawing in graph.drawings:
        vectors = ", ".join(f"{name}: {name_of(view)}" for name, view in drawing.vectors.items())
        text = json.dumps(drawing.fields, ensure_ascii=False)
        rest = "".join(f", {write_number(option)}" for option in drawing.options)
        call = f"{drawing.function}({json.dumps(drawing.view)}, {text}, [{numbers}], {{ {vectors} }}{rest})"
        lines.append(f"  engine.{call},")
    return [*lines, "];"]
