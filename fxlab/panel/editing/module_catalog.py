"""The modules that can be added in a panel, by family.

They are the public modules that turn a sound into a sound and can be created without arguments, except `Chain`
itself and sums.
"""

from __future__ import annotations

import inspect
import re
from collections import Counter
from functools import cache
from typing import Any

from fxlab.errors import ParameterError
from fxlab.module import LTI, Chain, Module, Rational, Recursive, Sum
from fxlab.panel.protocol import CatalogEntry
from fxlab.public_names import PUBLIC_NAMES

_TOO_GENERAL = (Module, LTI, Recursive, Rational, Chain)
"""Base classes that are not used as the name of a family."""


def create_module(name: str) -> Module:
    """Return a new module of the class `name` with its default values.

    Raises:
        ParameterError: `module_catalog` has no entry with this name.
    """
    if not any(entry["name"] == name for entry in module_catalog()):
        raise ParameterError(f"Panel: no module {name!r} can be added by its name; see the panel's list.")
    module: Module = PUBLIC_NAMES[name]()
    return module


@cache
def module_catalog() -> tuple[CatalogEntry, ...]:
    """Return the name, the family and the first line of documentation of each module that can be added in a panel.

    They are in alphabetical order of family and name. A family with only one module is named after the subpackage of
    `fxlab` that contains the module, such as `Filters`.

    >>> [entry["name"] for entry in module_catalog() if entry["family"] == "Classical"][:2]
    ['Bessel', 'Butterworth']
    """
    classes: dict[str, type[Module]] = {name: cls for name, cls in PUBLIC_NAMES.items() if _can_be_added(cls)}
    families = {name: _family(cls) for name, cls in classes.items()}
    sizes = Counter(families.values())
    entries: list[CatalogEntry] = [
        {
            "name": name,
            "family": families[name] if sizes[families[name]] > 1 else _folder(cls),
            "doc": (inspect.getdoc(cls) or "").partition("\n")[0],
        }
        for name, cls in classes.items()
    ]
    return tuple(sorted(entries, key=lambda entry: (entry["family"].lower(), entry["name"].lower())))


def _can_be_added(cls: Any) -> bool:
    if not inspect.isclass(cls) or not issubclass(cls, Module) or issubclass(cls, Sum) or cls is Chain:
        return False
    if cls.is_abstract() or not (cls.takes_sound and cls.gives_sound):
        return False
    try:
        cls()
    except Exception:  # it needs an argument
        return False
    return True


def _family(cls: type[Module]) -> str:
    """Return the name of the nearest public base class that is not in `_TOO_GENERAL`, as separate words.

    Without such a base class, it is the capitalized name of the subpackage of `fxlab` that contains `cls`.
    """
    for base in cls.__mro__[1:]:
        if PUBLIC_NAMES.get(base.__name__) is base and base not in _TOO_GENERAL:
            return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", base.__name__)
    return _folder(cls)


def _folder(cls: type[Module]) -> str:
    return cls.__module__.split(".")[1].capitalize()
