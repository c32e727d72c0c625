"""A flow graph compiled to a Python function that computes with integers in a word format."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from fxlab.engine.fixed_point.flow_graph import FlowGraph, Node, Term
from fxlab.engine.fixed_point.word_format import WordFormat


@lru_cache(maxsize=64)
def compile_graph(graph: FlowGraph, word: WordFormat, mode: str) -> Callable[..., Any]:
    """Return a Python function that computes the samples of `graph`, compiled from generated source code.

    The arguments and results of the function depend on the mode:

    - `"integers"`: `run(samples, state)` for Python integers. Returns the list of outputs and the state after the last
      sample.
    - `"rows"`: the same for NumPy arrays of int64, samples `(time, rows)` and a state of arrays `(rows,)`.
    - `"cycle"`: `run(steps, start)` with zeros as input. Returns the number of steps after which the state equals
      `start` again, or 0 if it does not within `steps`, and the last state.

    A state is a tuple with one value for each of `graph.delays`.
    """
    states = [state for state, _ in graph.delays]
    names = {name: f"v{number}" for number, name in enumerate([*states, *(node.name for node in graph.nodes)])}
    names["x"] = "x"
    body = [line for node in graph.nodes for line in _node_source(node, word, names, mode)]
    state_tuple = "".join(f"{names[state]}, " for state in states)
    next_tuple = "".join(f"{names[source]}, " for _, source in graph.delays)
    update = [f"{state_tuple}= {next_tuple}"] if states else []
    if mode == "cycle":
        head = ["def run(steps, start):", *([f"    {state_tuple}= start"] if states else []), "    x = 0"]
        loop = ["    for count in range(1, steps + 1):"]
        body = [*body, *update, f"if ({state_tuple}) == start:", f"    return count, ({state_tuple})"]
        end = [f"    return 0, ({state_tuple})"]
    else:
        head = ["def run(samples, state):", *([f"    {state_tuple}= state"] if states else []), "    outputs = []"]
        loop = ["    append = outputs.append", "    for x in samples:"]
        body = [*body, f"append({names[graph.output]})", *update]
        end = [f"    return outputs, ({state_tuple})"]
    scope: dict[str, Any] = {"minimum": np.minimum, "maximum": np.maximum}
    exec("\n".join([*head, *loop, *(f"        {line}" for line in body), *end]), scope)
    run: Callable[..., Any] = scope["run"]
    return run


def max_accumulator(graph: FlowGraph, word: WordFormat) -> int:
    """Return an upper bound on the magnitudes of the integers in all accumulators of `graph`, before their rounding."""
    sums = [sum(abs(factor) for _, factor in integer_terms(node)[0]) << word.bits - 1 for node in graph.nodes]
    return 2 * max([*sums, 1 << word.bits])  # doubled, because rounding can increase a value


def _node_source(node: Node, word: WordFormat, names: dict[str, str], mode: str) -> list[str]:
    """Return the lines of source code that compute one node, with the rounding and the overflow of `word`.

    `names` gives the Python variable of each value of the graph, and `mode` is that of `compile_graph`.
    """
    target, highest, lowest = names[node.name], word.max_value, word.min_value
    terms, fraction = integer_terms(node)
    if not terms:
        return [f"{target} = 0 * x"]  # zeros with the shape of x
    if word.products == "rounded":
        products = [integer_terms(Node("", (term,))) for term in node.terms if term.factor]
        lines = []
        for number, (((source, factor),), product_fraction) in enumerate(products):
            lines.append(f"p{number} = {_product_source(names[source], factor)}")
            lines += _rounding_source(f"p{number}", product_fraction, word)
        lines.append(f"{target} = {' + '.join(f'p{number}' for number in range(len(products)))}")
    else:
        total = " + ".join(_product_source(names[source], factor) for source, factor in terms)
        lines = [f"{target} = {total}", *_rounding_source(target, fraction, word)]
    if mode == "rows":
        overflow = {"saturate": f"minimum(maximum({target}, {lowest}), {highest})"}
    else:
        overflow = {"saturate": f"{highest} if {target} > 0 else {lowest}"}
        lines.append(f"if not {lowest} <= {target} <= {highest}:")
    overflow["wrap"] = f"({target} - {lowest} & {highest - lowest}) + {lowest}"
    lines.append(f"{'' if mode == 'rows' else '    '}{target} = {overflow[word.overflow]}")
    return lines


def _product_source(source: str, factor: int) -> str:
    return source if factor == 1 else f"{source} * {factor}"


def _rounding_source(name: str, fraction: int, word: WordFormat) -> list[str]:
    """Return a list with the line of source code that rounds off the last `fraction` bits of the variable `name`.

    The list is empty for 0 bits.
    """
    if not fraction:
        return []
    offset = {
        "nearest": f" + {1 << fraction - 1} - ({name} < 0)",
        "truncate": "",
        "toward_zero": f" + ({name} < 0) * {(1 << fraction) - 1}",
    }
    return [f"{name} = {name}{offset[word.rounding]} >> {fraction}"]


def integer_terms(node: Node) -> tuple[list[tuple[str, int]], int]:
    """Return the terms of a node as pairs of source and integer factor, and the exponent n of the denominator 2^n.

    n is the smallest exponent, at least 0, with which all factors are integers. Terms with a factor of 0 are left out.
    """
    reduced: list[Term] = []
    for source, factor, fraction in node.terms:
        if factor:
            trailing_zeros = (factor & -factor).bit_length() - 1
            reduced.append(Term(source, factor >> trailing_zeros, fraction - trailing_zeros))
    common = max((term.fraction for term in reduced), default=0)
    common = max(common, 0)
    return [(term.source, term.factor << common - term.fraction) for term in reduced], common
