"""`Presets`: settings by name, for the session and for a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

from fxlab.errors import FileError, ParameterError
from fxlab.module import Module

Description = dict[str, Any]


class Presets(MutableMapping[str, Description]):
    """Descriptions of modules by name, as `Module.to_dict` makes them; they live as long as the panel.

    Blanks about a name are no part of it.

    `panel.presets["warm"] = panel.module` keeps what is heard, `panel.presets.recall("warm")` takes it up again, and
    `save` and `load` keep them all in a JSON file.

    Raises:
        ParameterError: A name that is empty or not there, or a module that no dictionary can hold.
    """

    def __init__(self, recall: Callable[[Description], None], told: Callable[[], None]) -> None:
        self._recall, self._told = recall, told
        self._descriptions: dict[str, Description] = {}

    def __getitem__(self, name: str) -> Description:
        if name not in self:
            there = ", ".join(map(repr, self._descriptions)) or "none yet"
            raise ParameterError(f"panel.presets: there is no {name!r}; there are {there}.")
        return self._descriptions[name.strip()]

    def __setitem__(self, name: str, module: Module | Description) -> None:
        if not isinstance(name, str) or not name.strip():
            raise ParameterError(f"panel.presets: a name is {name!r}; give it one, of letters.")
        if isinstance(module, Module):
            description = module.to_dict()
        else:
            description = Module.from_dict(module).to_dict()
        self._descriptions[name.strip()] = description
        self._told()

    def __delitem__(self, name: str) -> None:
        self[name]
        del self._descriptions[name.strip()]
        self._told()

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.strip() in self._descriptions

    def __iter__(self) -> Iterator[str]:
        return iter(self._descriptions)

    def __len__(self) -> int:
        return len(self._descriptions)

    def recall(self, name: str) -> None:
        """Hear what was kept under `name`: where its stages are of the same kinds they stay the same objects."""
        self._recall(self[name])

    def save(self, path: str | Path) -> None:
        """Write them all to a JSON file."""
        Path(path).write_text(json.dumps(self._descriptions, indent=2) + "\n", encoding="utf-8")

    def load(self, path: str | Path) -> None:
        """Add those of a file that `save` wrote; one of the same name is replaced. All of them, or none.

        Raises:
            FileError: The file cannot be read, or holds no presets.
        """
        try:
            found = json.loads(Path(path).read_text(encoding="utf-8"))
            if not isinstance(found, dict):
                raise ValueError(f"it holds a {type(found).__name__}, not names")
            made = {str(name): Module.from_dict(description).to_dict() for name, description in found.items()}
        except (OSError, ValueError) as error:
            raise FileError(f"panel.presets: {str(path)!r} cannot be loaded: {error}") from error
        self._descriptions |= made
        self._told()

    def __repr__(self) -> str:
        return f"Presets({', '.join(map(repr, self))})"
