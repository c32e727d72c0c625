"""`Stages`: the list of stages that a chain is, which may be edited, and of which some may be left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import index as whole_number
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from fxlab.errors import ParameterError
from fxlab.module.lti.linear_analysis import LinearAnalysis
from fxlab.module.module import Module
from fxlab.module.parameters.observers import notify_changed
from fxlab.module.wrap import wrap

if TYPE_CHECKING:
    from fxlab.module.compose.chain import Chain


class Entry(NamedTuple):
    """A stage and how it is heard."""

    stage: Module
    bypassed: bool = False
    soloed: bool = False


class Stages(LinearAnalysis):
    """What a `Chain` has of a list: its stages can be read, added, taken out and moved, and a stage bypassed."""

    _bypassed: frozenset[int] = frozenset()
    _soloed: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())  # type: ignore[arg-type]

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Chain: ...
    def __getitem__(self, index: int | slice) -> Module | Chain:
        if isinstance(index, slice):
            from fxlab.module.compose.chain import Chain

            part = Chain(sample_rate=self.sample_rate)
            part._arrange(self._entries()[index])
            return part
        return list(self)[self._place(index)]

    def __bool__(self) -> bool:
        return True

    # -- editing ------------------------------------------------------------------------------------------------

    def append(self, stage: Any) -> None:
        """Add a stage at the end, a `Module` or anything callable on a tensor; a chain's stages are added one by one.

        Raises:
            ParameterError: What is no stage, or holds the chain itself.

        >>> from fxlab.filters import HighPass, LowPass, Peak
        >>> chain = HighPass() | LowPass()
        >>> chain.append(Peak())
        >>> chain.move(2, 0)
        >>> chain
        Peak() | HighPass() | LowPass()
        """
        self.insert(len(self), stage)

    def insert(self, index: int, stage: Any) -> None:
        """Add a stage before stage `index`; see `append`.

        Raises:
            IndexError: There is no such place.
        """
        at = len(self) if index == len(self) else self._place(index, "insert before")
        entries = self._entries()
        self._arrange([*entries[:at], *self._flat([stage]), *entries[at:]])

    def __setitem__(self, index: int, stage: Any) -> None:
        at, entries = self._place(index), self._entries()
        self._arrange([*entries[:at], *self._flat([stage]), *entries[at + 1 :]])

    def __delitem__(self, index: int | slice) -> None:
        entries = self._entries()
        del entries[index if isinstance(index, slice) else self._place(index)]
        self._arrange(entries)

    def pop(self, index: int = -1) -> Module:
        """Take a stage out, the last one unless told, and return it."""
        stage = self[index]
        del self[index]
        return stage

    def move(self, index: int, to: int) -> None:
        """Move stage `index` so that it is stage `to`."""
        entries = self._entries()
        at, goal = self._place(index), self._place(to, "move to")
        entries.insert(goal, entries.pop(at))
        self._arrange(entries)

    # -- what is left out ---------------------------------------------------------------------------------------

    @property
    def bypassed(self) -> frozenset[int]:
        """The numbers of the stages that are left out, as if they were not there; they keep their values.

        Raises:
            ParameterError: When set: a number of no stage.

        >>> from fxlab.filters import HighPass, LowPass
        >>> chain = HighPass() | LowPass()
        >>> chain.bypassed = {0}
        >>> chain
        Chain(HighPass(), LowPass(), bypassed=[0])
        """
        return self._bypassed

    @bypassed.setter
    def bypassed(self, stages: Iterable[int]) -> None:
        self.__dict__["_bypassed"] = self._numbers(stages, "bypassed")
        notify_changed(self)

    @property
    def soloed(self) -> frozenset[int]:
        """The numbers of the stages that are heard alone: with any, the others are left out as if bypassed.

        Raises:
            ParameterError: When set: a number of no stage.
        """
        return self._soloed

    @soloed.setter
    def soloed(self, stages: Iterable[int]) -> None:
        self.__dict__["_soloed"] = self._numbers(stages, "soloed")
        notify_changed(self)

    def _heard(self) -> list[tuple[int, Module]]:
        """The stages that are not left out, with their numbers."""
        soloed, bypassed = self._soloed, self._bypassed
        return [
            (number, stage)
            for number, stage in enumerate(self)
            if number not in bypassed and (not soloed or number in soloed)
        ]

    # -- within -------------------------------------------------------------------------------------------------

    def _entries(self) -> list[Entry]:
        return [Entry(stage, number in self._bypassed, number in self._soloed) for number, stage in enumerate(self)]

    def _arrange(self, entries: list[Entry]) -> None:
        """Have these stages from now on; what runs or reads the old ones meanwhile goes on with them."""
        self._admit([entry.stage for entry in entries])
        self.__dict__["_modules"] = {str(number): entry.stage for number, entry in enumerate(entries)}
        self.__dict__["_bypassed"] = frozenset(number for number, entry in enumerate(entries) if entry.bypassed)
        self.__dict__["_soloed"] = frozenset(number for number, entry in enumerate(entries) if entry.soloed)
        notify_changed(self)

    def _admit(self, stages: list[Module]) -> None:
        """Raise a `ParameterError` where these cannot be its stages."""
        for number, stage in enumerate(stages):
            if any(part is self for part in stage.modules()):
                name = type(self).__name__
                raise ParameterError(f"{name}: stage {number}, {type(stage).__name__}, holds this {name} itself.")

    def _flat(self, stages: Iterable[Any]) -> list[Entry]:
        """The entries for `stages`: a chain in a chain is taken apart, unless it has a sample rate of its own."""
        from fxlab.module.compose.chain import Chain

        flat: list[Entry] = []
        for stage in stages:
            module = stage if isinstance(stage, Module) else wrap(stage)
            if type(module) is Chain and module.sample_rate in (None, self.sample_rate):
                # Alone among its own, not among those that it joins.
                heard = {number for number, _ in module._heard()}
                flat += [Entry(part, number not in heard) for number, part in enumerate(module)]
            else:
                flat.append(Entry(module))
        return flat

    def _place(self, index: Any, verb: str = "") -> int:
        """The number of a stage, counted from the end where it is negative."""
        try:
            number = whole_number(index)
        except TypeError:
            raise TypeError(f"{type(self).__name__}: a stage is named by a whole number, not {index!r}.") from None
        if not -len(self) <= number < len(self):
            what = f"there is no stage {number}{f' to {verb}' if verb else ''}"
            raise IndexError(f"{type(self).__name__} has {len(self)} stages; {what}.")
        return number % len(self)

    def _numbers(self, stages: Iterable[int], name: str) -> frozenset[int]:
        try:
            return frozenset(self._place(number) for number in stages)
        except (TypeError, IndexError):
            there = f"numbers from 0 to {len(self) - 1}" if len(self) else "none, as there are no stages"
            raise ParameterError(
                f"{type(self).__name__}: {name} is {stages!r}; allowed is a set of the numbers of its stages: {there}."
            ) from None

    def _arguments(self) -> list[str]:
        """The constructor's arguments as Python source."""
        left_out = [
            f"{name}={sorted(numbers)!r}"
            for name, numbers in (("bypassed", self._bypassed), ("soloed", self._soloed))
            if numbers
        ]
        rate = [] if self.sample_rate is None else [f"sample_rate={self.sample_rate!r}"]
        return [*map(repr, self), *left_out, *rate]
