"""`StageEntries`: the stages of a `Chain`, and which of them are bypassed or soloed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import index as to_index
from typing import Any, NamedTuple

from fxlab.errors import ParameterError
from fxlab.module.compose.mixed_series import MixedSeries
from fxlab.module.module import Module
from fxlab.module.parameters.observers import notify_changed


class Entry(NamedTuple):
    """A stage of a chain, and whether it is bypassed or soloed; see `Chain`."""

    stage: Module
    bypassed: bool = False
    soloed: bool = False


class StageEntries(MixedSeries):
    """The base class of `Chain` that stores the stages with their flags, and finds a stage by its index."""

    _bypassed: frozenset[int] = frozenset()
    _soloed: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self._modules)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())  # type: ignore[arg-type]

    def _stages_in_use(self) -> list[Module]:
        return super()._stages_in_use() if self._soloed or self._bypassed else list(self)

    def _active_stages(self) -> list[tuple[int, Module]]:
        soloed, bypassed = self._soloed, self._bypassed
        return [(i, stage) for i, stage in enumerate(self) if i not in bypassed and (not soloed or i in soloed)]

    def _entries(self) -> list[Entry]:
        return [Entry(stage, i in self._bypassed, i in self._soloed) for i, stage in enumerate(self)]

    def _set_entries(self, entries: list[Entry]) -> None:
        """Replace all stages and their flags.

        Raises:
            ParameterError: A stage is the chain itself or contains it, or a subclass does not accept it.
        """
        self._check_stages([entry.stage for entry in entries])
        # A new dictionary, because another thread may be in a loop over the old stages.
        self.__dict__["_modules"] = {str(i): entry.stage for i, entry in enumerate(entries)}
        self.__dict__["_bypassed"] = frozenset(i for i, entry in enumerate(entries) if entry.bypassed)
        self.__dict__["_soloed"] = frozenset(i for i, entry in enumerate(entries) if entry.soloed)
        notify_changed(self)

    def _check_stages(self, stages: list[Module]) -> None:
        """Raise a `ParameterError` if one of `stages` is the chain itself or contains it."""
        for index, stage in enumerate(stages):
            if any(part is self for part in stage.modules()):
                name = self._name()
                raise ParameterError(f"{name}: stage {index}, {type(stage).__name__}, contains this {name} itself.")

    def _index(self, index: Any, action: str = "") -> int:
        """Return `index`, which counts from the end if it is negative, as the index of a stage counted from 0.

        Raises:
            TypeError: `index` is not a whole number.
            IndexError: No stage has this index; the message says that the purpose was to `action`.
        """
        try:
            number = to_index(index)
        except TypeError:
            raise TypeError(f"{self._name()}: the index of a stage is a whole number, not {index!r}.") from None
        if not -len(self) <= number < len(self):
            purpose = f" to {action}" if action else ""
            stages = "1 stage" if len(self) == 1 else f"{len(self)} stages"
            raise IndexError(f"{self._name()} has {stages}; there is no stage {number}{purpose}.")
        return number % len(self)

    def _indices(self, stages: Iterable[int], name: str) -> frozenset[int]:
        try:
            return frozenset(self._index(index) for index in stages)
        except (TypeError, IndexError):
            allowed = f"indices from 0 to {len(self) - 1}" if len(self) else "none, as there are no stages"
            raise ParameterError(
                f"{self._name()}: {name} is {stages!r}; it must be a set of indices of its stages: {allowed}."
            ) from None

    def _left_out(self) -> dict[str, list[int]]:
        flags = {"bypassed": sorted(self._bypassed), "soloed": sorted(self._soloed)}
        return {name: indices for name, indices in flags.items() if indices}
