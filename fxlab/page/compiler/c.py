"""A graph as C: a structure with all memory, and the functions that design, reset and process."""

from __future__ import annotations

from collections.abc import Iterable

from fxlab.errors import CompileError
from fxlab.page.compiler.c_runtime import HELPERS, RUNTIME, SCRATCH
from fxlab.page.compiler.elementwise import load
from fxlab.page.compiler.expressions import C
from fxlab.page.compiler.graph import (
    Assign,
    Buffer,
    Call,
    Graph,
    Stage,
    Statement,
    View,
    contiguous_view,
    reads,
    writes,
)
from fxlab.page.compiler.loops import StatementWriter
from fxlab.page.compiler.names import name_buffers
from fxlab.page.compiler.simplify import needs_array
from fxlab.page.compiler.stages import coefficients, results, stage_of

_KEPT = ("state", "work")
"""The kinds of memory that a reset initializes."""


class CWriter:
    """A writer of one graph as C99; the names of the public C functions begin with `name`."""

    def __init__(self, graph: Graph, name: str) -> None:
        self.graph, self.prefix, self.names = graph, name, name_buffers(graph)
        self.arrays = needs_array(graph) | {view.buffer for view in results(graph)}
        self.kept = set(coefficients(graph))
        self.declared: set[Buffer] = set()
        self.members: dict[Buffer, int] = {}
        self.used: dict[str, None] = {}
        self.writer = StatementWriter(C, self._reference, self._is_scalar, self._declare, self._call)

    def write(self, title: str) -> str:
        """Return the text of the C file; `title` is the first line of the comment at its start.

        Raises:
            CompileError: An operator has no version in C.
        """
        graph, name = self.graph, self.prefix
        assert graph.input is not None
        assert graph.output is not None
        channels, frames = graph.input.shape
        design = self._read_parameters()
        design += self._statements(s for s in graph.statements if stage_of(s) is Stage.DESIGN)
        design += [
            f"if ({self._reference(guard.value.buffer)}{'' if self._is_scalar(guard.value.buffer) else '[0]'} "
            f"{'==' if guard.expected else '!='} 0.0) return 1; /* {guard.message} */"
            for guard in graph.guards
        ]
        self.declared.clear()
        process = [
            f"memcpy({self._reference(graph.input.buffer)} + {c * frames}, input[{c}], {frames} * sizeof(double));"
            for c in range(channels)
        ]
        process += self._statements(s for s in graph.statements if stage_of(s) is Stage.BLOCK)
        process += self._output(graph.output) + self._keep_states()
        reset = [f"memset(s->{self.names[b]}, 0, sizeof s->{self.names[b]});" for b in self.members if b.kind in _KEPT]
        for state, _ in graph.states:
            values = state.buffer.values or []
            reset += [f"s->{self.names[state.buffer]}[{i}] = {C.number(v)};" for i, v in enumerate(values) if v]
        outputs = graph.output.shape[0] if len(graph.output.shape) > 1 else 1
        members = [f"  double {self.names[b]}[{max(1, size)}];" for b, size in self.members.items()]
        parts = list(dict.fromkeys(part for function in self.used for part in RUNTIME[function][0]))
        runtime = "".join([HELPERS, *parts, *(RUNTIME[function][1] for function in self.used)])
        paths = [path.removesuffix("[]") for path in graph.parameters]
        order = "\n".join(f"     {i}: {path}" for i, path in self._places(paths))
        return "\n".join(
            [
                f"/* {title}",
                f"   {channels} channels in, {outputs} out, blocks of {frames} frames. Call {name}_reset at first,",
                f"   {name}_design when a value has changed, and {name}_process for each block.",
                f"   {name}_design returns 0, or 1 for values with which the module runs other operations.",
                *(
                    [f"   The output is late by {graph.lag} samples, by which the module looks ahead."]
                    if graph.lag
                    else []
                ),
                "   The values:",
                f"{order} */",
                "#include <math.h>",
                "#include <stddef.h>",
                "#include <string.h>",
                runtime,
                *self._constants(),
                "typedef struct {",
                *members,
                f"}} {name}_state;",
                "",
                f"size_t {name}_size(void) {{ return sizeof({name}_state); }}",
                "",
                *_function(f"void {name}_reset({name}_state *s)", reset),
                *_function(f"int {name}_design({name}_state *s, const double *values)", [*design, "return 0;"]),
                *_function(
                    f"void {name}_process({name}_state *s, const double *const *input, double *const *output)", process
                ),
            ]
        )

    # -- memory -------------------------------------------------------------------------------------------------

    def _places(self, paths: list[str]) -> list[tuple[str, str]]:
        found, at = [], 0
        for path, buffer in zip(paths, self.graph.parameters.values(), strict=True):
            found.append((str(at) if buffer.size == 1 else f"{at} to {at + buffer.size - 1}", path))
            at += buffer.size
        return found

    def _read_parameters(self) -> list[str]:
        lines, at = [], 0
        read = {view.buffer for s in self.graph.statements for view in reads(s)} | self.kept
        for buffer in self.graph.parameters.values():
            if buffer in read:
                if self._is_scalar(buffer):
                    lines.append(f"{self._declare(buffer)} = values[{at}];")
                else:
                    lines.append(f"memcpy({self._reference(buffer)}, values + {at}, {buffer.size} * sizeof(double));")
            at += buffer.size
        return lines

    def _is_scalar(self, buffer: Buffer) -> bool:
        return buffer.size == 1 and buffer not in self.arrays and buffer.kind not in ("state", "input", "output")

    def _reference(self, buffer: Buffer) -> str:
        name = self.names[buffer]
        if buffer.kind == "output":
            return name
        if buffer.kind == "constant":
            return f"({C.number((buffer.values or [0.0])[0])})" if self._is_scalar(buffer) else f"{self.prefix}_{name}"
        if self._is_scalar(buffer):
            if buffer not in self.kept:
                return name
            self.members[buffer] = 1
            return f"s->{name}[0]"
        self.members[buffer] = buffer.size
        return f"s->{name}"

    def _declare(self, buffer: Buffer) -> str:
        if buffer in self.kept or buffer in self.declared:
            return self._reference(buffer)
        self.declared.add(buffer)
        return f"double {self.names[buffer]}"

    def _constants(self) -> list[str]:
        used = {view.buffer for s in self.graph.statements for view in (*reads(s), *writes(s))}
        used |= {view.buffer for view in results(self.graph)}
        return [
            f"static const double {self._reference(b)}[] = {{{', '.join(map(C.number, b.values or [0.0]))}}};"
            for b in sorted(used, key=lambda b: self.names[b])
            if b.kind == "constant" and not self._is_scalar(b)
        ]

    # -- statements ---------------------------------------------------------------------------------------------

    def _statements(self, statements: Iterable[Statement]) -> list[str]:
        lines, place, started = [], "", set[Buffer]()
        for statement in statements:
            if statement.where != place:
                place = statement.where
                lines.append(f"/* {place} */")
            for view in writes(statement):
                if view.buffer.values and view.buffer.kind == "temporary" and view.buffer not in started:
                    started.add(view.buffer)
                    target = self._reference(view.buffer)
                    lines += [f"{target}[{i}] = {C.number(v)};" for i, v in enumerate(view.buffer.values)]
            lines += self.writer.write(statement)
        return lines

    def _call(self, call: Call) -> str:
        if call.function not in RUNTIME:
            raise CompileError(
                f"{call.where}: the operator {call.function} has no version in C. It has one in JavaScript: "
                'export("worklet").'
            )
        self.used[call.function] = None
        sizes = call.memory[1] if call.memory else ()
        arguments = [self._argument(a) if isinstance(a, View) else str(a) for a in (*call.arguments, *sizes)]
        if call.function in SCRATCH:
            size = SCRATCH[call.function](*(a for a in (*call.arguments, *sizes) if isinstance(a, int)))
            arguments.append(self._work_array("scratch", size))
        return f"{call.function}({', '.join(arguments)});"

    def _argument(self, view: View) -> str:
        return f"{self._reference(view.buffer)}{f' + {view.offset}' if view.offset else ''}"

    def _work_array(self, name: str, size: int) -> str:
        """Return the C expression of a new array of `size` numbers, which a reset sets to zero."""
        buffer = Buffer(size, "work", stage=Stage.BLOCK)
        self.names[buffer] = f"{name}{sum(b.kind == 'work' for b in self.members)}"
        self.arrays.add(buffer)
        return self._reference(buffer)

    def _output(self, output: View) -> list[str]:
        lines: list[str] = []
        rows = output.shape[0] if len(output.shape) > 1 else 1
        for row in range(rows):
            source = output
            if len(output.shape) > 1:
                offset = output.offset + row * output.strides[0]
                source = View(output.buffer, offset, output.shape[1:], output.strides[1:])
            target = Buffer(source.numel, "output", stage=Stage.BLOCK)
            self.names[target] = f"output[{row}]"
            lines += self.writer.write(Assign(contiguous_view(target, source.shape), ("load", source)))
        return lines

    def _keep_states(self) -> list[str]:
        """Return the statements that store the states after a block, without overwriting a state that is still read."""
        copies: list[str] = []
        lines: list[str] = []
        states = {state.buffer for state, _ in self.graph.states}
        for state, after in self.graph.states:
            if after.buffer is state.buffer and after.offset == 0 and after.strides == state.strides:
                continue
            source = after
            if after.buffer in states:
                copy = Buffer(state.buffer.size, "work", stage=Stage.BLOCK)
                self.names[copy] = f"kept{sum(b.kind == 'work' for b in self.members)}"
                self.arrays.add(copy)
                source = contiguous_view(copy, state.shape, state.is_complex)
                copies += self._copy(source, after)
            lines += self._copy(state, source)
        return copies + lines

    def _copy(self, target: View, source: View) -> list[str]:
        pairs = [(target, source)]
        if target.is_complex:
            pairs = [(target.real(), source.real()), (target.imag(), source.imag())]
        return [line for to, value in pairs for line in self.writer.write(Assign(to, load(value)))]


def _function(head: str, body: list[str]) -> list[str]:
    unused = [] if any("s->" in line for line in body) else ["  (void)s;"]
    unused += ["  (void)values;"] if "values" in head and not any("values" in line for line in body) else []
    return [f"{head} {{", *unused, *(f"  {line}" for line in body), "}", ""]
