"""The line of a module's code that runs, for comments in the output and for errors."""

from __future__ import annotations

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
    """Return `file:line` of the innermost code outside PyTorch and the compiler.

    With `full`, the code of a user is preferred to that of fxlab, and the result also has the text of the line.
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
