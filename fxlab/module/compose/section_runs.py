"""Runs of neighbouring stages that consist only of second-order sections, each run in one call of the engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor

from fxlab.engine import sosfilt
from fxlab.module.checks import check_batch_shapes
from fxlab.module.lti.cascades import align_design, join_cascades
from fxlab.module.lti.recursive import Recursive
from fxlab.module.module import Module


def section_runs(stages: Iterable[Module]) -> list[list[Module]]:
    """Group neighbouring stages that only run sections into one list; every other stage gets a list of its own."""
    runs: list[list[Module]] = []
    for stage in stages:
        if runs and _only_runs_sections(stage) and _only_runs_sections(runs[-1][0]):
            runs[-1].append(stage)
        else:
            runs.append([stage])
    return runs


def run_block(run: list[Module], x: Tensor, state: Any, rate: float) -> tuple[Tensor, Any]:
    """Run a single stage, or several stages of sections in one call of the engine, on the next block."""
    if len(run) == 1:
        return run[0]._run_block(x, state, rate)
    for stage in run:
        stage.check(rate)
        check_batch_shapes(stage.values(), x, type(stage).__name__, stage.ranks)
    sos = join_cascades([stage._sos(rate) for stage in run if isinstance(stage, Recursive)])
    return sosfilt(x, align_design(sos, x), state)


def _only_runs_sections(stage: Module) -> bool:
    """Return whether calling the stage does nothing but run its sections: it has no hooks and overrides no method."""
    cls = type(stage)
    has_hooks = stage._forward_hooks or stage._forward_pre_hooks or stage._backward_hooks or stage._backward_pre_hooks
    if not issubclass(cls, Recursive) or has_hooks or stage.controls():
        return False
    is_plain = cls.forward is Recursive.forward and cls.forward_block is Recursive.forward_block
    return is_plain and cls.__call__ is Module.__call__
