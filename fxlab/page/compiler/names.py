"""The names of the buffers in the text that the compiler writes."""

from __future__ import annotations

import keyword
import re

from fxlab.page.compiler.graph import Assign, Buffer, Call, Graph, Stage, reads, writes
from fxlab.page.compiler.stages import coefficients, results, stage_of


def name_buffers(graph: Graph) -> dict[Buffer, str]:
    """Return a name for each buffer of a graph, derived from a parameter's path, from its use or from its statement."""
    names: dict[Buffer, str] = {}
    taken: dict[str, int] = {}

    def give(buffer: Buffer, wish: str) -> None:
        if buffer in names:
            return
        word = re.sub(r"\W+", "_", wish).strip("_") or "value"
        word = f"stage{word}" if word[0].isdigit() else word
        if keyword.iskeyword(word) or word in _WORDS:
            word += "_"
        taken[word] = taken.get(word, 0) + 1
        names[buffer] = word if taken[word] == 1 else f"{word}_{taken[word]}"

    for path, buffer in graph.parameters.items():
        give(buffer, path)
    for _, kind, view in graph.responses:
        give(view.buffer, kind)
    for statement in graph.statements:
        if isinstance(statement, Call) and stage_of(statement) is Stage.BLOCK:
            for view in statement.inputs:
                if view.buffer.stage is Stage.DESIGN:
                    give(view.buffer, _USES.get(statement.function, "coefficients"))
    for buffer in coefficients(graph):
        give(buffer, "factor" if buffer.size == 1 else "coefficients")
    for number, (view, _) in enumerate(graph.states):
        give(view.buffer, f"state{number}")
    if graph.input is not None:
        give(graph.input.buffer, "x")
    for view in results(graph):
        give(view.buffer, "k1" if view.buffer.kind == "constant" else "result")
    for statement in graph.statements:
        for view in (*writes(statement), *reads(statement)):
            buffer = view.buffer
            if buffer.kind == "constant":
                give(buffer, "k1" if buffer.size > 1 else "one")
            else:
                give(buffer, _wish(statement))
    return names


def _wish(statement: object) -> str:
    if isinstance(statement, Call):
        return {"filterSections": "filtered"}.get(statement.function, "result")
    if isinstance(statement, Assign) and statement.out.buffer.size > 1:
        return "array"
    return "t1"


_USES = {
    "filterSections": "sections",
    "filterVaryingSections": "sections",
    "filterSystem": "system",
    "convolveBlock": "taps",
}
_WORDS = frozenset(
    [
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "export",
        "extends",
        "finally",
        "for",
        "function",
        "if",
        "import",
        "in",
        "instanceof",
        "new",
        "return",
        "super",
        "switch",
        "this",
        "throw",
        "try",
        "typeof",
        "var",
        "void",
        "while",
        "with",
        "yield",
        "let",
        "static",
        "await",
        "enum",
        "input",
        "output",
        "engine",
        "values",
        "position",
        "coefficients",
        "total",
        "auto",
        "char",
        "double",
        "extern",
        "float",
        "goto",
        "int",
        "long",
        "register",
        "short",
        "signed",
        "sizeof",
        "struct",
        "typedef",
        "union",
        "unsigned",
        "volatile",
        "i",
        "j",
        "k",
        "l",
        "m",
        "n",
        "p",
        "q",
    ]
)
