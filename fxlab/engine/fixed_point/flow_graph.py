"""The difference equations of a filter as data: for each sample, the products, sums and stored values, in integers."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DOUBLINGS = 16  # the number of times that the computed impulse response is doubled, up to 65536 samples
DECAYED = 1e-9  # a response this small, relative to the largest state, is considered finished


class Term(NamedTuple):
    """A product: `factor * 2**-fraction` times the value named `source`, which is the input, a state or a node."""

    source: str
    factor: int
    fraction: int = 0


class Node(NamedTuple):
    """A sum of terms that is rounded to a word and stored under `name`."""

    name: str
    terms: tuple[Term, ...]


class FlowGraph(NamedTuple):
    """The operations of a filter for each sample of its input, which is named `"x"`.

    `nodes` are computed in order, from `"x"`, states and earlier nodes. Then all states are updated at once with the
    values that `delays` assigns to them. `output` is the name of the value that is the output sample.

    >>> graph = FlowGraph((Node("y", (Term("x", 1), Term("y[n-1]", 1, 1))),), (("y[n-1]", "y"),), "y")
    >>> [matrix.tolist() for matrix in graph_state_space(graph)]
    [[[0.5]], [1.0], [0.5], 1.0]
    """

    nodes: tuple[Node, ...]
    delays: tuple[tuple[str, str], ...]
    """For each state, its name and that of the value that it takes after each sample."""
    output: str


def graph_state_space(graph: FlowGraph) -> tuple[Array, Array, Array, Array]:
    """Return `A, B, C, D` of the graph without rounding: `s' = A s + B x` and `y = C s + D x`, where s are its states.

    Shape:
        A: `(states, states)`. B and C: `(states,)`. D: a scalar. States have the order of `graph.delays`.
    """
    rows, next_state = _linear_forms(graph)
    output = rows[graph.output]
    return next_state[:, :-1], next_state[:, -1], output[:-1], output[-1]


def peak_gains(graph: FlowGraph) -> dict[str, float]:
    """Return the largest magnitude that each node can reach for an input within ±1, by the name of the node.

    Rounding and overflow are left out. A peak gain is the sum of the magnitudes of the impulse response from the input
    to the node, until all states have decayed to 1e-9 of the largest value of any state. If a state is still larger
    after 32768 samples, all results are infinite.

    >>> half = FlowGraph((Node("y", (Term("x", 1), Term("y[n-1]", -1, 1))),), (("y[n-1]", "y"),), "y")
    >>> round(peak_gains(half)["y"], 6)
    2.0
    """
    rows, next_state = _linear_forms(graph)
    A, states = next_state[:, :-1], next_state[:, -1:]  # the states one sample after an impulse, later two, …
    nodes = np.stack([rows[node.name] for node in graph.nodes])
    gains = np.abs(nodes[:, -1])
    largest = 0.0
    for _ in range(DOUBLINGS):
        gains = gains + np.abs(nodes[:, :-1] @ states).sum(-1)
        current = float(np.abs(states).max(initial=0.0))
        largest = max(largest, current)
        if current <= DECAYED * largest:
            break
        states, A = _next_states(states, A)
        if not np.isfinite(states).all():
            gains = np.full_like(gains, np.inf)
            break
    else:
        gains = np.full_like(gains, np.inf)
    return {node.name: float(gain) for node, gain in zip(graph.nodes, gains, strict=True)}


def _next_states(states: Array, power: Array) -> tuple[Array, Array]:
    """Return the states at the next `2 * samples` samples, and the square of `power`.

    Column k of `states`, `(number of states, samples)`, has the states at the k-th of `samples` consecutive samples;
    `power` is the state matrix to the power of `samples`.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        ahead = power @ states
        return np.concatenate([ahead, power @ ahead], -1), power @ power


def _linear_forms(graph: FlowGraph) -> tuple[dict[str, Array], Array]:
    """Return the values of the graph, by name, and its next states, as linear combinations of the states and the input.

    A linear combination is a row of coefficients: one for each state in the order of `graph.delays`, then that of the
    input.
    """
    states = [state for state, _ in graph.delays]
    unit = np.eye(len(states) + 1)
    rows = {name: unit[index] for index, name in enumerate([*states, "x"])}
    for name, terms in graph.nodes:
        rows[name] = sum((math.ldexp(t.factor, -t.fraction) * rows[t.source] for t in terms), 0 * unit[0])
    return rows, np.stack([rows[source] for _, source in graph.delays]) if states else np.zeros((0, 1))
