"""`Presets`: named settings of a panel, which can be saved to a file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, MutableMapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from fxlab.errors import FileError, ParameterError, describe_error
from fxlab.module import Module

Description = dict[str, Any]
"""A module as plain data, as `Module.to_dict` returns it."""


class MissingPresetError(ParameterError, KeyError):
    """The error for an unknown preset name; also a `KeyError`, so that `get` and `pop` can return their default."""

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError would put quotation marks around it


class Presets(MutableMapping[str, Description]):
    """The presets of a panel: a mapping from names to descriptions of modules. It lasts as long as the panel.

    `panel.presets["warm"] = panel.module` saves the current module, and `panel.presets.recall("warm")` restores it.
    `save` writes all presets to a JSON file, and `load` reads them. Spaces at the ends of a name are ignored. Reading
    a preset returns a copy: changing it does not change the preset.

    Raises:
        ParameterError: The name is empty or does not exist, or the module cannot be written as plain data.
    """

    def __init__(self, recall: Callable[[Description], None], on_change: Callable[[], None]) -> None:
        self._recall, self._on_change = recall, on_change
        self._descriptions: dict[str, Description] = {}

    def __getitem__(self, name: str) -> Description:
        if name not in self:
            names = ", ".join(map(repr, self._descriptions))
            known = f"the presets are {names}" if names else "there are no presets yet"
            raise MissingPresetError(f"panel.presets: there is no preset {name!r}; {known}.")
        return deepcopy(self._descriptions[name.strip()])

    def __setitem__(self, name: str, module: Module | Description) -> None:
        if not isinstance(name, str) or not name.strip():
            raise ParameterError(f"panel.presets: {name!r} is not a name; give the preset a name that is not empty.")
        checked = module if isinstance(module, Module) else Module.from_dict(module)
        self._descriptions[name.strip()] = checked.to_dict()
        self._on_change()

    def __delitem__(self, name: str) -> None:
        self[name]
        del self._descriptions[name.strip()]
        self._on_change()

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.strip() in self._descriptions

    def __iter__(self) -> Iterator[str]:
        return iter(self._descriptions)

    def __len__(self) -> int:
        return len(self._descriptions)

    def recall(self, name: str) -> None:
        """Set the panel's module to the preset `name`.

        Stages whose classes and parts do not change stay the same objects.

        Raises:
            ParameterError: There is no preset of that name.
        """
        self._recall(self[name])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all presets to a JSON file.

        Raises:
            FileError: The file cannot be written.
        """
        _check_path(path, "save")
        try:
            Path(path).write_text(json.dumps(self._descriptions, indent=2) + "\n", encoding="utf-8")
        except (OSError, ValueError) as error:
            raise FileError(f"panel.presets: cannot save {str(path)!r}: {error}") from error

    def load(self, path: str | os.PathLike[str]) -> None:
        """Add all presets of a file that `save` wrote, replacing presets of the same names.

        If there is an error in the file, no preset is added.

        Raises:
            FileError: The file cannot be read, or does not contain presets.
        """
        _check_path(path, "load")
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            if not isinstance(content, dict):
                raise ValueError(f"it holds a {type(content).__name__}, not presets by name")
            loaded = {_stripped(name): Module.from_dict(part).to_dict() for name, part in content.items()}
        except Exception as error:  # also whatever the constructor of a class outside fxlab raises
            reason = str(error) if isinstance(error, OSError | ValueError) else describe_error(error)
            raise FileError(f"panel.presets: cannot load {str(path)!r}: {reason}") from error
        self._descriptions |= loaded
        self._on_change()

    def __repr__(self) -> str:
        return f"Presets({', '.join(map(repr, self))})"


def _stripped(name: str) -> str:
    if not name.strip():
        raise ValueError(f"it holds a preset with the empty name {name!r}; give it another name")
    return name.strip()


def _check_path(path: object, action: str) -> None:
    if not isinstance(path, str | os.PathLike):
        raise FileError(
            f"panel.presets: cannot {action} {path!r}, a {type(path).__name__}; give the path of a JSON file, such as "
            "'presets.json'."
        )
