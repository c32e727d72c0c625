"""Modules that look ahead, block by block: their output is late, and the stages after them begin later.

The output of a stage that looks ahead begins with silence. A stage after it whose state changes during silence, such as
an LFO or the envelope of a gate, keeps its first state until the silence is over. If there is such a stage, the silence
lasts a whole number of blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from fxlab.errors import CompileError
from fxlab.module import Chain, Module
from fxlab.module.lti.finite import Finite
from fxlab.module.lti.recursive import Recursive
from fxlab.page.compiler.clock import Position
from fxlab.page.compiler.interception import Replacement
from fxlab.page.compiler.recorder import Recorder
from fxlab.page.compiler.states import Moving, is_leaf, joined

BLOCK = 128
"""The number of frames of a block: the render quantum of Web Audio."""


def look_ahead_replacements(recorder: Recorder, module: Module) -> dict[tuple[str, str], Replacement]:
    """Return the replacements for a module that runs block by block; see `interception.replaced`."""
    late = _LateStages(recorder, list(_series(module)))
    limiter = "fxlab.effects.dynamics.limiter"
    return {
        (limiter, "Limiter._first_state"): partial(_late_state, late),
        (limiter, "Limiter.forward_block"): partial(_late_block, late),
        ("fxlab.module.module", "Module._run_block"): late.run,
    }


def total_lag(recorder: Recorder, module: Module) -> int:
    """Return the delay of the output of the blocks in samples: the sum of the delays of all parts that look ahead.

    Raises:
        CompileError: A part that looks ahead is in parallel with others, which would have to be delayed.
    """
    series = list(_series(module))
    for part in recorder.lags:
        if part not in series:
            raise CompileError(
                f"{type(part).__name__} looks ahead, and is in a branch of {type(module).__name__}: the other branches "
                "would have to be delayed."
            )
    return sum(recorder.lags.values())


def lag_of(recorder: Recorder, module: Module) -> int:
    """Return the delay in samples of the output of a stage that has run."""
    return sum(recorder.lags.get(part, 0) for part in module.modules())


def _series(module: Module) -> Iterator[Module]:
    """Yield the stages of a chain, also of the chains in it, in order; for another module, the module itself."""
    if isinstance(module, Chain):
        for stage in module:
            yield from _series(stage)
    else:
        yield module


class _LateStages:
    """The stages of a module that come after one that looks ahead; `series` contains all stages in order."""

    def __init__(self, recorder: Recorder, series: list[Module]) -> None:
        self.recorder, self.series = recorder, series
        self._changing: dict[Module, list[bool]] = {}

    def padding(self, part: Module, lag: int) -> int:
        """Return the number of samples by which the output of a part with the look-ahead `lag` is delayed further.

        Unless all later stages are filters without moving parameters, the whole delay becomes a multiple of a block.
        """
        later = self.series[self.series.index(part) + 1 :] if part in self.series else []
        return 0 if all(map(_is_silent_filter, later)) else -lag % BLOCK

    def run(self, original: Any, part: Module, x: Tensor, state: Any, rate: float) -> tuple[Tensor, Any]:
        """Return the output of a part for a block, and the state after it.

        A part whose state would change during silence, and which comes after parts that look ahead, returns silence and
        keeps its first state until their delay has passed. The state after the block is then a pair: the state of the
        part, and the number of silent blocks so far.
        """
        place = self.series.index(part) if part in self.series else 0
        silence = sum(self.recorder.lags.get(before, 0) for before in self.series[:place])
        changing = self._changing_leaves(original, part, x, rate) if silence else []
        if not any(changing):
            result: tuple[Tensor, Any] = original(part, x, state, rate)
            return result
        inner, count = (None, torch.zeros((), dtype=torch.float64)) if state is None else state
        y, after = original(part, x, inner, rate)
        if self.recorder.graph.input is None:
            return y, (after, count)  # `first_state` runs two successive blocks before the trace
        has_begun = count >= silence // BLOCK
        held = self._hold(inner, after, changing, has_begun, silence)
        return torch.where(has_begun, y, torch.zeros_like(y)), (held, torch.where(has_begun, count, count + 1.0))

    def _changing_leaves(self, original: Any, part: Module, x: Tensor, rate: float) -> list[bool]:
        """Return for each leaf of the state of a part whether it changes during silence."""
        if part not in self._changing:
            silence = torch.zeros(*x.shape[:-1], BLOCK, dtype=x.dtype)
            first = original(part, silence[..., :0], None, rate)[1]
            second = original(part, silence, first, rate)[1]
            third = original(part, silence, second, rate)[1]
            states = (joined(first, second), second, third)
            leaves = [pytree.tree_flatten(state, is_leaf=is_leaf)[0] for state in states]
            self._changing[part] = [_changes(*values) for values in zip(*leaves, strict=False)]
        return self._changing[part]

    def _hold(self, before: Any, after: Any, changing: list[bool], has_begun: Tensor, silence: int) -> Any:
        """Return the state after a block; the `changing` leaves keep their values until `has_begun` is true.

        `silence` is the number of silent samples, which becomes the delay of the positions in the graph.
        """
        old, _ = pytree.tree_flatten(before, is_leaf=is_leaf)
        new, spec = pytree.tree_flatten(after, is_leaf=is_leaf)
        kept = []
        for first, last, changes in zip(old, new, changing, strict=True):
            if isinstance(first, Position):
                buffer = self.recorder.view(first.clock).buffer
                self.recorder.graph.positions[buffer] = self.recorder.graph.positions[buffer]._replace(delay=silence)
                kept.append(torch.where(has_begun, last.tensor(), first.tensor()))
            elif changes and isinstance(first, Tensor):
                kept.append(torch.where(has_begun, last, first))
            else:
                kept.append(last)
        return pytree.tree_unflatten(kept, spec)


def _is_silent_filter(part: Module) -> bool:
    """Return whether a part is a filter without moving parameters, whose state stays zero during silence."""
    return isinstance(part, (Recursive, Finite)) and not part.controls()


def _changes(first: Any, second: Any, third: Any) -> bool:
    """Return whether a leaf of a state changes in silence, from its values before, between and after two silent blocks.

    A tensor of zeros whose shape alone changes counts as unchanged.
    """
    if isinstance(first, Moving):
        return True
    if not all(isinstance(value, Tensor) for value in (first, second, third)):
        return False
    return not (_are_equal(first, second) and _are_equal(second, third))


def _are_equal(a: Tensor, b: Tensor) -> bool:
    return torch.equal(a, b) if a.shape == b.shape else not (a.any() or b.any())


def _late_state(late: _LateStages, original: Any, limiter: Any, x: Tensor, ceiling: Tensor, rate: float) -> Any:
    """Return the first state of a limiter, with which the output of its first block is as long as the input.

    The output of the limiter begins with silence as long as its look-ahead. This delay and that of
    `_LateStages.padding` are stored in `recorder.lags`.
    """
    state = original(limiter, x, ceiling, rate)
    late.recorder.lags[limiter] = state.missing + late.padding(limiter, state.missing)
    return state._replace(missing=0)


def _late_block(late: _LateStages, original: Any, limiter: Any, x: Tensor, state: Any, rate: float) -> Any:
    """Return the output of a limiter for a block, delayed further by `_LateStages.padding`, and the state after it.

    With such a delay, the state is a pair of the limiter's state and the samples that wait.
    """
    inner, waiting = state if type(state) is tuple else (state, None)
    y, inner = original(limiter, x, inner, rate)
    padding = late.padding(limiter, inner.x.shape[-1])
    if not padding:
        return y, inner
    if waiting is None:
        waiting = y.new_zeros(*y.shape[:-1], padding)
    row = torch.cat([waiting, y], -1)
    return row[..., : y.shape[-1]], (inner, row[..., y.shape[-1] :])
