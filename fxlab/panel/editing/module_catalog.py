"""The modules that can be added in a panel, by family.

They are the public modules that turn a sound into a sound and can be created without arguments, except `Chain`
itself and sums.
"""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

from fxlab.errors import ParameterError
from fxlab.module import Chain, Module, Sum
from fxlab.panel.protocol import CatalogEntry
from fxlab.public_names import PUBLIC_NAMES

_HEADINGS = {
    "banks": "Filter banks",
    "classical": "Classical filters",
    "coefficients": "Filters from coefficients",
    "cookbook": "Biquads",
    "filters": "Other filters",
    "fir": "FIR filters",
    "virtual_analog": "Virtual analog filters",
}
"""The headings of packages whose capitalized name is not clear in a list."""


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

    They are in alphabetical order of family and name. The modules of one package form a family.

    >>> [entry["name"] for entry in module_catalog() if entry["family"] == "Classical filters"][:2]
    ['Bessel', 'Butterworth']
    """
    classes: dict[str, type[Module]] = {name: cls for name, cls in PUBLIC_NAMES.items() if _can_be_added(cls)}
    entries: list[CatalogEntry] = [
        {"name": name, "family": _family(cls), "doc": _first_line(cls)} for name, cls in classes.items()
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
    """Return the heading for the package that contains the file of `cls`."""
    package = cls.__module__.split(".")[-2]
    return _HEADINGS.get(package, package.capitalize())


def _first_line(cls: type[Module]) -> str:
    """Return the first line of the docstring, without the marks of code, which the page would show."""
    return (inspect.getdoc(cls) or "").partition("\n")[0].replace("`", "")
