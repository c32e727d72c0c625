"""Modules as programs in other languages, for `Module.export`."""

from __future__ import annotations

from pathlib import Path

from fxlab.errors import ParameterError
from fxlab.module.lti.export_sections import check_export
from fxlab.module.module import Module
from fxlab.page.compiler.c import CWriter
from fxlab.page.compiler.program import compile_module, optimized_graph
from fxlab.page.compiler.trace import TraceOptions
from fxlab.signal.samples import is_integer

ENGINE = Path(__file__).parents[2] / "browser" / "dist" / "engine.js"


def export_program(module: Module, format: str, sample_rate: float, name: str, channels: int) -> str:
    """Return the module as source code; see `Module.export`.

    Raises:
        ParameterError: The format is not known, `name` is not a valid name in C, or `channels` is not a whole number of
            at least 1.
        CompileError: The module cannot be compiled.
    """
    if format not in ("c", "c-program", "worklet"):
        raise ParameterError(f"{module!r}: format is {format!r}; it must be 'c-program' or 'worklet'.")
    check_export("c", name, repr(module))
    if not is_integer(channels) or channels < 1:
        raise ParameterError(f"{module!r}: channels is {channels!r}; it must be a whole number of at least 1.")
    if format == "worklet":
        return _worklet(module, sample_rate, name, channels)
    graph = optimized_graph(module, TraceOptions(sample_rate, channels))
    return CWriter(graph, name).write(f"{module!r} at {sample_rate:g} Hz".replace("*/", "* /"))


def _worklet(module: Module, sample_rate: float, name: str, channels: int) -> str:
    compiled = compile_module(module, sample_rate, channels, live=True)
    program = compiled.javascript
    title = f"// {module!r} at {sample_rate:g} Hz, for an AudioContext of this sample rate.".replace("\n", " ")
    if compiled.lag:
        title += f"\n// The output is late by {compiled.lag} samples, by which the module looks ahead."
    return f"""{title}
// Parameters are set by messages: node.port.postMessage({{ path: value }}).
{ENGINE.read_text()}
const createProgram = {program.strip()};

registerProcessor(
  "{name}",
  class extends AudioWorkletProcessor {{
    constructor() {{
      super();
      const program = createProgram(fxlabEngine);
      const block = (count) => Array.from({{ length: count }}, () => new Float64Array(program.blockSize));
      this.processor = program.createProcessor();
      this.coefficients = program.design({{}});
      this.input = block(program.channels);
      this.output = block(program.outputChannels);
      const values = {{}};
      this.port.onmessage = ({{ data }}) => {{
        Object.assign(values, data);
        this.coefficients = program.design(values);
      }};
    }}

    process([input], [output]) {{
      this.input.forEach((channel, i) => {{
        if (input.length) channel.set(input[Math.min(i, input.length - 1)]);
        else channel.fill(0);
      }});
      this.processor.process(this.input, this.output, this.coefficients);
      output.forEach((channel, i) => channel.set(this.output[Math.min(i, this.output.length - 1)]));
      return true;
    }}
  }},
);
"""
