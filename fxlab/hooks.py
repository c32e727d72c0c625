"""The one way down the house: upper rooms ask here for what lower rooms (display, panel) provide.

`fxlab/__init__.py` registers `"package.module:name"` strings; the module behind one is imported at its first use,
so a training job never loads matplotlib or the widget stack.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

_TARGETS: dict[str, str] = {}


def register(name: str, target: str) -> None:
    """Say that hook `name` is answered by `target`, written `"package.module:attribute"`."""
    _TARGETS[name] = target


def resolve(name: str) -> Callable[..., Any]:
    """Import and return what answers hook `name`; `ImportError` or `KeyError` when nothing does."""
    module, _, attribute = _TARGETS[name].partition(":")
    found: Callable[..., Any] = getattr(import_module(module), attribute)
    return found
