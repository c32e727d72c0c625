"""What a panel offers to add: every public module that can be made without arguments, in families."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from functools import cache
from typing import Any

from fxlab.errors import ParameterError
from fxlab.module import LTI, Chain, Module, Rational, Recursive, Sum
from fxlab.public_names import PUBLIC_NAMES

_TOO_WIDE = (Module, LTI, Recursive, Rational)  # to be the name of a family


def stage(name: str) -> Module:
    """A module of that name, as it is without arguments.

    Raises:
        ParameterError: There is none of that name.
    """
    if not any(entry["name"] == name for entry in catalogue()):
        raise ParameterError(f"Panel: there is no module {name!r} that can be added by its name alone.")
    made: Module = PUBLIC_NAMES[name]()
    return made


@cache
def catalogue() -> tuple[dict[str, str], ...]:
    """Each with its `name`, the `family` that it stands in, and what it is, in a line; by family.

    >>> [entry["name"] for entry in catalogue() if entry["family"] == "Classical"][:2]
    ['Bessel', 'Butterworth']
    """
    found: dict[str, type[Module]] = {name: kind for name, kind in PUBLIC_NAMES.items() if _can_be_added(kind)}
    families = {name: _family(kind) for name, kind in found.items()}
    sizes = Counter(families.values())
    entries = [
        {
            "name": name,
            "family": families[name] if sizes[families[name]] > 1 else _folder(kind),
            "doc": (inspect.getdoc(kind) or "").partition("\n")[0],
        }
        for name, kind in found.items()
    ]
    return tuple(sorted(entries, key=lambda entry: (entry["family"].lower(), entry["name"].lower())))


def _can_be_added(kind: Any) -> bool:
    if not inspect.isclass(kind) or not issubclass(kind, Module) or issubclass(kind, Sum) or kind is Chain:
        return False
    if kind.is_abstract():
        return False
    try:
        kind()
    except Exception:  # it needs an argument
        return False
    return True


def _family(kind: type[Module]) -> str:
    """The nearest of its bases that is public and means more than "a filter"."""
    for base in kind.__mro__[1:]:
        if PUBLIC_NAMES.get(base.__name__) is base and base not in (*_TOO_WIDE, Chain):
            return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", base.__name__)
    return _folder(kind)


def _folder(kind: type[Module]) -> str:
    """Where in the house it lives."""
    return kind.__module__.split(".")[1].capitalize()
