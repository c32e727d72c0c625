"""The public names of fxlab, for code in its subpackages, which must not import `fxlab` itself."""

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

PACKAGES = (
    "errors", "signal", "module", "control", "filters", "effects", "features", "analysis", "augment", "learn", "batch"
)  # fmt: skip
"""The packages that define public names and need no notebook; none imports from one that follows it here."""

NOTEBOOK_NAMES = {"Panel": "fxlab.panel", "show_batch": "fxlab.display"} | dict.fromkeys(
    ("Picture", "Plot", "convolution_lab", "explore", "pole_zero_lab", "spectrogram_lab"), "fxlab.labs"
)
"""The public names that need the widget stack, and the packages that define them."""


class PublicNames(Mapping[str, Any]):
    """The public objects of fxlab that need no notebook, by name; an object is imported when its name is looked up.

    A look-up imports the packages in the order of `PACKAGES`, up to the one that defines the name. A package imports
    none that follows it there, so the packages after the one that defines the name are not imported.
    """

    def __init__(self) -> None:
        self._names: dict[str, None] = {}

    def declare(self, names: Iterable[str]) -> None:
        """Add the names; the packages that define them are not imported."""
        self._names.update(dict.fromkeys(names))

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        for package in PACKAGES:
            module = import_module(f"fxlab.{package}")
            if name in module.__all__:
                return getattr(module, name)
        raise KeyError(f"{name} is declared as public, but it is not in the __all__ of any of {', '.join(PACKAGES)}")

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


PUBLIC_NAMES = PublicNames()
"""The public names; `fxlab/__init__.py` declares them."""


def import_packages() -> None:
    """Import all packages in `PACKAGES`, so that their classes are defined."""
    for package in PACKAGES:
        import_module(f"fxlab.{package}")
