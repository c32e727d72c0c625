"""The parameters on which recorded values depend."""

from __future__ import annotations

from fxlab.page.compiler.graph import Buffer, Graph, reads, writes


def dependencies(graph: Graph, buffers: list[Buffer]) -> tuple[set[str], bool]:
    """Return the paths of the parameters on which `buffers` depend, and whether they depend on parameters alone.

    The second result is False if a buffer depends on the input or on a state; constants do not matter.
    """
    pending, seen = list(buffers), set()
    while pending:
        buffer = pending.pop()
        if buffer in seen:
            continue
        seen.add(buffer)
        for statement in graph.statements:
            if any(view.buffer is buffer for view in writes(statement)):
                pending += [view.buffer for view in reads(statement)]
    paths = {buffer.name for buffer in seen if buffer.kind == "parameter"}
    return paths, not any(buffer.kind in ("input", "state") for buffer in seen)
