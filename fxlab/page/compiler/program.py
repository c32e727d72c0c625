"""`compile_module`: a module at one sample rate as the text of a program."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from fxlab.errors import FxlabError
from fxlab.module.module import Module
from fxlab.page.compiler.graph import Graph
from fxlab.page.compiler.javascript import JavaScriptWriter, Text
from fxlab.page.compiler.simplify import inline_expressions
from fxlab.page.compiler.stages import assign_stages, remove_unused
from fxlab.page.compiler.trace import BLOCK, trace


@dataclass(frozen=True)
class CompiledModule:
    """A module as a program of the page.

    `javascript` evaluates to a function of the engine, `(engine) => Program`; see `browser/src/engine/program.d.ts`.
    """

    javascript: str
    parameters: list[str]
    live: bool
    latency: float
    fixed: dict[str, str] = field(default_factory=dict)
    """Why a parameter keeps its value, by path."""


def compile_module(
    module: Module, sample_rate: float, channels: int = 2, *, frames: int | None = None, live: bool | None = None
) -> CompiledModule:
    """Return the module as a program.

    Args:
        module: The module, with the values that the program starts with.
        sample_rate: In Hz.
        channels: The channels of the input.
        frames: The length of the sound, for a module that needs the whole of it.
        live: Whether the program runs block by block; None for whichever is possible, block by block if both are.

    Raises:
        CompileError: An operation of the module cannot be compiled; the message names it and its line.

    >>> from fxlab.filters import LowPass
    >>> compile_module(LowPass(), 48_000).parameters
    ['cutoff', 'q']
    """
    try:
        graph = trace(
            module, sample_rate, channels, BLOCK if live is not False else frames or BLOCK, live=live is not False
        )
    except FxlabError:
        if live is not None or frames is None:
            raise
        graph = trace(module, sample_rate, channels, frames, live=False)
        live = False
    live = live is not False
    optimized(graph)
    text = JavaScriptWriter(graph).write()
    paths = _paths(graph)
    latency = module.latency(sample_rate)
    source = _program(text, graph, paths, sample_rate, latency, live)
    return CompiledModule(source, paths, live, latency, graph.fixed)


def optimized(graph: Graph) -> Graph:
    """Return the graph with the stage of every value, without what is not needed, and with joined expressions."""
    assign_stages(graph)
    remove_unused(graph)
    inline_expressions(graph)
    return graph


def _paths(graph: Graph) -> list[str]:
    paths: list[str] = []
    for path, buffer in graph.parameters.items():
        if path.endswith("[]"):
            paths += [f"{path.removesuffix('[]')}.{number}" for number in range(buffer.size)]
        else:
            paths.append(path)
    return paths


def _program(text: Text, graph: Graph, paths: list[str], rate: float, latency: float, live: bool) -> str:
    assert graph.input is not None
    assert graph.output is not None
    channels, frames = graph.input.shape
    outputs = graph.output.shape[0] if len(graph.output.shape) > 1 else 1
    lines = [
        "(engine) => {",
        *_indent(text.constants, 1),
        "  return {",
        f"    rate: {rate:g},",
        f"    channels: {channels},",
        f"    outputChannels: {outputs},",
        f"    latency: {latency:g},",
        f"    live: {json.dumps(live)},",
        f"    blockSize: {frames},",
        f"    outputSize: {graph.output.shape[-1]},",
        f"    parameters: {json.dumps(paths)},",
        f"    fixed: {json.dumps(graph.fixed)},",
        f"    steps: {json.dumps(text.steps)},",
        "    design(values) {",
        *_indent(text.design, 3),
        "    },",
        "    response(coefficients) {",
        f"      return {text.response};",
        "    },",
        "    createProcessor() {",
        *_indent(text.memory, 3),
        "      return {",
        "        process(input, output, coefficients) {",
        *_indent(text.process, 5),
        "        },",
        f"        states: [{', '.join(text.states)}],",
        "        copyState(other) {",
        "          this.states.forEach((state, i) => state.set(other.states[i]));",
        "        },",
        "        reset() {",
        *_indent(text.reset, 5),
        "        },",
        "      };",
        "    },",
        "  };",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _indent(lines: list[str], depth: int) -> list[str]:
    return [f"{'  ' * depth}{line}" for line in lines]
