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
    rows, after = _rows(graph)
    seen = rows[graph.output]
    return after[:, :-1], after[:, -1], seen[:-1], seen[-1]


def peak_gains(graph: FlowGraph) -> dict[str, float]:
    """The largest value that each node can take for an input that stays within ±1, without any rounding.

    It is the sum of the magnitudes of the impulse response up to there; infinite where that does not die away within
    65536 samples.

    >>> half = FlowGraph((Node("y", (Term("x", 1), Term("y[n-1]", -1, 1))),), (("y[n-1]", "y"),), "y")
    >>> round(peak_gains(half)["y"], 6)
    2.0
    """
    rows, after = _rows(graph)
    A, past = after[:, :-1], after[:, -1:]  # the states one sample after an impulse, then two, …
    nodes = np.stack([rows[node.name] for node in graph.nodes])
    gains = np.abs(nodes[:, -1])
    largest = 0.0
    for _ in range(16):
        gains = gains + np.abs(nodes[:, :-1] @ past).sum(-1)
        here = float(np.abs(past).max(initial=0.0))
        largest = max(largest, here)
        if here <= 1e-9 * largest:
            break
        past, A = _onward(past, A)
        if not np.isfinite(past).all():
            gains = np.full_like(gains, np.inf)
            break
    else:
        gains = np.full_like(gains, np.inf)
    return {node.name: float(gain) for node, gain in zip(graph.nodes, gains, strict=True)}


def _onward(past: Array, power: Array) -> tuple[Array, Array]:
    """The next stretch of states, twice as long as the last but for the first, and the power of A that leads on."""
    with np.errstate(over="ignore", invalid="ignore"):
        ahead = power @ past
        return np.concatenate([ahead, power @ ahead], -1), power @ power


def _rows(graph: FlowGraph) -> tuple[dict[str, Array], Array]:
    """Every value as a row of factors of the states and of the input, and the rows of the states one sample on."""
    states = [state for state, _ in graph.delays]
    unit = np.eye(len(states) + 1)
    rows = {name: unit[place] for place, name in enumerate([*states, "x"])}
    for name, terms in graph.nodes:
        rows[name] = sum((math.ldexp(t.factor, -t.fraction) * rows[t.source] for t in terms), 0 * unit[0])
    return rows, np.stack([rows[source] for _, source in graph.delays]) if states else np.zeros((0, 1))
