"""Tracing a module: one block of samples, from its parameters, its state and its input to its output and next state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from fxlab.augment.audition import Audition
from fxlab.errors import CompileError, FxlabError
from fxlab.labs.exploration import Exploration
from fxlab.module import Chain
from fxlab.module.lti.finite import Finite
from fxlab.module.lti.recursive import Recursive
from fxlab.module.module import Module
from fxlab.module.parameters.array import ArrayParam
from fxlab.module.parameters.continuous import Continuous
from fxlab.page.compiler.audition import audition_replacements, run_audition
from fxlab.page.compiler.bypass import BypassableChain
from fxlab.page.compiler.clock import Position
from fxlab.page.compiler.delay_operators import delay_operators
from fxlab.page.compiler.engine_operators import engine_operators
from fxlab.page.compiler.explored_function import run_function
from fxlab.page.compiler.fixed_point_operator import fixed_point_operator
from fxlab.page.compiler.function_replacements import function_replacements
from fxlab.page.compiler.graph import Buffer, Graph, View
from fxlab.page.compiler.interception import Replacement, replaced
from fxlab.page.compiler.live_replacements import check_time, live_replacements, total_lag
from fxlab.page.compiler.operations import OPERATIONS
from fxlab.page.compiler.reader_mode import ReaderMode
from fxlab.page.compiler.recorder import Recorder
from fxlab.page.compiler.refusals import ValueReadError
from fxlab.page.compiler.replacements import uncached_functions

BLOCK = 128
"""The number of frames of a block: the render quantum of Web Audio."""


class TraceOptions(NamedTuple):
    """The conditions under which a module is traced."""

    sample_rate: float
    """In Hz."""
    channels: int
    """The channels of the input."""
    frames: int = BLOCK
    """The length of the block in samples; for a module that is not live, that of the whole sound."""
    live: bool = True
    """Whether the module runs block by block."""
    total: int | None = None
    """The length of the sound in samples, if it is known."""
    bypass: bool = False
    """Whether the stages of a chain can be left out by `BypassableChain`."""


def trace(module: Module, options: TraceOptions) -> Graph:
    """Return the graph of one block of a module, with the values at which it is traced.

    Raises:
        CompileError: The module has an operation, a state or a choice by value that cannot be compiled.
    """
    fixed: dict[str, str] = {}
    while True:
        try:
            graph = _trace(module, options, fixed)
        except ValueReadError as error:
            if not error.paths - set(fixed):
                raise
            reason = f"The operations of the module depend on its value: {error.place}."
            fixed |= dict.fromkeys(sorted(error.paths), reason)  # sorted: each build gives the same text
            continue
        graph.fixed = {path.removesuffix("[]"): reason for path, reason in fixed.items()}
        return graph


def _trace(module: Module, options: TraceOptions, fixed: dict[str, str]) -> Graph:
    """Return the graph, in which the parameters in `fixed` are constants.

    Raises:
        CompileError: The output is not a tensor, or, if `live`, has another number of samples than the block.
    """
    sample_rate, channels, frames, live, total, bypass = options
    recorder = Recorder(OPERATIONS)
    recorder.is_function = recorder.graph.is_function = isinstance(module, Exploration)
    generator = torch.Generator().manual_seed(1)
    x = 0.1 * torch.randn(channels, frames, dtype=torch.float64, generator=generator)
    operators = {**engine_operators(recorder), **delay_operators(recorder), **fixed_point_operator(recorder)}
    if live:
        operators |= live_replacements(recorder, total)
    if isinstance(module, Exploration):
        operators |= function_replacements(recorder, module)
    if isinstance(module, Audition):
        operators |= audition_replacements(recorder)
    run: Any = BypassableChain(module, recorder) if bypass and isinstance(module, Chain) else module
    with torch.no_grad():
        state = _first_state(run, x, sample_rate, recorder, operators) if live else None
        if not isinstance(module, Audition):  # its values are drawn, so that each draw would read other parameters
            _track_parameters(recorder, module, fixed)
        recorder.graph.input = recorder.track(x, Buffer(x.numel(), "input", "x"))
        leaves, spec = pytree.tree_flatten(state, is_leaf=_is_leaf)
        leaves, states = _track_state(recorder, leaves, frames)
        replacements = {**uncached_functions(recorder), **operators}
        recorder.graph.lag = total_lag(recorder, module)
        check_time(recorder, module, x, sample_rate)
        with replaced(replacements), ReaderMode(recorder), recorder, _explained(recorder):
            if live:
                y, after = run._run_block(x, pytree.tree_unflatten(leaves, spec), sample_rate)
            elif isinstance(module, Exploration):
                y, after = run_function(recorder, module, x, sample_rate, torch.float32), None
            elif isinstance(module, Audition):
                y, after = run_audition(recorder, module, x, sample_rate), None
            else:
                y, after = run(x, sample_rate), None
            if not isinstance(y, Tensor):
                raise CompileError(f"{type(module).__name__} returns {y!r}; it must return a tensor (channels, time).")
            responses = _responses(module, sample_rate, bypass)
            _match_states(recorder, states, leaves, pytree.tree_flatten(after, is_leaf=_is_leaf)[0])
        recorder.graph.output = recorder.view(y)
        if live and y.shape[-1] != frames:
            raise CompileError(
                f"{type(module).__name__}: a block of {frames} samples gives {y.shape[-1]} samples of output, so that "
                "it cannot run live."
            )
        for path, kind, design in responses:
            recorder.graph.responses.append((path, kind, recorder.array(design)))
    return recorder.graph


@contextmanager
def _explained(recorder: Recorder) -> Iterator[None]:
    """Replace an error that follows from withheld values by the error for reading these values."""
    try:
        yield
    except CompileError:
        raise
    except Exception:
        if recorder.withheld:
            recorder.refuse_reading("scalar_value", recorder.withheld)
        raise


def _track_parameters(recorder: Recorder, module: Module, fixed: dict[str, str]) -> None:
    """Make the continuous parameters of the module and its parts buffers of their own."""
    for path, owner, declaration in module.walk():
        if declaration.name in owner.controls():
            continue  # it follows from the parameters of its control
        own = f"{path}[]" if isinstance(declaration, ArrayParam) else path
        if isinstance(declaration, Continuous) and own not in fixed:
            stored = declaration.stored(owner)
            numbers = torch.view_as_real(stored) if stored.is_complex() else stored
            values = numbers.detach().double().flatten().tolist()
            buffer = Buffer(len(values), "parameter", own, values)
            recorder.track(stored, buffer)
            recorder.graph.parameters[own] = buffer


def _first_state(
    module: Any, x: Tensor, rate: float, recorder: Recorder, operators: dict[tuple[str, str], Replacement]
) -> Any:
    """Return the state before the first block.

    Tensors of zeros stand for states that begin as None, and `Moving` for integers that grow from block to block.
    """
    for assume in (True, False):
        try:
            with replaced({**uncached_functions(recorder, assume=assume), **operators}):
                before = _state_at_start(module, x[..., :0], rate)
                after = module._run_block(x, before, rate)[1]
            break
        except FxlabError:
            if not assume:
                raise
    return _joined(before, after)


def _state_at_start(module: Any, nothing: Tensor, rate: float) -> Any:
    """Return the state after a block of 0 samples.

    Raises:
        CompileError: The module cannot process such a block.
    """
    try:
        return module._run_block(nothing, None, rate)[1]
    except FxlabError:
        raise
    except Exception as error:
        raise CompileError(
            f"forward_block cannot process a block of 0 samples, from which the compiler takes the first state: {error}"
        ) from error


class Moving(NamedTuple):
    """An integer of the state that grows from block to block."""

    first: int
    growth: int


def _joined(before: Any, after: Any) -> Any:
    if before is None:
        return pytree.tree_map(lambda leaf: torch.zeros_like(leaf) if isinstance(leaf, Tensor) else leaf, after)
    if type(before) is int and type(after) is int and before != after:
        return Moving(before, after - before)
    if isinstance(before, Tensor) and isinstance(after, Tensor) and before.shape != after.shape:
        try:
            return before.expand(after.shape)  # the same for all rows at first
        except RuntimeError:
            return before
    if type(before) is type(after) and isinstance(before, dict):
        return {key: _joined(before.get(key), value) for key, value in after.items()}
    if type(before) is type(after) and type(before) is not torch.Size and isinstance(before, (tuple, list)):
        if len(before) != len(after):
            return _joined(None, after)
        parts = [_joined(a, b) for a, b in zip(before, after, strict=True)]
        return type(before)(*parts) if hasattr(before, "_fields") else type(before)(parts)
    return before


def _is_leaf(value: Any) -> bool:
    return value is None or isinstance(value, Moving)


def _track_state(recorder: Recorder, leaves: list[Any], block: int) -> tuple[list[Any], list[View | None]]:
    """Make a buffer of every tensor and position of the state; return the tracked leaves, and their views or None."""
    tracked: list[Any] = []
    views: list[View | None] = []
    for number, leaf in enumerate(leaves):
        if isinstance(leaf, Moving):
            value = 1000 * block
            clock = torch.tensor(value)
            buffer = Buffer(1, "state", f"position{number}", [float(leaf.first)])
            recorder.graph.positions[buffer] = float(leaf.first), float(leaf.growth)
            views.append(recorder.track(clock, buffer))
            tracked.append(Position.of(clock, block, value=value))
        elif isinstance(leaf, Tensor):
            copy = leaf.detach().clone(memory_format=torch.contiguous_format)
            values = (torch.view_as_real(copy) if copy.is_complex() else copy).double().flatten().tolist()
            views.append(recorder.track(copy, Buffer(len(values), "state", f"state{number}", values)))
            tracked.append(copy)
        else:
            tracked.append(leaf)
            views.append(None)
    return tracked, views


def _match_states(recorder: Recorder, states: list[View | None], leaves: list[Any], later: list[Any]) -> None:
    """Add every state to the graph, with its value after the block.

    Raises:
        CompileError: The number of states or the shape of a state has changed.
    """
    if len(later) != len(leaves):
        raise CompileError(f"the state of the module has {len(leaves)} parts before a block and {len(later)} after it.")
    for view, before, value in zip(states, leaves, later, strict=True):
        if view is None:
            continue
        after = value.tensor() if isinstance(value, Position) else value
        shape = () if isinstance(before, Position) else tuple(before.shape)
        if not isinstance(after, Tensor) or tuple(after.shape) != shape:
            found = tuple(after.shape) if isinstance(after, Tensor) else after
            raise CompileError(
                f"a state of the module has the shape {shape} before a block and {found} after it. "
                "A state must keep its shape: give the module a state_shape."
            )
        recorder.graph.states.append((view, recorder.view(after)))


def _responses(module: Module, rate: float, bypass: bool) -> list[tuple[str, str, Tensor]]:
    """Return path, kind and coefficients of every filter of a filter or a chain of filters; an empty list for others.

    The kind is `sections` or `taps`; filters with moving parameters have their coefficients at time 0. With `bypass`,
    the list includes the bypassed stages.
    """
    parts: list[tuple[str, Module]] = [("", module)]
    if type(module) is Chain:
        stages = enumerate(module) if bypass else module._active_stages()
        parts = [(str(number), stage) for number, stage in stages]
    if not all(isinstance(part, (Recursive, Finite)) for _, part in parts):
        return []
    found: list[tuple[str, str, Tensor]] = []
    for path, part in parts:
        if isinstance(part, Recursive):
            found.append((path, "sections", part._sos(rate)))
        elif isinstance(part, Finite):
            found.append((path, "taps", part._taps(rate)))
    return found
