"""The Python of what `fx.wrap` made of callables: a call of `fx.wrap` for each, and what that has to have in scope."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import reduce
from importlib import import_module
from itertools import count
from keyword import iskeyword
from typing import Any

from torch import Tensor, nn

from fxlab.module import Module
from fxlab.module.parameters.parameter import ParameterDeclaration, literal
from fxlab.module.wrap import Wrapped

TAKEN = {"fx", "torch", "module"}
"""What the code around it calls something else."""


class Wrapping:
    """Writes the wrapped callables of one module; afterwards `imports` and `needs` say what their names are."""

    def __init__(self) -> None:
        self.imports: dict[str, None] = {}
        self.needs: dict[str, str] = {}
        self._named: dict[str, Any] = {}
        self._written: list[Wrapped] = []

    def write(self, wrapped: Wrapped) -> str:
        """The call of `fx.wrap` that makes it, with the defaults that were declared."""
        function, params = wrapped._made_of
        self._written.append(wrapped)
        given = [f"{name}={self._argument(name, value)}" for name, value in params.items()]
        return f"wrap({', '.join([self._function(function), *given])})"

    def moved(self, module: Module) -> Iterator[str]:
        """A line for each value of theirs that is not its default."""
        for path, part in module.named_modules():
            if not any(part is written for written in self._written):
                continue
            assert isinstance(part, Wrapped)
            place = "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in path.split(".") if step)
            for name, declared in part.declarations.items():
                if (text := declared.source(getattr(part, name))) != declared.source(declared.default):
                    yield f"module{place}.{name} = {text}"
            if part.sample_rate is not None:
                yield f"module{place}.sample_rate = {literal(part.sample_rate)}"

    def _argument(self, name: str, value: Any) -> str:
        if isinstance(value, ParameterDeclaration):
            return declaration(value)
        if value is None or isinstance(value, (bool, int, float, str, Tensor)):
            return literal(value)
        return self._in_scope(name, value, f"the {name} that fx.wrap was given")

    def _function(self, function: Callable[..., Any]) -> str:
        name = getattr(function, "__name__", type(function).__name__.lower())
        home = getattr(function, "__module__", None) or ""
        for where in (name, getattr(function, "__qualname__", name)):
            if _found(home, where) is function:
                if home.partition(".")[0] == "torch":
                    return f"{home}.{where}"
                if home != "builtins":
                    self.imports[f"from {home} import {where.partition('.')[0]}"] = None
                return where
        what = f"{type(function).__name__}, weights and all," if isinstance(function, nn.Module) else "function"
        plain = name.isidentifier() and not iskeyword(name) and name not in ("partial", "<lambda>")
        return self._in_scope(name if plain else "function", function, f"the {what} that fx.wrap was given")

    def _in_scope(self, name: str, value: Any, what: str) -> str:
        """The name by which the code calls it: of two things that have one, each has its own."""
        free = (name if n == 1 else f"{name}_{n}" for n in count(1) if n > 1 or name not in TAKEN)
        own = next(each for each in free if self._named.get(each, value) is value)
        self._named[own], self.needs[own] = value, what
        return own


def declaration(declared: ParameterDeclaration) -> str:
    """The Python that declares a parameter again."""
    given = []
    for name, argument in inspect.signature(type(declared)).parameters.items():
        value = getattr(declared, name, argument.default)
        if name == "default":
            given.append(declared.source(value))
        elif argument.default is argument.empty or value != argument.default:
            given.append(f"{name}={value!r}")
    return f"{type(declared).__name__}({', '.join(given)})"


def _found(home: str, where: str) -> Any:
    """What a module of that name has there; None where nobody can import it, as from a notebook's cells."""
    if not home or home == "__main__" or "<" in where:
        return None
    try:
        return reduce(getattr, where.split("."), import_module(home))
    except (ImportError, AttributeError):
        return None
