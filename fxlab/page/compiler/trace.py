"""Tracing a module: one block of samples, from its parameters, its state and its input to its output and next state."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from fxlab.augment.audition import Audition
from fxlab.effects.pitch.resample import Resample
from fxlab.errors import CompileError
from fxlab.labs.exploration import Exploration
from fxlab.module import Chain
from fxlab.module.lti.finite import Finite
from fxlab.module.lti.recursive import Recursive
from fxlab.module.module import Module
from fxlab.module.parameters.array import ArrayParam
from fxlab.module.parameters.continuous import Continuous
from fxlab.page.compiler.audition import audition_replacements, run_audition
from fxlab.page.compiler.bypass import BypassableChain
from fxlab.page.compiler.delay_operators import delay_operators
from fxlab.page.compiler.engine_operators import engine_operators
from fxlab.page.compiler.explored_function import run_function
from fxlab.page.compiler.fixed_point_operator import fixed_point_operator
from fxlab.page.compiler.function_replacements import function_replacements
from fxlab.page.compiler.graph import Buffer, Graph
from fxlab.page.compiler.interception import Replacement, replaced
from fxlab.page.compiler.live_replacements import live_replacements
from fxlab.page.compiler.look_ahead import BLOCK, total_lag
from fxlab.page.compiler.operations import OPERATIONS
from fxlab.page.compiler.pitch_operators import converted, heard_conversion, pitch_operators
from fxlab.page.compiler.reader_mode import ReaderMode
from fxlab.page.compiler.recorder import Recorder
from fxlab.page.compiler.refusals import ValueReadError
from fxlab.page.compiler.replacements import uncached_functions
from fxlab.page.compiler.room_operator import room_operator
from fxlab.page.compiler.states import first_state, is_leaf, match_states, track_state


class TraceOptions(NamedTuple):
    """The conditions under which a module is traced."""

    sample_rate: float
    """In Hz."""
    channels: int
    """The number of channels of the input."""
    frames: int = BLOCK
    """The length of the block in samples; for a module that is not live, that of the whole sound."""
    live: bool = True
    """Whether the module runs block by block."""
    total: int | None = None
    """The length of the sound in samples, or None if it is not known."""
    bypass: bool = False
    """Whether the stages of a chain can be left out by `BypassableChain`."""
    heard: bool = False
    """Whether an output of another sample rate is converted to that of the input."""
    movement: bool = False
    """Whether the program contains a program of the parameters that move; see `movement.py`."""


def trace(module: Module, options: TraceOptions) -> Graph:
    """Return the graph of one block of a module, traced at the current values of its parameters.

    A parameter whose value determines the operations is a constant; `Graph.fixed` has the reason.

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
    """Return the graph, in which the parameters at the paths in `fixed` are constants.

    Raises:
        CompileError: The module cannot be compiled, its output is not a tensor, or the trace is live and the output is
            not as long as the block.
        ValueReadError: The operations depend on the value of a parameter.
    """
    sample_rate, frames, live, bypass = options.sample_rate, options.frames, options.live, options.bypass
    recorder = Recorder(OPERATIONS)
    recorder.is_function = recorder.graph.is_function = isinstance(module, Exploration)
    x = input_block(options)
    operators = operators_of(recorder, module, options)
    if not live:
        operators |= pitch_operators(recorder, module)
    if isinstance(module, Exploration):
        operators |= function_replacements(recorder, module)
    if isinstance(module, Audition):
        operators |= audition_replacements(recorder)
    run: Any = BypassableChain(module, recorder) if bypass and isinstance(module, Chain) else module
    with torch.no_grad():
        state = first_state(run, x, sample_rate, recorder, operators) if live else None
        if not isinstance(module, Audition):  # its values are drawn, so that each draw would read other parameters
            track_parameters(recorder, module, fixed)
        recorder.graph.input = recorder.track(x, Buffer(x.numel(), "input", "x"))
        leaves, spec = pytree.tree_flatten(state, is_leaf=is_leaf)
        leaves, states = track_state(recorder, leaves, frames)
        recorder.graph.lag = total_lag(recorder, module)
        with (
            replaced({**uncached_functions(recorder), **operators}),
            ReaderMode(recorder),
            recorder,
            _explained(recorder),
        ):
            if live:
                y, after = run._run_block(x, pytree.tree_unflatten(leaves, spec), sample_rate)
            elif isinstance(module, Exploration):
                y, after = run_function(recorder, module, x, sample_rate, torch.float32), None
            elif isinstance(module, Audition):
                y, after = run_audition(recorder, module, x, sample_rate, heard=options.heard), None
            elif options.heard and isinstance(module, Resample):
                y, after = heard_conversion(recorder, module, x, sample_rate), None
            else:
                y, after = run(x, sample_rate), None
                y = converted(recorder, y, module.output_rate(sample_rate), sample_rate) if options.heard else y
            if not isinstance(y, Tensor):
                raise CompileError(f"{type(module).__name__} returns {y!r}; it must return a tensor (channels, time).")
            responses = responses_of(module, sample_rate, bypass)
            match_states(recorder, states, leaves, pytree.tree_flatten(after, is_leaf=is_leaf)[0])
        recorder.graph.output = recorder.view(y)
        if live and y.shape[-1] != frames:
            raise CompileError(
                f"{type(module).__name__}: a block of {frames} samples gives {y.shape[-1]} samples of output, so that "
                "it cannot run live."
            )
        for path, kind, design in responses:
            recorder.graph.responses.append((path, kind, recorder.array(design)))
    return recorder.graph


def input_block(options: TraceOptions) -> Tensor:
    """Return the block of noise, `(channels, frames)`, with which a module is traced."""
    generator = torch.Generator().manual_seed(1)
    return 0.1 * torch.randn(options.channels, options.frames, dtype=torch.float64, generator=generator)


def operators_of(recorder: Recorder, module: Module, options: TraceOptions) -> dict[tuple[str, str], Replacement]:
    """Return the replacements of the engine's functions by operators, and, if live, those for processing by blocks."""
    operators = {**engine_operators(recorder), **delay_operators(recorder), **fixed_point_operator(recorder)}
    operators |= room_operator(recorder, live=options.live)
    return operators | live_replacements(recorder, module, options.total) if options.live else operators


@contextmanager
def _explained(recorder: Recorder) -> Iterator[None]:
    """Within a `with` block, replace an error that is not a `CompileError` by the error for reading withheld values.

    An error remains as it is if no values were withheld.
    """
    try:
        yield
    except CompileError:
        raise
    except Exception:
        if recorder.withheld:
            recorder.refuse_reading("scalar_value", recorder.withheld)
        raise


def track_parameters(recorder: Recorder, module: Module, fixed: Container[str]) -> None:
    """Make a buffer for each continuous parameter of the module and its parts.

    Parameters at the paths in `fixed`, which end with `[]` for arrays, and those that a control moves have none.
    """
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


def responses_of(module: Module, rate: float, bypass: bool) -> list[tuple[str, str, Tensor]]:
    """Return the path, kind and coefficients of a filter, or of each filter in a chain of filters.

    The list is empty for other modules, also for a chain with a stage of another kind. The kind is `sections` or
    `taps`; filters with moving parameters have their coefficients at time 0. With `bypass`, the list includes the
    bypassed stages.
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
