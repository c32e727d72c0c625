"""A registry of functions and classes by name, through which lower packages such as `signal` call higher ones.

For example, `Signal` calls `display` to show its card. The import rules do not let it import that package.
`fxlab/__init__.py` registers strings `"package.module:name"`. A module is imported when its function is first used, so
a training job does not load matplotlib or the widget stack.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

_TARGETS: dict[str, str] = {}


def register(name: str, target: str) -> None:
    """Register `target`, written `"package.module:attribute"`, for the hook `name`, in place of an earlier target."""
    _TARGETS[name] = target


def resolve(name: str) -> Callable[..., Any]:
    """Import and return the target of the hook `name`.

    Raises:
        KeyError: No target is registered for `name`.
        ImportError: The module of the target cannot be imported.
        AttributeError: The module has no such attribute.
    """
    module, _, attribute = _TARGETS[name].partition(":")
    found: Callable[..., Any] = getattr(import_module(module), attribute)
    return found
