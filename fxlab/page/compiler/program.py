"""`compile_module`: a module at one sample rate as the text of a program."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from fxlab.errors import CompileError, FxlabError
from fxlab.labs.exploration import Exploration
from fxlab.module.module import Module
from fxlab.page.compiler.bypass import is_bypassable
from fxlab.page.compiler.constant_arrays import share_arrays, without_packed_arrays
from fxlab.page.compiler.graph import Graph
from fxlab.page.compiler.javascript import JavaScriptWriter
from fxlab.page.compiler.lab_program import lab_program
from fxlab.page.compiler.look_ahead import BLOCK
from fxlab.page.compiler.movement import MovementGraph, trace_movement
from fxlab.page.compiler.program_text import indent, parameter_paths, program_text
from fxlab.page.compiler.shared_programs import share_programs
from fxlab.page.compiler.simplify import inline_expressions
from fxlab.page.compiler.stages import assign_stages, remove_unused
from fxlab.page.compiler.trace import TraceOptions, trace
from fxlab.page.compiler.variants import (
    Discrete,
    choose_parameters,
    combinations,
    discrete_parameters,
    max_text,
    shares_programs,
)

SEPARATOR = "\0"
"""A character that occurs in no program."""


@dataclass(frozen=True)
class CompiledModule:
    """A module as a program in JavaScript.

    `javascript` evaluates to a function of the engine, `(engine) => Program`; see `browser/src/engine/program.d.ts`.
    """

    javascript: str
    parameters: list[str]
    """The paths of the parameters that can be changed."""
    live: bool
    """Whether the program runs block by block, and not on the whole sound."""
    latency: float
    """The latency of the module in samples."""
    lag: int = 0
    """The delay in samples of the output of a live program relative to that of the module, which may look ahead."""
    fixed: dict[str, str] = field(default_factory=dict)
    """The reason for which a parameter keeps its value, by path."""
    is_rendered: bool = False
    """Whether the program plays renders of the module at some positions and computes nothing."""
    drawings: tuple[str, ...] = ()
    """The names of the plots and pictures that the program computes with each sound."""
    output_channels: int = 0
    """The number of channels of the output; 0 if it is not known."""
    movement: str = ""
    """The part of `javascript` that computes the parameters that move, at any position in the sound."""
    followed: tuple[str, ...] = ()
    """The paths of the parameters that `movement` computes."""
    has_moving_response: bool = False
    """Whether `movement` also computes the designs of the filters that move."""


def compile_module(
    module: Module,
    sample_rate: float,
    channels: int = 2,
    *,
    frames: int | None = None,
    live: bool | None = None,
    variants: bool = True,
    bypass: bool = False,
    heard: bool = False,
    movement: bool = False,
) -> CompiledModule:
    """Return the module as a program.

    Args:
        module: The module, with the values that the program starts with.
        sample_rate: In Hz.
        channels: The number of channels of the input.
        frames: The length of the sound in samples, for a module that needs the whole of it, or its end; None if it is
            not known.
        live: Whether the program runs block by block, and not on the whole sound. None means block by block, or, if
            that is not possible and `frames` is given, on the whole sound. A function of `explore` is never live.
        variants: Whether choices, switches and counts can be changed, as far as the programs for their combinations are
            not too large.
        bypass: Whether the program has parameters that bypass the stages of a chain, such as `"0.bypassed"`, as far as
            that is possible.
        heard: Whether an output at another sample rate is converted to that of the input, at which it is played.
        movement: Whether the program can also compute the values of moving parameters without processing the sound, as
            far as that is possible.

    Raises:
        CompileError: An operation of the module cannot be compiled, in which case the message names it and its line;
            a function of `explore` would have no slider; or `frames` is None for a lab that needs the length.

    >>> from fxlab.filters import LowPass
    >>> compile_module(LowPass(), 48_000).parameters
    ['cutoff', 'q']
    """
    if isinstance(module, Exploration) and module.page_program:
        text, drawings = lab_program(module, sample_rate, channels, frames)
        return CompiledModule(text, list(module.declarations), False, 0.0, drawings=drawings)
    if isinstance(module, Exploration):
        live = False
    options = TraceOptions(sample_rate, channels, total=frames, bypass=bypass, heard=heard, movement=movement)
    if live is None and frames is not None:
        try:
            return _compile_all(module, options, variants)
        except FxlabError:
            live = False
    if live is False:
        options = options._replace(frames=frames or BLOCK, live=False)
    return _compile_all(module, options, variants)


def _compile_all(module: Module, options: TraceOptions, variants: bool) -> CompiledModule:
    """Return the module as a program with its variants.

    Raises:
        CompileError: The module cannot be compiled, or is an explored function none of whose parameters can be changed
            in the page.
    """
    first = None
    if options.bypass and is_bypassable(module, options.sample_rate):
        with suppress(FxlabError):  # a stage that is left out need not compile
            first = _compile(module, options)
    if first is None:
        options = options._replace(bypass=False)
        first = _compile(module, options)
    discrete = discrete_parameters(module)
    is_function = isinstance(module, Exploration)
    size = len(without_packed_arrays(first.javascript)) - len(first.movement)  # the variants share most of these
    chosen = choose_parameters(module, discrete, size) if variants else []
    while chosen:
        try:
            return _with_variants(module, first, chosen, discrete, options)
        except FxlabError as error:
            reason, dropped = str(error), chosen.pop()
            first.fixed[dropped.path] = f"The compiler does not have all of its values: {reason}"
    if is_function and not first.parameters:
        reason = next(iter(first.fixed.values()), "Its values would need too many variants of the program.")
        raise CompileError(f"a page of {type(module).__name__} would have no slider. {reason}")
    return replace(first, fixed=_fixed(first.fixed, discrete, chosen, first.parameters))


def _with_variants(
    module: Module,
    first: CompiledModule,
    chosen: list[Discrete],
    discrete: list[Discrete],
    options: TraceOptions,
) -> CompiledModule:
    """Return a program that contains one for each combination of the values of the `chosen` parameters.

    `first` is the program for the current values, and `discrete` are all discrete parameters.

    Raises:
        CompileError: The programs differ in their parameters or in the delay or the channels of their output, or are
            too large together.
    """
    programs = [([parameter.values[0] for parameter in chosen], first)]
    for values, changed in combinations(module, chosen, options.sample_rate):
        program = _compile(changed, options)
        if program.output_channels != first.output_channels:
            counts = f"{program.output_channels} in place of {first.output_channels}"
            raise CompileError(f"the output has another number of channels: {counts}.")
        if program.lag != first.lag:
            raise CompileError(f"the output is late by {program.lag} samples in place of {first.lag}.")
        lost = {path: reason for path, reason in program.fixed.items() if path in first.parameters}
        if lost or set(first.fixed) & set(program.parameters):
            path, reason = next(iter((lost or first.fixed).items()))
            raise CompileError(f"{path} would keep its value for some of them. {reason}")
        programs.append((values, program))
    paths = [parameter.path for parameter in chosen]
    source = _combined(paths, programs, is_shared=shares_programs(module))
    limit = max_text(module)
    if len(source) > limit:
        raise CompileError(f"the program would have {len(source) / 1e6:.1f} MB, and it may have {limit / 1e6:.1f} MB.")
    names = list(dict.fromkeys(path for _, program in programs for path in program.parameters))
    fixed: dict[str, str] = {}
    for _, program in programs:
        fixed |= program.fixed
    drawings = tuple(dict.fromkeys(name for _, program in programs for name in program.drawings))
    return replace(
        first,
        javascript=source,
        parameters=[*names, *paths],
        fixed=_fixed(fixed, discrete, chosen, names),
        drawings=drawings,
    )


def _combined(paths: list[str], programs: list[tuple[list[Any], CompiledModule]], *, is_shared: bool) -> str:
    """Return the program that runs one of `programs`, selected by the values of the parameters at `paths`.

    Each program comes with the list of the values for which it is run. If `is_shared`, programs that differ only in
    numbers and strings become calls of one function.
    """
    texts = [program.javascript.strip() for _, program in programs]
    joined, arrays = share_arrays(SEPARATOR.join(texts))
    texts, functions = joined.split(SEPARATOR), ""
    if is_shared:  # a program on the audio thread is faster with numbers in its text than with variables
        texts, functions = share_programs(texts)
    parts = [
        f"{{ values: {json.dumps(values)}, make: () => ({text})(engine) }}"
        for (values, _), text in zip(programs, texts, strict=True)
    ]
    listed = ",\n".join(parts)
    combined = f"engine.combineVariants({json.dumps(paths)}, [\n{listed}\n])"
    shared = "\n".join(text for text in (arrays, functions) if text)
    return f"(engine) => {{\n{shared}\nreturn {combined};\n}}\n" if shared else f"(engine) => {combined}\n"


def _fixed(
    fixed: dict[str, str], discrete: list[Discrete], chosen: list[Discrete], followed: list[str]
) -> dict[str, str]:
    kept = [one.path for one in discrete if one not in chosen and one.path not in fixed and one.path not in followed]
    return fixed | dict.fromkeys(kept, "Its values would need too many variants of the program.")


def _compile(module: Module, options: TraceOptions) -> CompiledModule:
    """Return the program for the current values of choices, switches and counts."""
    graph = optimized_graph(module, options)
    text = JavaScriptWriter(graph).write()
    paths = parameter_paths(graph)
    latency = module.latency(options.sample_rate)
    moving = trace_movement(module, options, graph.fixed) if options.movement else None
    movement = [] if moving is None else _movement(moving, options.sample_rate)
    source = program_text(text, graph, paths, options.sample_rate, latency, live=options.live, movement=movement)
    drawings = tuple(drawing.view for drawing in graph.drawings)
    channels = 1 if graph.output is None or len(graph.output.shape) < 2 else graph.output.shape[0]
    made = CompiledModule(
        source, paths, options.live, latency, graph.lag, graph.fixed, drawings=drawings, output_channels=channels
    )
    if moving is None:
        return made
    followed, has_response = tuple(moving.paths), bool(moving.designs)
    return replace(
        made, movement="\n".join(["", *indent(movement, 2)]), followed=followed, has_moving_response=has_response
    )


def optimized_graph(module: Module, options: TraceOptions) -> Graph:
    """Return the graph of a module with assigned stages, without unused statements, and with joined expressions."""
    graph = trace(module, options)
    _optimize(graph)
    return graph


def _optimize(graph: Graph) -> None:
    assign_stages(graph)
    remove_unused(graph)
    inline_expressions(graph)


def _movement(moving: MovementGraph, rate: float) -> list[str]:
    """Return the lines of the function that creates the program of the parameters that move."""
    graph = moving.graph
    _optimize(graph)
    program = program_text(
        JavaScriptWriter(graph).write(), graph, parameter_paths(graph), rate, 0.0, live=True, movement=[]
    )
    lines = program.strip().splitlines()
    return [
        "movement: () => ({",
        f"  {moving.describe()},",
        f"  program: ({lines[0]}",
        *indent(lines[1:-1], 1),
        "  })(engine),",
        "}),",
    ]
