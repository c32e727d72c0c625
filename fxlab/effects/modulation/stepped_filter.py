"""Functions for filters that an effect redesigns every 16 samples, counted from the start of the sound.

These steps of 16 samples do not depend on the blocks of a stream. A block may begin within a step; the values of that
step are part of the state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from fxlab.engine.torch_support.tracing import is_recorded
from fxlab.module.checks import not_recordable
from fxlab.module.parameters.clock import start_sample

HOP = 16
"""The number of samples for which a filter keeps its coefficients."""

Values = tuple[Tensor, ...]
"""Values of a design, each `(..., time)` for every sample, or `(..., 1)` or a scalar for the whole block."""
RunSteps = Callable[[Tensor, Values, Any], tuple[Tensor, Any]]
"""A function of samples, the values for each of their steps, and the filter's state; it returns output and state."""


class StepState(NamedTuple):
    """The state of a stream: the position within a step in samples, the step's values, and the state of the filter.

    There are no values, and the state of the filter is None, before the first block.
    """

    position: int
    held: Values
    filter: Any = None


def first_state(sample_rate: float, owner: str) -> StepState:
    """Return the state at the start of a call, which may begin within a step: see `fxlab.module.parameters.clock`.

    Raises:
        FxlabError: A graph is being recorded; the error names the module `owner`.
    """
    if is_recorded():
        raise not_recordable(
            owner,
            f"its filter is redesigned every {HOP} samples, so the number of operations depends on the length of the "
            "signal",
            "Record fx.AllPass or fx.BandPass instead, whose frequency is constant.",
        )
    return StepState(start_sample(sample_rate) % HOP, ())


def run_steps(x: Tensor, values: Values, state: StepState, run: RunSteps) -> tuple[Tensor, StepState]:
    """Return the output of `run` for the block `x`, which may begin and end within a step, and the state after it."""
    head = head_length(x, state)
    first = tuple(_at(value, slice(0, 1)) for value in values)
    return run_held(x, first, values_of_steps(values, head), state, run)


def run_held(x: Tensor, first: Values, steps: Values, state: StepState, run: RunSteps) -> tuple[Tensor, StepState]:
    """Return the result of `run_steps` for `steps`, the values of the steps that begin in the block.

    `first` are the values of the step in which the block begins; they are only used for the first block.
    """
    time, head = x.shape[-1], head_length(x, state)
    held, filter_state, outputs = state.held or first, state.filter, []
    if head:
        y, filter_state = run(x[..., :head], held, filter_state)
        outputs.append(y)
    if head < time:
        y, filter_state = run(x[..., head:], steps, filter_state)
        outputs.append(y)
        held = tuple(_at(value, slice(-1, None)) for value in steps)
    y = torch.cat(outputs, -1) if len(outputs) > 1 else outputs[0] if outputs else x.clone()
    return y, StepState((state.position + time) % HOP, held if time else state.held, filter_state)


def head_length(x: Tensor, state: StepState) -> int:
    """Return how many samples of the block `x` belong to a step that began before the block."""
    return min(-state.position % HOP, int(x.shape[-1]))


def values_of_steps(values: Values, head: int) -> Values:
    """Return the values at the first sample of each step that begins in a block; the first is at sample `head`."""
    return tuple(_at(value, slice(head, None, HOP)) for value in values)


def _at(value: Tensor, steps: slice) -> Tensor:
    """Return the values at the samples `steps`; a value for the whole block is returned unchanged."""
    return value[..., steps] if value.ndim and value.shape[-1] > 1 else value
