"""`Chain`: modules in series, `a | b | c`, as a list of stages that can be edited."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, overload

import torch
from torch import Tensor

from fxlab.module.compose.section_runs import run_block, settle_runs, with_rates
from fxlab.module.compose.stage_entries import Entry, StageEntries
from fxlab.module.lti.kept_sections import has_call_hooks
from fxlab.module.module import Module
from fxlab.module.parameters.observers import notify_changed
from fxlab.module.serialization import Build, decode_parameters, describe_parameters, listed_entries
from fxlab.module.wrap import wrap
from fxlab.signal.samples import is_integer


class Chain(StageEntries):
    """Modules in series: `Chain(a, b)`, or `a | b`, feeds the output of `a` to `b`.

    The stages of an inner `Chain` become stages of the outer chain, which bypasses those that the inner chain leaves
    out; an inner chain with a different sample rate remains a single stage. Neighboring filters of second-order
    sections without controls and hooks can run in one call of the engine. A chain has a response, and the methods of an
    `LTI`, while all stages that are not left out have a response.

    A chain can be edited like a list of its stages: `chain[0]`, `len(chain)`, `append`, `insert`, `pop`, `move`,
    `del chain[0]`, `chain[0] = …`. The stages in `bypassed` are left out; if any are in `soloed`, all others are left
    out.

    Args:
        stages: Modules, or anything callable on a tensor.
        bypassed: The indices of the stages to leave out. Stages of inner chains count one by one.
        soloed: The indices of the stages to run alone; empty to run all that are not bypassed.
        sample_rate: The sample rate in Hz for calls without one.

    Shape:
        Input: `(time,)` or `(..., channels, time)`. Output: that of the last stage in use; the input if none is in use.

    Raises:
        ParameterError: An object cannot be a stage, or `bypassed` or `soloed` contains something other than indices of
            stages.

    >>> from fxlab.filters import HighPass, LowPass
    >>> chain = HighPass(cutoff=100.0) | LowPass(cutoff=5000.0)
    >>> chain
    HighPass(cutoff=100.0) | LowPass(cutoff=5000.0)
    >>> chain.sos(sample_rate=48_000).shape
    torch.Size([2, 6])
    """

    def __init__(
        self,
        *stages: Any,
        bypassed: Iterable[int] = (),
        soloed: Iterable[int] = (),
        sample_rate: float | None = None,
    ) -> None:
        super().__init__(sample_rate=sample_rate)
        self._set_entries(self._entries_of(stages))
        if bypassed != ():
            self.bypassed = self._indices(bypassed, "bypassed") | self.bypassed
        if soloed != ():
            self.soloed = self._indices(soloed, "soloed")

    # -- sound --------------------------------------------------------------------------------------------------

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the output of the stages in use for the input `x`; without such stages, return `x`."""
        for run, rate in with_rates(self._section_runs(), sample_rate):
            x = run[0](x, sample_rate=rate) if len(run) == 1 else run_block(self, run, x, None, rate)[0]
        return x

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output of the stages for the next block, and the state: the `section_runs` and their states."""
        runs = self._section_runs()
        states = self._states_of(runs, state)
        for number, (run, rate) in enumerate(with_rates(runs, sample_rate)):
            x, states[number] = run_block(self, run, x, states[number], rate)
        return x, (runs, states)

    def settled_state(self, x: Tensor, sample_rate: float) -> Any:
        """Return the steady state for the constant input `x`; see `StatefulModule.settled_state`."""
        return (runs := self._section_runs()), settle_runs(self, runs, x, sample_rate)

    def flush_block(self, state: Any, sample_rate: float) -> Tensor | None:
        """Return the output after the end of the input, or None if there is none.

        The remaining output of each stage is processed by the stages after it.
        """
        tail: Tensor | None = None
        runs = self._section_runs()
        for (run, rate), run_state in zip(with_rates(runs, sample_rate), self._states_of(runs, state), strict=True):
            last_state = run_state
            if tail is not None and tail.shape[-1]:
                tail, last_state = run_block(self, run, tail, run_state, rate)
            rest = run[0]._flush(last_state, rate) if len(run) == 1 else None
            if rest is not None:
                tail = rest if tail is None else torch.cat([tail, rest], -1)
        return tail

    # -- the list of stages -------------------------------------------------------------------------------------

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Chain: ...
    def __getitem__(self, index: int | slice) -> Module | Chain:
        if isinstance(index, slice):
            part = Chain(sample_rate=self.sample_rate)
            part._set_entries(self._entries()[index])
            return part
        return list(self)[self._index(index)]

    def __setitem__(self, index: int, stage: Any) -> None:
        at, entries = self._index(index), self._entries()
        self._set_entries([*entries[:at], *self._entries_of([stage]), *entries[at + 1 :]])

    def __delitem__(self, index: int | slice) -> None:
        entries = self._entries()
        del entries[index if isinstance(index, slice) else self._index(index)]
        self._set_entries(entries)

    def append(self, stage: Any) -> None:
        """Append a `Module` or anything callable on a tensor.

        A chain is appended stage by stage, unless it has a different sample rate.

        Raises:
            ParameterError: The object cannot be a stage, or contains this chain.

        >>> from fxlab.filters import HighPass, LowPass, Peak
        >>> chain = HighPass() | LowPass()
        >>> chain.append(Peak())
        >>> chain.move(2, 0)
        >>> chain
        Peak() | HighPass() | LowPass()
        """
        self.insert(len(self), stage)

    def insert(self, index: int, stage: Any) -> None:
        """Add a stage before stage `index`, or at the end if `index` is the number of stages; see `append`.

        Raises:
            ParameterError: See `append`.
            TypeError: `index` is not a whole number.
            IndexError: `index` is neither that of a stage nor the number of stages.
        """
        is_end = is_integer(index) and index == len(self)
        at = len(self) if is_end else self._index(index, "insert before")
        entries = self._entries()
        self._set_entries([*entries[:at], *self._entries_of([stage]), *entries[at:]])

    def pop(self, index: int = -1) -> Module:
        """Remove the stage at `index`, by default the last one, and return it.

        Raises:
            TypeError: `index` is not a whole number.
            IndexError: No stage has this index.
        """
        stage = self[index]
        del self[index]
        return stage

    def move(self, index: int, to: int) -> None:
        """Move the stage at `index` so that its index is `to`.

        Raises:
            TypeError: An index is not a whole number.
            IndexError: No stage has this index.
        """
        entries = self._entries()
        at, goal = self._index(index), self._index(to, "move to")
        entries.insert(goal, entries.pop(at))
        self._set_entries(entries)

    @property
    def bypassed(self) -> frozenset[int]:
        """The indices of the stages that are bypassed, and so left out; their parameters keep their values.

        Raises:
            ParameterError: It is set to something other than indices of stages.

        >>> from fxlab.filters import HighPass, LowPass
        >>> chain = HighPass() | LowPass()
        >>> chain.bypassed = {0}
        >>> chain
        Chain(HighPass(), LowPass(), bypassed=[0])
        """
        return self._bypassed

    @bypassed.setter
    def bypassed(self, stages: Iterable[int]) -> None:
        self.__dict__["_bypassed"] = self._indices(stages, "bypassed")
        notify_changed(self)

    @property
    def soloed(self) -> frozenset[int]:
        """The indices of the stages that run alone; if there are any, all other stages are left out.

        A stage that is also in `bypassed` is left out as well.

        Raises:
            ParameterError: It is set to something other than indices of stages.
        """
        return self._soloed

    @soloed.setter
    def soloed(self, stages: Iterable[int]) -> None:
        self.__dict__["_soloed"] = self._indices(stages, "soloed")
        notify_changed(self)

    # -- internal -----------------------------------------------------------------------------------------------

    def _is_plain(self) -> bool:
        return type(self) is Chain and not has_call_hooks(self)

    def _entries_of(self, stages: Iterable[Any]) -> list[Entry]:
        """Return the entries for `stages`; callables are wrapped as modules.

        A `Chain` is replaced by its stages, of which those that it leaves out are bypassed, unless it has a different
        sample rate.
        """
        entries: list[Entry] = []
        for stage in stages:
            module = stage if isinstance(stage, Module) else wrap(stage)
            if type(module) is Chain and module.sample_rate in (None, self.sample_rate):
                # Solo in the inner chain must not silence stages of the outer one, so it is converted to bypass.
                active = {index for index, _ in module._active_stages()}
                entries += [Entry(part, index not in active) for index, part in enumerate(module)]
            else:
                entries.append(Entry(module))
        return entries

    def _describe(self) -> dict[str, Any]:
        return {**describe_parameters(self), "stages": [stage._describe() for stage in self], **self._left_out()}

    @classmethod
    def _rebuild(cls, description: dict[str, Any], build: Build) -> Chain:
        chain = cls(*map(build, listed_entries(description, "stages")), **decode_parameters(cls, description))
        chain.bypassed, chain.soloed = description.get("bypassed", ()), description.get("soloed", ())
        return chain

    def _arguments(self) -> list[str]:
        left_out = [f"{name}={indices!r}" for name, indices in self._left_out().items()]
        rate = [] if self.sample_rate is None else [f"sample_rate={self.sample_rate!r}"]
        return [*map(repr, self), *left_out, *rate]

    def __repr__(self) -> str:
        if len(self) < 2 or self.sample_rate is not None or self._left_out():
            return f"Chain({', '.join(self._arguments())})"
        return " | ".join(f"({stage!r})" if type(stage) is Chain else repr(stage) for stage in self)
