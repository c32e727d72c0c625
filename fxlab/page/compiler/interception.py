"""Running a module's code with other functions in place of some of fxlab's, while it is traced.

A function of the engine, which may contain loops, NumPy and threads, becomes one operator of the intermediate form.
Caches of designs are bypassed, because the computation of a cached design would not be recorded, and checks of values
are recorded or left out. Other threads, such as that of a panel, call the original functions meanwhile.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

Replacement = Callable[..., Any]
"""A function of the original function and of the arguments of the call."""

_LOCK = threading.Lock()


@contextmanager
def replaced(replacements: Mapping[tuple[str, str], Replacement]) -> Iterator[None]:
    """Replace functions of fxlab for this thread within a `with` block.

    Another thread that replaces functions waits for the end of the block. Blocks must not be nested: the inner one
    would wait forever.

    Args:
        replacements: The replacements by the name of the module and that of the function, or `"Class.method"` for a
            method.
    """
    with _LOCK:
        changed: list[tuple[Any, str, Any]] = []
        functions: dict[int, tuple[Any, Any]] = {}
        try:
            for (module, name), replacement in replacements.items():
                owner: Any = import_module(module)
                if "." in name:
                    kind, method = name.split(".")
                    changed.append(_replace_method(getattr(owner, kind), method, replacement))
                else:
                    original = getattr(owner, name)
                    functions[id(original)] = original, _redirected(original, replacement)
            changed += _replace(functions)
            yield
        finally:
            for namespace, name, original in reversed(changed):
                setattr(namespace, name, original)


def _replace(functions: Mapping[int, tuple[Any, Any]]) -> list[tuple[Any, str, Any]]:
    """Replace functions wherever a loaded module of fxlab refers to them; return each module, name and original.

    `functions` contains pairs of a function and its replacement, by the `id` of the function.
    """
    changed = []
    for module in [m for name, m in sys.modules.items() if name.startswith("fxlab") and m is not None]:
        namespace = vars(module)
        for name in [key for key, value in namespace.items() if id(value) in functions]:
            original, call = functions[id(namespace[name])]
            changed.append((module, name, original))
            setattr(module, name, call)
    return changed


def _replace_method(kind: type, name: str, replacement: Replacement) -> tuple[Any, str, Any]:
    """Replace a method of a class; return the class, the name and the original."""
    original = vars(kind)[name]
    setattr(kind, name, _redirected(original, replacement))
    return kind, name, original


def _redirected(original: Any, replacement: Replacement) -> Any:
    """Return a function that calls the replacement in this thread, and the original in others."""
    thread = threading.get_ident()

    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() != thread:
            return original(*args, **kwargs)
        return replacement(original, *args, **kwargs)

    return call
