"""The division of a graph into the stages design and block, and the removal of unused statements."""

from __future__ import annotations

from fxlab.page.compiler.graph import Buffer, Graph, Stage, Statement, View, reads, writes


def assign_stages(graph: Graph) -> None:
    """Set the stage of every buffer: that of the latest value that it depends on.

    In the graph of an explored function, all values that no guard needs are computed in the stage `BLOCK`.
    """
    for buffer in graph.parameters.values():
        buffer.stage = Stage.DESIGN
    for view in (graph.input, *(state for state, _ in graph.states)):
        if view is not None:
            view.buffer.stage = Stage.BLOCK
    if graph.is_function:
        _assign_to_block(graph)
    changed = True
    while changed:
        changed = False
        for statement in graph.statements:
            out = writes(statement)
            stage = max([Stage.DESIGN, *(view.buffer.stage for view in (*reads(statement), *out))])
            for view in out:
                if view.buffer.stage < stage:
                    view.buffer.stage, changed = stage, True


def _assign_to_block(graph: Graph) -> None:
    """Set the stage of values that no guard needs to `BLOCK`, since a function runs too long for the page's thread."""
    needed = {guard.value.buffer for guard in graph.guards}
    for statement in reversed(graph.statements):
        if any(view.buffer in needed for view in writes(statement)):
            needed |= {view.buffer for view in reads(statement)}
    for statement in graph.statements:
        for view in writes(statement):
            if view.buffer not in needed:
                view.buffer.stage = Stage.BLOCK


def stage_of(statement: Statement) -> Stage:
    """Return the stage in which a statement runs."""
    return max(view.buffer.stage for view in writes(statement))


def results(graph: Graph) -> list[View]:
    """Return the views that are read after the last statement."""
    return [*_outputs(graph), *(after for _, after in graph.states)]


def _outputs(graph: Graph) -> list[View]:
    """Return the views that are read outside of the program: the sound, its length, the drawings and the responses."""
    output = [view for view in (graph.output, graph.output_length) if view is not None]
    drawn = [view for drawing in graph.drawings for view in drawing.vectors.values()]
    return [*output, *drawn, *graph.numbers, *(view for _, _, view in graph.responses)]


def remove_unused(graph: Graph) -> None:
    """Remove the statements and the states on which neither an output of the program nor a guard depends."""
    states = graph.states
    live: set[Buffer] = {view.buffer for view in _outputs(graph)} | {guard.value.buffer for guard in graph.guards}
    kept: list[Statement] = []
    count = -1
    while len(live) != count:
        count, kept = len(live), []
        live |= {after.buffer for state, after in states if state.buffer in live}
        for statement in reversed(graph.statements):
            if any(view.buffer in live for view in writes(statement)):
                kept.append(statement)
                live |= {view.buffer for view in reads(statement)}
    graph.statements = kept[::-1]
    graph.states = [(state, after) for state, after in states if state.buffer in live]


def coefficients(graph: Graph) -> list[Buffer]:
    """Return the buffers of the stage `DESIGN` that are read for each block, or are among the `results`."""
    found: dict[Buffer, None] = {}
    views = [view for s in graph.statements if stage_of(s) is Stage.BLOCK for view in reads(s)]
    for view in (*views, *results(graph)):
        if view.buffer.stage is Stage.DESIGN:
            found[view.buffer] = None
    return list(found)
