"""Conversion of docstrings to MyST Markdown: sections become fields, doctests become code blocks."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

SECTION = re.compile(r"^(Args|Raises|Returns|Yields|Shape|Units|Source|Sources|Note|Notes|Example|Examples):\s*(.*)$")
ENTRY = re.compile(r"^\*{0,2}([\w.]+):\s*(.*)$")
FIELD = {"Args": "param", "Raises": "raises"}  # sections with named entries, and the Sphinx field of each entry


def markdown(thing: Any) -> str:
    """Return the docstring of `thing` as Markdown, or `""` if it has none."""
    return "\n".join(_sections((inspect.getdoc(thing) or "").splitlines())).strip()


def first_line(thing: Any) -> str:
    """Return the first paragraph of the docstring of `thing`, as one line."""
    paragraph = (inspect.getdoc(thing) or "").split("\n\n")[0]
    return " ".join(paragraph.split())


def _sections(lines: list[str]) -> Iterator[str]:
    prose: list[str] = []
    at = 0
    while at < len(lines):
        found = SECTION.match(lines[at])
        if not found:
            prose.append(lines[at])
            at += 1
            continue
        yield from _code(prose)
        prose = []
        title, rest = found.groups()
        body = [rest] if rest else []
        at += 1
        while at < len(lines) and (not lines[at].strip() or lines[at].startswith(" ")):
            body.append(lines[at])
            at += 1
        yield from _field(title, inspect.cleandoc("\n".join(["", *body])).splitlines())
    yield from _code(prose)


def _field(title: str, body: list[str]) -> Iterator[str]:
    """Yield a section as one field, `:Shape: …`, or as a field per entry, `:raises ParameterError: …`."""
    if title in FIELD:
        yield ""
        for line in body:
            entry = ENTRY.match(line)
            yield f":{FIELD[title]} {entry[1]}: {entry[2]}" if entry else f"    {line}".rstrip()
    elif any(line.startswith(">>>") for line in body):
        yield from _code(body)
    else:
        first, *others = body or [""]
        yield from ("", f":{title}: {first}", *(f"    {line}".rstrip() for line in others))
    yield ""


def _code(lines: list[str]) -> Iterator[str]:
    """Yield prose with doctests in fenced code blocks."""
    inside = False
    for line in lines:
        if line.lstrip().startswith(">>>") and not inside:
            inside = True
            yield from ("", "```pycon")
        if inside and not line.strip():
            inside = False
            yield "```"
        yield line.strip() if inside and line.lstrip().startswith((">>>", "...")) else line
    if inside:
        yield "```"
