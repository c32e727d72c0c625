"""The types in Python, the interfaces of the page and the documentation of the protocol have the same keys."""

import re
from pathlib import Path
from typing import get_args, is_typeddict

import pytest

import fxlab
from fxlab.panel import protocol
from fxlab.panel.commands import COMMANDS, QUERIES

PACKAGE = Path(fxlab.__file__).parent
DOCUMENT = (PACKAGE.parent / "docs" / "panel-protocol.md").read_text(encoding="utf-8")
PAGE = sorted((PACKAGE / "browser" / "src" / "protocol").glob("*.d.ts"))
INTERFACES = "\n".join(path.read_text(encoding="utf-8") for path in PAGE)
STRUCTURES = {name: kind for name, kind in vars(protocol).items() if is_typeddict(kind)}
ALWAYS_WITH_A_SLIDER = {("Param", "low"), ("Param", "high"), ("Param", "scale")}
"""Keys that the page reads of parameters with a slider only, so its interface does not make them optional."""

Keys = dict[str, bool]
"""Whether a key may be missing, by key."""


def declared(name: str) -> Keys:
    kind = STRUCTURES[name]
    return {key: key in kind.__optional_keys__ for key in kind.__annotations__}


def type_of(name: str) -> str | None:
    """The `type` of a message, None for another structure."""
    kind = STRUCTURES[name].__annotations__.get("type")
    return None if kind is None else get_args(kind)[0]


def interface(name: str) -> Keys:
    found = re.search(rf"^export interface {name}(?: extends (\w+))? \{{\n(.*?)^\}}", INTERFACES, re.M | re.S)
    assert found, f"browser/src/protocol has no interface {name}"
    base, body = found.groups()
    own = {key: bool(optional) for key, optional in re.findall(r"^  (\w+)(\??):", body, re.M)}
    return (interface(base) if base else {}) | own


def documented() -> dict[str, list[tuple[str, Keys]]]:
    """What the tables of the document say of each structure: the cell, and the keys in it.

    A structure has a table of its own, whose head names it and whose first column has its keys, or a row of its own,
    or a cell of the form "`Name`: keys".
    """
    found: dict[str, list[tuple[str, Keys]]] = {}
    own = None
    for line in DOCUMENT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")] if line.startswith("|") else []
        head = re.fullmatch(r"`(\w+)`", cells[0]) if cells else None
        named = re.fullmatch(r"`(\w+)`: (.*)", cells[1]) if len(cells) > 1 else None
        if not cells:
            own = None
        elif own is not None and not line.startswith("|---"):
            own |= keys_in(cells[0])
        elif head and head[1] in STRUCTURES and cells[1] == "type":
            own = {}
            found.setdefault(head[1], []).append((cells[0], own))
        elif head and head[1] in STRUCTURES:
            found.setdefault(head[1], []).append((cells[1], keys_in(cells[1])))
        elif named:
            found.setdefault(named[1], []).append((named[2], keys_in(named[2])))
    return found


def keys_in(cell: str) -> Keys:
    return {key: bool(optional) for key, optional in re.findall(r"`(\w+)`(\??)", cell)}


@pytest.mark.parametrize("name", STRUCTURES)
def test_the_page_has_the_same_keys(name):
    page, kernel = interface(name), declared(name)
    assert page.keys() == kernel.keys()
    differing = {(name, key) for key in page if page[key] != kernel[key]}
    assert differing <= ALWAYS_WITH_A_SLIDER
    if type_of(name):
        assert re.search(rf"^export interface {name}\b.*?^  type: \"{type_of(name)}\";", INTERFACES, re.M | re.S)


@pytest.mark.parametrize("name", STRUCTURES)
def test_the_document_has_the_same_keys(name):
    tables = documented()
    assert name in tables, f"docs/panel-protocol.md has no table or row for {name}"
    for cell, keys in tables[name]:
        assert keys == declared(name)
        if type_of(name):
            assert cell.startswith(f'`type` "{type_of(name)}"')


def test_nothing_is_documented_or_declared_that_does_not_exist():
    assert documented().keys() == STRUCTURES.keys()
    assert set(re.findall(r"^export interface (\w+)", INTERFACES, re.M)) == STRUCTURES.keys()


def test_every_command_and_query_is_documented():
    section = DOCUMENT.partition("## Commands and queries")[2].partition("**Sound files.**")[0]
    first = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `")]
    assert {name for cell in first for name in re.findall(r"`([a-z_]+)`", cell)} == set(COMMANDS) | set(QUERIES)
