"""The parameters on which recorded values depend, and the rule for large constants that the page computes."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from fxlab.page.compiler.graph import Buffer, Graph, reads, writes

MIN_EXPANDED, EXPANSION = 10_000, 4
"""The size of a result, and its ratio to the operands, from which a function of constants is computed in the page."""


def dependencies(graph: Graph, buffers: list[Buffer]) -> tuple[set[str], bool]:
    """Return the parameters on which buffers depend, and whether they depend on nothing else."""
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


def is_expanded(operands: list[Tensor], result: Any) -> bool:
    """Return whether an operation of constants gives so many more numbers than it reads that the page computes them."""
    if not isinstance(result, Tensor) or result.numel() < MIN_EXPANDED:
        return False
    sizes = (tensor.untyped_storage().nbytes() // tensor.element_size() for tensor in operands)
    return result.numel() > EXPANSION * sum(sizes)
