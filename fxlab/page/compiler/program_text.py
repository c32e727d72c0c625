"""The text of a program in JavaScript, from the texts of its parts."""

from __future__ import annotations

import json

from fxlab.page.compiler.graph import Graph
from fxlab.page.compiler.program_parts import Text


def parameter_paths(graph: Graph) -> list[str]:
    """Return the paths of the parameters of a graph; an array has one path for each of its numbers."""
    paths: list[str] = []
    for path, buffer in graph.parameters.items():
        if path.endswith("[]"):
            paths += [f"{path.removesuffix('[]')}.{number}" for number in range(buffer.size)]
        else:
            paths.append(path)
    return paths


def program_text(
    text: Text, graph: Graph, paths: list[str], rate: float, latency: float, *, live: bool, movement: list[str]
) -> str:
    """Return the text of the program of a graph.

    The text ends with a line break.

    Args:
        text: The parts of the program.
        graph: The graph.
        paths: The paths of its parameters.
        rate: The sample rate in Hz.
        latency: The latency of the module in samples.
        live: Whether the program runs block by block.
        movement: The lines of the function that creates the program of the parameters that move.
    """
    assert graph.input is not None
    assert graph.output is not None
    channels, frames = graph.input.shape
    outputs = graph.output.shape[0] if len(graph.output.shape) > 1 else 1
    lines = [
        "(engine) => {",
        *indent(text.constants, 1),
        "  return {",
        f"    rate: {rate:g},",
        f"    channels: {channels},",
        f"    outputChannels: {outputs},",
        f"    latency: {latency:g},",
        f"    lag: {graph.lag},",
        f"    live: {json.dumps(live)},",
        f"    blockSize: {frames},",
        f"    outputSize: {graph.output.shape[-1]},",
        f"    parameters: {json.dumps(paths)},",
        f"    fixed: {json.dumps(graph.fixed)},",
        f"    steps: {json.dumps(text.steps)},",
        *(["    isFunction: true,"] if graph.is_function else []),
        *indent(movement, 2),
        "    design(values) {",
        *indent(text.design, 3),
        "    },",
        "    response(coefficients) {",
        f"      return {text.response};",
        "    },",
        *(["    outputLength(coefficients) {", f"      return {text.length};", "    },"] if text.length else []),
        "    createProcessor() {",
        *indent(text.memory, 3),
        "      return {",
        "        process(input, output, coefficients, position) {",
        *indent(text.process, 5),
        *indent(text.drawings, 5),
        "        },",
        f"        states: [{', '.join(text.states)}],",
        "        copyState(other) {",
        "          this.states.forEach((state, i) => state.set(other.states[i]));",
        "        },",
        "        reset() {",
        *indent(text.reset, 5),
        "        },",
        "      };",
        "    },",
        "  };",
        "}",
    ]
    return "\n".join(lines) + "\n"


def indent(lines: list[str], depth: int) -> list[str]:
    """Return lines that are indented by `depth` steps of two spaces."""
    return [f"{'  ' * depth}{line}" for line in lines]
