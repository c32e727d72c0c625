"""The line of a module's code that runs, for comments in the output and for errors."""

from __future__ import annotations

import ast
import linecache
import sys
from pathlib import Path
from types import FrameType

import torch

_TORCH = str(Path(torch.__file__).parent)
_COMPILER = Path(__file__).parent
_ENTRY = str(_COMPILER / "trace.py")
_FXLAB = str(Path(__file__).parents[2])


def source_line(*, full: bool = False) -> str:
    """Return `file:line` of the innermost code outside PyTorch and the compiler, or `the module` if there is none.

    If `full` is True, the code of a user is preferred to that of fxlab, and the result is `file, line 1 (its text)`.
    """
    places = _places()
    if not places:
        return "the module"
    own = [place for place in places if not place[0].startswith(_FXLAB)]
    name, line = own[0] if full and own else places[0]
    if not full:
        return f"{Path(name).name}:{line}"
    text = linecache.getline(name, line).strip()
    return f"{Path(name).name}, line {line}" + (f" ({text})" if text else "")


def is_inside_fxlab() -> bool:
    """Return whether the innermost code outside PyTorch and the compiler belongs to fxlab."""
    return any(name.startswith(_FXLAB) for name, _ in _places()[:1])


def loop_line() -> str:
    """Return the file, number and text of the first line of the loop that runs in a user's code.

    If no such loop runs, return the result of `source_line`.
    """
    places = [place for place in _places() if not place[0].startswith(_FXLAB)]
    for name, line in places:
        first = _loop_around(name, line)
        if first is not None:
            return f"{Path(name).name}, line {first} ({linecache.getline(name, first).strip()})"
    return source_line(full=True)


def _loop_around(name: str, line: int) -> int | None:
    """Return the first line of the innermost loop that contains the given line of a file; None if there is no loop."""
    try:
        tree = ast.parse("".join(linecache.getlines(name)))
    except SyntaxError:
        return None
    loops = (node for node in ast.walk(tree) if isinstance(node, (ast.For, ast.While)))
    return max((node.lineno for node in loops if node.lineno <= line <= (node.end_lineno or 0)), default=None)


def _places() -> list[tuple[str, int]]:
    """Return the files and lines of the running functions of the module, the innermost first."""
    found: list[tuple[str, int]] = []
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename != _ENTRY:
        name = frame.f_code.co_filename
        if not name.startswith((_TORCH, str(_COMPILER), "<frozen")):
            found.append((name, frame.f_lineno))
        frame = frame.f_back
    return found
