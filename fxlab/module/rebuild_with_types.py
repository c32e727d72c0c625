"""Building a module from its dictionary if several classes have the same name, for example in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fxlab.module.module import Module
from fxlab.module.parameters.class_names import find_type, type_name
from fxlab.module.serialization import rebuild


def types_of(module: Module) -> dict[str, type[Module]]:
    """Return the classes of a module and its parts by the names that `Module.to_dict` gives them.

    Classes whose `_is_describable` is False are omitted.
    """
    parts = (part for part in module.modules() if isinstance(part, Module))
    return {type_name(type(part)): type(part) for part in parts if part._is_describable}


def from_dict(description: dict[str, Any], types: Mapping[str, type[Module]]) -> Module:
    """Build the module that `Module.to_dict` described; classes in `types` take precedence over all others.

    Raises:
        ParameterError: See `rebuild`.
        SignalError: A sample rate is not a finite number above 0.
    """
    return rebuild(description, lambda name: types.get(name) or find_type(name, Module))
