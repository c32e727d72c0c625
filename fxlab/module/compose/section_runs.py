"""Runs of neighboring stages that consist only of second-order sections, each run in one call of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from torch import Tensor

from fxlab.engine import sosfilt, sosfilt_zi
from fxlab.module.lti.cascades import align_design, join_cascades
from fxlab.module.lti.recursive import Recursive, checked_sections
from fxlab.module.module import Module
from fxlab.module.parameters.design_cache import derive
from fxlab.module.settle import settle


def section_runs(stages: Iterable[Module]) -> list[list[Module]]:
    """Return `stages` divided into runs.

    Neighboring stages that do nothing but run sections form one run, and every other stage is a run of its own.
    """
    runs: list[list[Module]] = []
    joins = False
    for stage in stages:
        joined, joins = joins, isinstance(stage, Recursive) and stage._only_runs_sections()
        if joined and joins:
            runs[-1].append(stage)
        else:
            runs.append([stage])
    return runs


def with_rates(runs: Iterable[list[Module]], rate: float) -> Iterator[tuple[list[Module], float]]:
    """Yield each run with the sample rate of its input in Hz, which a stage such as `Resample` changes."""
    for run in runs:
        yield run, rate
        rate = run[-1].output_rate(rate)


def run_block(chain: Module, run: list[Module], x: Tensor, state: Any, rate: float) -> tuple[Tensor, Any]:
    """Run the stages in `run`, one stage of `chain` or several stages of sections, on the next block.

    Returns the output and the state after the block; `state` is None at the first block.
    """
    if len(run) == 1:
        return run[0]._run_block(x, state, rate)
    return sosfilt(x, _joined_sections(chain, run, x, rate), state)


def settle_runs(chain: Module, runs: list[list[Module]], x: Tensor, rate: float) -> list[Any]:
    """Return the steady state of each run of `chain` for the constant input `x`, `(..., 1)`; see `settle`."""
    states: list[Any] = []
    for run, rate in with_rates(runs, rate):  # noqa: B020, PLR1704
        if len(run) == 1:
            x, settled = settle(run[0], x, rate)
            states.append(settled)
        else:
            states.append(x[..., None] * sosfilt_zi(_joined_sections(chain, run, x, rate)))
            x, _ = run_block(chain, run, x, states[-1], rate)
    return states


def _joined_sections(chain: Module, run: list[Module], x: Tensor, rate: float) -> Tensor:
    """Return the sections of the stages in `run`, `(..., sections, 6)`, aligned with the leading dimensions of `x`.

    Raises:
        ParameterError: A value is invalid, or its shape does not align with that of `x`.
    """
    designs = checked_sections([stage for stage in run if isinstance(stage, Recursive)], x, rate)
    return align_design(chain, join_designs(chain, run[0], designs), x)


def join_designs(chain: Module, first: Module, designs: list[Tensor]) -> Tensor:
    """Return the sections of `designs` joined to one cascade, from the cache of `chain` if it has the result.

    `first` is the first of the stages that have these designs. See `derive` for the results that are cached.
    """
    return derive(chain, ("joined", first), tuple(designs), partial(join_cascades, designs))
