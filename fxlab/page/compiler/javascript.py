"""A graph as JavaScript: the function `design`, and a processor whose function `process` computes one block."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fxlab.page.compiler.constant_arrays import array_of, reset_array
from fxlab.page.compiler.drawings import write_drawings
from fxlab.page.compiler.expressions import JAVASCRIPT, write_number
from fxlab.page.compiler.graph import (
    Assign,
    Buffer,
    Call,
    Graph,
    Guard,
    Stage,
    Statement,
    View,
    contiguous_view,
    reads,
    writes,
)
from fxlab.page.compiler.loops import StatementWriter
from fxlab.page.compiler.names import name_buffers
from fxlab.page.compiler.program_parts import Text
from fxlab.page.compiler.simplify import needs_array
from fxlab.page.compiler.stages import coefficients, results, stage_of

if TYPE_CHECKING:
    from collections.abc import Iterable

MIN_COPY = 256
"""The least count of numbers that are copied by one call."""


class JavaScriptWriter:
    """A writer of one graph as JavaScript; `write` returns the parts of the program, and is called once."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.names = graph, name_buffers(graph)
        self.coefficients = coefficients(graph)
        self.arrays = needs_array(graph) | {view.buffer for view in results(graph)}
        self.text = Text()
        self._objects = 0
        self.declared: set[Buffer] = set()
        self._written: dict[Buffer, int] = {}
        for statement in graph.statements:
            for view in writes(statement):
                self._written[view.buffer] = self._written.get(view.buffer, 0) + 1
        self.writer = StatementWriter(JAVASCRIPT, self._reference, self._is_scalar, self._declare, self._call)
        self._stage = Stage.DESIGN

    def write(self) -> Text:
        """Return the JavaScript code of all parts of the program."""
        graph, text = self.graph, self.text
        self._write_constants()
        for path, buffer in graph.parameters.items():
            if any(view.buffer is buffer for s in graph.statements for view in reads(s)) or buffer in self.coefficients:
                text.design.append(self._read_parameter(path, buffer))
        text.design += self._statements(s for s in graph.statements if stage_of(s) is Stage.DESIGN)
        text.design = self._arrays(Stage.DESIGN) + text.design
        text.design += [self._check(guard) for guard in graph.guards]
        pairs = ", ".join(self._returned(buffer) for buffer in self.coefficients)
        text.design.append(f"return {{ {pairs} }};" if pairs else "return {};")
        self._stage = Stage.BLOCK
        self._write_process()
        text.drawings = write_drawings(graph, self._argument)
        named = ((path, kind, self._after_design(view.buffer)) for path, kind, view in graph.responses)
        parts = [f'{{ path: "{path}", {kind}: {name} }}' for path, kind, name in named]
        text.response = f"[{', '.join(parts)}]"
        text.length = f"{self._after_design(graph.output_length.buffer)}[0]" if graph.output_length else ""
        text.steps = [self.names[buffer] for buffer in self.coefficients if buffer.whole]
        return text

    # -- memory -------------------------------------------------------------------------------------------------

    def _write_constants(self) -> None:
        used = {view.buffer for s in self.graph.statements for view in (*reads(s), *writes(s))}
        used |= {view.buffer for view in results(self.graph)}
        for buffer in sorted((b for b in used if b.kind == "constant"), key=lambda b: self.names[b]):
            if not self._is_scalar(buffer):
                self.text.constants.append(f"const {self.names[buffer]} = {array_of(buffer.values or [])};")
        for buffer in used:
            if buffer.kind == "temporary" and buffer not in self._written:
                initial = array_of(buffer.values) if buffer.values else f"new Float64Array({buffer.size})"
                self.text.constants.append(f"const {self.names[buffer]} = {initial};")

    def _arrays(self, stage: Stage) -> list[str]:
        lines, seen = [], set()
        for statement in self.graph.statements:
            if stage_of(statement) is not stage:
                continue
            for view in writes(statement):
                buffer = view.buffer
                if buffer in seen or buffer.kind != "temporary" or self._is_scalar(buffer):
                    continue
                seen.add(buffer)
                initial = f"new Float64Array({buffer.size})" if buffer.values is None else array_of(buffer.values)
                lines.append(f"const {self.names[buffer]} = {initial};")
        return lines

    def _read_parameter(self, path: str, buffer: Buffer) -> str:
        name = self.names[buffer]
        if buffer.values is None or (len(buffer.values) == 1 and not buffer.name.endswith("[]")):
            start = write_number((buffer.values or [0.0])[0])
            value = f'engine.number(values, "{path}", {start})'
            return (
                f"const {name} = {value};" if self._is_scalar(buffer) else f"const {name} = Float64Array.of({value});"
            )
        value = f'engine.numbers(values, "{path.removesuffix("[]")}", {array_of(buffer.values)})'
        return f"const {name} = {value}{'[0]' if self._is_scalar(buffer) else ''};"

    def _is_scalar(self, buffer: Buffer) -> bool:
        return buffer.size == 1 and buffer not in self.arrays and buffer.kind not in ("state", "input")

    def _check(self, guard: Guard) -> str:
        """Return the statement that refuses values for which the program is not valid."""
        at = "" if self._is_scalar(guard.value.buffer) else f"[{guard.value.offset}]"
        wrong = "===" if guard.expected else "!=="
        return f"if ({self._reference(guard.value.buffer)}{at} {wrong} 0) engine.refuse({json.dumps(guard.message)});"

    def _after_design(self, buffer: Buffer) -> str:
        return f"coefficients.{self.names[buffer]}" if buffer in self.coefficients else self.names[buffer]

    def _returned(self, buffer: Buffer) -> str:
        name = self.names[buffer]
        return f"{name}: Float64Array.of({name})" if self._is_scalar(buffer) else name

    def _reference(self, buffer: Buffer) -> str:
        if buffer.kind == "constant" and self._is_scalar(buffer):
            value = write_number((buffer.values or [0.0])[0])
            return f"({value})" if value.startswith("-") else value
        return self.names[buffer]

    def _declare(self, buffer: Buffer) -> str:
        if buffer in self.declared:
            return self.names[buffer]
        self.declared.add(buffer)
        return f"{'const' if self._written[buffer] == 1 else 'let'} {self.names[buffer]}"

    # -- statements ---------------------------------------------------------------------------------------------

    def _statements(self, statements: Iterable[Statement]) -> list[str]:
        lines, place = [], ""
        for statement in statements:
            if statement.where != place:
                place = statement.where
                lines.append(f"// {place}")
            lines += self._whole_copy(statement) or self.writer.write(statement)
        return lines

    def _whole_copy(self, statement: Statement) -> list[str]:
        """Return the line that copies a contiguous array of `MIN_COPY` or more numbers; none for other statements."""
        if not isinstance(statement, Assign) or statement.value[0] != "load" or self._stage is not Stage.BLOCK:
            return []
        out, source = statement.out, statement.value[1]
        is_plain = out.is_contiguous() and source.is_contiguous() and source.buffer.kind != "constant"
        if not is_plain or out.numel < MIN_COPY or source.buffer.stage is not Stage.BLOCK:
            return []
        return [f"{self._argument(out)}.set({self._argument(source)});"]

    def _call(self, call: Call) -> str:
        arguments = ", ".join(self._argument(a) if isinstance(a, View) else _literal(a) for a in call.arguments)
        if not call.memory:
            return f"engine.{call.function}({arguments});"
        name = f"{call.function}{self._objects}"
        self._objects += 1
        create, sizes = call.memory
        self.text.memory.append(f"const {name} = engine.{create}({', '.join(map(str, sizes))});")
        self.text.reset.append(f"{name}.reset();")
        self.text.states.append(f"...{name}.states")
        return f"{name}.process({arguments});"

    def _argument(self, view: View) -> str:
        name, count = self.names[view.buffer], view.numel * (2 if view.is_complex else 1)
        if view.offset == 0 and count == view.buffer.size:
            return name
        part, end = f"{name}_from_{view.offset}_{count}", view.offset + count
        if self._stage is Stage.BLOCK and view.buffer.stage is Stage.BLOCK:
            line = f"const {part} = {name}.subarray({view.offset}, {end});"
            if line not in self.text.memory:
                self.text.memory.append(line)
            return part
        return f"{name}.subarray({view.offset}, {end})"

    def _write_process(self) -> None:
        graph, text = self.graph, self.text
        assert graph.input is not None
        assert graph.output is not None
        channels, frames = graph.input.shape
        text.memory.append(f"const {self.names[graph.input.buffer]} = new Float64Array({graph.input.numel});")
        for view, _ in graph.states:
            buffer = view.buffer
            text.memory.append(f"const {self.names[buffer]} = {array_of(buffer.values or [])};")
            text.states.append(self.names[buffer])
            text.reset.append(reset_array(self.names[buffer], buffer.values or []))
        text.memory += self._arrays(Stage.BLOCK)
        lines, block = [], [s for s in graph.statements if stage_of(s) is Stage.BLOCK]
        used = {view.buffer for s in block for view in reads(s)} | {view.buffer for view in results(graph)}
        for buffer in self.coefficients:
            if buffer in used:
                at = "[0]" if self._is_scalar(buffer) else ""
                lines.append(f"const {self.names[buffer]} = coefficients.{self.names[buffer]}{at};")
        for buffer in used:
            if buffer.kind == "temporary" and buffer.values is not None and buffer.stage is Stage.BLOCK:
                lines.append(f"{reset_array(self.names[buffer], buffer.values)}")
        for channel in range(channels):
            lines.append(
                f"engine.readInput({self.names[graph.input.buffer]}, {channel * frames}, input[{channel}], {frames});"
            )
        for view, _ in graph.states:
            if view.buffer in graph.positions:
                lines.append(self._move(view.buffer, frames))
        lines += self._statements(block)
        lines += self._write_output(graph.output)
        lines += self._keep_states()
        text.process = lines

    def _move(self, buffer: Buffer, frames: int) -> str:
        """Return the statement that sets the state `buffer` to the position in the sound, if the page passes one."""
        first, growth, delay = self.graph.positions[buffer]
        place = f"Math.max(0, position - {delay})" if delay else "position"
        moved = place if growth == frames else f"{place} * {write_number(growth / frames)}"
        value = f"{write_number(first)} + {moved}" if first else moved
        return f"if (position !== undefined) {self.names[buffer]}[0] = {value};"

    def _write_output(self, output: View) -> list[str]:
        rows = output.shape[:-1]
        lines: list[str] = []
        flat = [()] if not rows else [(c,) for c in range(rows[0])]
        for number, place in enumerate(flat):
            source = output
            if place:
                source = View(
                    output.buffer,
                    output.offset + place[0] * output.strides[0],
                    output.shape[1:],
                    output.strides[1:],
                    is_negative=output.is_negative,
                )
            target = Buffer(source.numel, "output", f"output[{number}]", stage=Stage.BLOCK)
            self.names[target] = f"output[{number}]"
            self.arrays.add(target)
            lines += self.writer.write(Assign(contiguous_view(target, source.shape), ("load", source)))
        return lines

    def _keep_states(self) -> list[str]:
        lines: list[str] = []
        buffers = {view.buffer for view, _ in self.graph.states}
        pending = [
            (s, a)
            for s, a in self.graph.states
            if not (a.buffer is s.buffer and a.offset == 0 and a.strides == s.strides)
        ]
        for number, (state, after) in enumerate(pending):
            source = after
            if after.buffer in buffers:  # a state that moves into another one
                copy = Buffer(state.buffer.size, stage=Stage.BLOCK)
                self.names[copy] = f"kept{number}"
                self.arrays.add(copy)
                self.text.memory.append(f"const kept{number} = new Float64Array({copy.size});")
                target = contiguous_view(copy, state.shape, state.is_complex)
                lines = self._copy(target, after) + lines
                source = target
            lines += self._copy(state, source)
        return lines

    def _copy(self, target: View, source: View) -> list[str]:
        if source.is_contiguous() and target.is_contiguous():
            name, whole = self.names[source.buffer], source.numel == source.buffer.size and not source.offset
            if whole:
                return [f"{self.names[target.buffer]}.set({name});"]
            if source.numel > 1 and source.buffer.stage is Stage.BLOCK:
                return [f"{self.names[target.buffer]}.set({self._argument(source)});"]
        if source.is_complex or target.is_complex:
            pairs = [(target.real(), source.real()), (target.imag(), source.imag())]
        else:
            pairs = [(target, source)]
        return [line for t, s in pairs for line in self.writer.write(Assign(t, ("load", s)))]


def _literal(value: int | float | str) -> str:
    return f'"{value}"' if isinstance(value, str) else write_number(float(value))
