"""Functions compiled with TorchScript, so that they run without Python's interpreter lock.

A tile of a signal takes about ten operations of a few microseconds each. Python threads that call these operations
spend most of their time waiting for the interpreter lock, which each operation releases and acquires again; a compiled
function releases it once.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache, wraps
from types import FunctionType, ModuleType
from typing import Any

import torch


def script_function(module: ModuleType, name: str) -> Callable[..., Any]:
    """Return a function that calls the function `name` of `module`, compiled together with all functions of the module.

    All are compiled at the first call of any of them. The functions must be written in the subset of Python that
    TorchScript supports, and may use only `torch` and each other. If they cannot be compiled, they run as Python
    functions, with the same results.
    """
    plain: Callable[..., Any] = getattr(module, name)

    @wraps(plain)
    def run(*args: Any) -> Any:
        compiled = _compile(module).get(name)
        if compiled is None:
            return plain(*args)
        # Without optimization: it would specialize each function at its first calls, which takes tens of milliseconds.
        before = torch._C._get_graph_executor_optimize()
        torch._C._set_graph_executor_optimize(False)
        try:
            return compiled(*args)
        finally:
            torch._C._set_graph_executor_optimize(before)

    return run


def is_scripted(module: ModuleType) -> bool:
    """Return whether the functions of `module` can be compiled, so that they run without the interpreter lock.

    They are compiled, unless they have been already.
    """
    return bool(_compile(module))


@lru_cache(maxsize=8)
def _compile(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """Return all functions of a module, compiled from their source, by name; an empty dictionary if that fails."""
    functions = [
        each for each in vars(module).values() if isinstance(each, FunctionType) and each.__module__ == module.__name__
    ]
    try:
        compiled = torch.jit.CompilationUnit("\n\n".join(map(inspect.getsource, functions)))
        return {each.__name__: getattr(compiled, each.__name__) for each in functions}
    except (AttributeError, OSError, RuntimeError):
        return {}
