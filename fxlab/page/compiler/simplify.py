"""Joining statements: an expression that is read once moves to where it is read."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from fxlab.page.compiler.graph import Assign, Buffer, Call, Expression, Graph, Reduce, View, loads, reads, writes
from fxlab.page.compiler.stages import results, stage_of

MAX_SIZE = 40
"""An expression moves into another one only if it has fewer operations and operands than this."""


def inline_expressions(graph: Graph) -> None:
    """Move assignments whose buffers are written and read once into the statements that read them, where possible.

    An assignment moves only if all elements of its buffer are read in the same order, and in the same stage.
    """
    written: Counter[Buffer] = Counter(view.buffer for s in graph.statements for view in writes(s))
    read: Counter[Buffer] = Counter(view.buffer for s in graph.statements for view in reads(s))
    kept = {view.buffer for view in results(graph)} | {guard.value.buffer for guard in graph.guards}
    pending: dict[Buffer, Assign] = {}
    statements: list[Assign | Reduce | Call] = []
    for statement in graph.statements:
        if not isinstance(statement, Call):
            statement = replace(statement, value=_substitute(statement, pending))  # noqa: PLW2901
        for view in writes(statement):  # statements that read the old values of a buffer stay before its next write
            for buffer in [b for b, waiting in pending.items() if any(v.buffer is view.buffer for v in reads(waiting))]:
                statements.append(pending.pop(buffer))
        for view in reads(statement):
            if view.buffer in pending:
                statements.append(pending.pop(view.buffer))
        if isinstance(statement, Assign) and _may_move(statement, written, read, kept):
            pending[statement.out.buffer] = statement
        else:
            statements.append(statement)
    statements += pending.values()
    graph.statements = statements


def _may_move(statement: Assign, written: Counter[Buffer], read: Counter[Buffer], kept: set[Buffer]) -> bool:
    buffer = statement.out.buffer
    return (
        written[buffer] == 1
        and read[buffer] == 1
        and buffer not in kept
        and buffer.kind == "temporary"
        and buffer.values is None
        and statement.out.numel == buffer.size
        and _size(statement.value) < MAX_SIZE
    )


def _substitute(statement: Assign | Reduce, pending: dict[Buffer, Assign]) -> Expression:
    stage, written = stage_of(statement), statement.out.buffer

    def walk(value: Expression) -> Expression:
        if value[0] == "load":
            view: View = value[1]
            source = pending.get(view.buffer)
            if source is None or stage_of(source) is not stage or not _is_same_place(view, source.out):
                return value
            if any(read.buffer is written and not _is_same_place(read, statement.out) for read in loads(source.value)):
                return value  # the loop would read elements that it has written
            del pending[view.buffer]
            return source.value
        if value[0] == "at":
            return value
        return (value[0], *(walk(part) if isinstance(part, tuple) else part for part in value[1:]))

    return walk(statement.value)


def _is_same_place(view: View, out: View) -> bool:
    if view.is_negative or out.is_negative or view.offset != out.offset:
        return False
    return (view.shape == out.shape and view.strides == out.strides) or view.numel == out.numel == 1


def _size(value: Expression) -> int:
    return 1 + sum(_size(part) for part in value[1:] if isinstance(part, tuple))


def needs_array(graph: Graph) -> set[Buffer]:
    """Return the buffers that must be arrays: all arguments of calls, and those of several numbers that are loaded."""
    found: set[Buffer] = set()
    for statement in graph.statements:
        if isinstance(statement, Call):
            found |= {view.buffer for view in (*reads(statement), *writes(statement))}
        else:
            found |= {view.buffer for view in loads(statement.value) if view.buffer.size > 1}
    return found
