"""The names by which dictionaries refer to the classes of modules and controls."""

from __future__ import annotations

from difflib import get_close_matches
from inspect import isabstract
from typing import TypeVar

from fxlab.errors import ParameterError
from fxlab.public_names import import_packages

T = TypeVar("T")


def type_name(cls: type) -> str:
    """Return the name of a class in a dictionary; for a class outside fxlab it includes the path of its Python module.

    The attribute `_namespace` distinguishes classes of fxlab with the same name: `"LowPass"` and `"augment.LowPass"`.
    """
    own = cls.__module__.split(".", 1)[0] == "fxlab"
    return f"{getattr(cls, '_namespace', '')}{cls.__name__}" if own else f"{cls.__module__}.{cls.__qualname__}"


def find_type(name: str, base: type[T], kind: str = "module type") -> type[T]:
    """Return the subclass of `base` called `name`, or raise a `ParameterError` if there is none.

    If no class of this name is known, `import_packages` is called first. A subclass whose attribute
    `_is_describable` is False is not found. `kind` is the noun for the class in the message.
    """
    if name in (known := _subclasses(base)):
        return known[name]
    import_packages()  # fxlab imports the package of a class only when the class is used
    if name in (known := _subclasses(base)):
        return known[name]
    near = get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else " Import the module that defines it first."
    raise ParameterError(f"from_dict: there is no {kind} {name!r}.{hint}")


def _subclasses(base: type[T]) -> dict[str, type[T]]:
    """Return the subclasses of `base` that can be described, by `type_name`."""
    known: dict[str, type[T]] = {}
    pending = [base]
    while pending:
        for cls in pending.pop().__subclasses__():
            pending.append(cls)
            if getattr(cls, "_is_describable", True) and not isabstract(cls):
                known[type_name(cls)] = cls  # a class that is defined again in a notebook replaces the earlier one
    return known
