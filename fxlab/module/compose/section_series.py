"""`SectionSeries`: stages in series, in which neighboring second-order sections run in one call of the engine."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import Any

from torch import Tensor

from fxlab.engine.recursion.prepared_sections import PreparedSections
from fxlab.module.block_state import BlockState, kind_of
from fxlab.module.checks import stale_state
from fxlab.module.compose.section_runs import join_designs, section_runs
from fxlab.module.compose.series_analysis import SeriesAnalysis
from fxlab.module.lti.kept_sections import kept_sections
from fxlab.module.module import Module
from fxlab.module.parameters.clock import start_sample


class SectionSeries(SeriesAnalysis):
    """Stages in series; neighboring filters of second-order sections can run in one call of the engine."""

    @abstractmethod
    def _is_plain(self) -> bool:
        """Return whether a call does nothing but run the stages."""

    def _run_block(self, x: Tensor, state: Any, rate: float) -> tuple[Tensor, Any]:
        stages = self._stages_in_use()
        kept = self._kept_sections_of(stages, x, rate)
        if kept is None:
            return super()._run_block(x, state, rate)
        before, runs, sections_state = self._before_block(stages, state, rate)
        y, after = kept(x, sections_state)
        return y, BlockState((runs, [after]), kind_of(x), before.start + x.shape[-1])

    def _run_finite_block(self, x: Tensor, state: Any, rate: float) -> tuple[Tensor, Any] | None:
        stages = self._stages_in_use()
        kept = self._kept_sections_of(stages, x, rate)
        if kept is None:
            return None
        before, runs, sections_state = self._before_block(stages, state, rate)
        found = kept.filter_finite(x, sections_state)
        if found is None:
            return None
        return found[0], BlockState((runs, [found[1]]), kind_of(x), before.start + x.shape[-1])

    def _before_block(
        self, stages: list[Module], state: Any, rate: float
    ) -> tuple[BlockState, list[list[Module]], Any]:
        """Return the stream's state before a block, a list with `stages` as its only run, and the state of this run."""
        before = BlockState(start=start_sample(rate)) if state is None else state
        runs = [stages]
        return before, runs, self._states_of(runs, before.block)[0]

    def _kept_sections(self, x: Tensor, rate: float) -> PreparedSections | None:
        return self._kept_sections_of(self._stages_in_use(), x, rate)

    def _kept_sections_of(self, stages: list[Module], x: Tensor, rate: float) -> PreparedSections | None:
        """Return the cached sections of `stages`, or None in the cases that `kept_sections` lists.

        The result is also None for fewer than two stages, and if a call of the chain runs hooks or other code.
        """
        if len(stages) < 2 or not self._is_plain():
            return None
        return kept_sections(self, stages, x, rate, partial(join_designs, self, stages[0]))

    def _section_runs(self) -> list[list[Module]]:
        return section_runs(self._stages_in_use())

    def _states_of(self, runs: list[list[Module]], state: Any) -> list[Any]:
        """Return the state of each run; every state is None before the first block.

        Raises:
            SignalError: The stages have changed since the last block.
        """
        if state is None:
            return [None] * len(runs)
        runs_before, states = state
        if runs_before != runs:
            raise stale_state(self._name(), f"its stages changed (they are {self!r} now)")
        return list(states)
