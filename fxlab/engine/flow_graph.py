"""A filter's difference equations as data: what is multiplied, added and stored in one sample, in whole numbers."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Term(NamedTuple):
    """`factor * 2**-fraction` times the value called `source`."""

    source: str
    factor: int
    fraction: int = 0


class Node(NamedTuple):
    """A sum of terms that is rounded to a word and kept under `name`."""

    name: str
    terms: tuple[Term, ...]


class FlowGraph(NamedTuple):
    """What a filter does to each sample, which is called `"x"`.

    `nodes` are worked out in their order, from `"x"`, from states and from earlier nodes. Then every state takes over
    the value that `delays` names beside it, all at once.

    >>> graph = FlowGraph((Node("y", (Term("x", 1), Term("y[n-1]", 1, 1))),), (("y[n-1]", "y"),), "y")
    >>> [matrix.tolist() for matrix in state_space(graph)]
    [[[0.5]], [1.0], [0.5], 1.0]
    """

    nodes: tuple[Node, ...]
    delays: tuple[tuple[str, str], ...]
    """`(state, source)`."""
    output: str


def state_space(graph: FlowGraph) -> tuple[Array, Array, Array, Array]:
    """`A, B, C, D` of the graph without any rounding: `s' = A s + B x`, `y = C s + D x`."""
    states = [state for state, _ in graph.delays]
    unit = np.eye(len(states) + 1)
    rows = {name: unit[place] for place, name in enumerate([*states, "x"])}
    for name, terms in graph.nodes:
        rows[name] = sum((math.ldexp(t.factor, -t.fraction) * rows[t.source] for t in terms), 0 * unit[0])
    after = np.stack([rows[source] for _, source in graph.delays]) if states else np.zeros((0, 1))
    seen = rows[graph.output]
    return after[:, :-1], after[:, -1], seen[:-1], seen[-1]
