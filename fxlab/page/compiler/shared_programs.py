"""`share_programs`: programs that differ only in their numbers and strings, as calls of one function."""

from __future__ import annotations

import re

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"(?:\s*:)?|//[^\n]*|[A-Za-z_$][\w$]*|\d+(?:\.\d+)?(?:e[+-]?\d+)?')
"""A comment, a name, a number, or a string, with the colon after it if the string is a key."""


def share_programs(programs: list[str]) -> tuple[list[str], str]:
    """Return an expression for each program, and the functions that the expressions call.

    Programs that differ only in numbers and strings call the same function.

    >>> share_programs(["(engine) => 8 + x", "(engine) => 9 + x", "(engine) => y"])
    (['program0(8)', 'program0(9)', '(engine) => y'], 'const program0 = (v0) => (engine) => v0 + x;')
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    split = [_split(text) for text in programs]
    for number, (rest, _) in enumerate(split):
        groups.setdefault(tuple(rest), []).append(number)
    expressions, functions = list(programs), list[str]()
    for parts, members in groups.items():
        if len(members) < 2:
            continue
        columns = list(zip(*(split[number][1] for number in members), strict=True))
        varying = list(dict.fromkeys(column for column in columns if len(set(column)) > 1))
        names = {column: f"v{n}" for n, column in enumerate(varying)}
        words = [names.get(column, column[0]) for column in columns]
        text = "".join(part for pair in zip(parts, [*words, ""], strict=True) for part in pair)
        name = f"program{len(functions)}"
        functions.append(f"const {name} = ({', '.join(names.values())}) => {text};")
        for place, number in enumerate(members):
            expressions[number] = f"{name}({', '.join(column[place] for column in varying)})"
    return expressions, "\n".join(functions)


def _split(text: str) -> tuple[list[str], list[str]]:
    """Split a program at its numbers and strings; return the parts between them, and the numbers and strings.

    The keys of objects belong to the parts.
    """
    parts, words, last = [], [], 0
    for found in TOKEN.finditer(text):
        word = found[0]
        if word[0].isdigit() or (word[0] == '"' and word[-1] == '"'):
            parts.append(text[last : found.start()])
            words.append(word)
            last = found.end()
    return [*parts, text[last:]], words
