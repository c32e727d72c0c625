"""No module of fxlab imports itself by way of others, when it is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import grimp

import fxlab

PACKAGE = Path(fxlab.__file__).parent


def imports() -> dict[str, set[str]]:
    """What each module imports at module level, save for type checkers."""
    graph = grimp.build_graph("fxlab", exclude_type_checking_imports=True, cache_dir=None)
    found: dict[str, set[str]] = {}
    for module in graph.modules:
        functions = list(function_lines(module))
        found[module] = set()
        for imported in graph.find_modules_directly_imported_by(module):
            lines = [place["line_number"] for place in graph.get_import_details(importer=module, imported=imported)]
            if any(not any(line in function for function in functions) for line in lines):
                found[module].add(imported)
    return found


def function_lines(module: str) -> Iterator[range]:
    """The lines of each function: what it imports is imported when it is called."""
    path = PACKAGE.joinpath(*module.split(".")[1:])
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield range(node.lineno, (node.end_lineno or node.lineno) + 1)


def cycles(edges: dict[str, set[str]]) -> set[frozenset[str]]:
    """The strongly connected components of more than one module, by Tarjan's algorithm."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: set[frozenset[str]] = set()

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in edges.get(node, ()):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            component = set()
            while node not in component:
                component.add(stack.pop())
            if len(component) > 1:
                found.add(frozenset(component))

    for node in edges:
        if node not in index:
            visit(node)
    return found


def test_cycles_are_found():
    edges = {"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": {"e"}, "e": {"d"}, "f": {"a"}}
    assert cycles(edges) == {frozenset("abc"), frozenset("de")}


def test_no_modules_import_each_other():
    assert [sorted(cycle) for cycle in cycles(imports())] == []
