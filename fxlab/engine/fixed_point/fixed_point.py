"""Whole numbers in, whole numbers out: a flow graph run as a signal processor without floating point runs it.

Every value that is kept is a word of some bits in two's complement. A node's products are added up in an accumulator
that is wide enough for all of them, or each is rounded on its own; then the sum is rounded to the word, and what does
not fit wraps or saturates. No float takes part, so results are exact and the same on every machine.

The recursion is neither linear nor parallel, so it is run sample by sample: as Python source unrolled from the graph,
on Python's integers, which never overflow, or on rows of NumPy's where these are wide enough and many.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.fixed_point.flow_graph import FlowGraph, Node, Term
from fxlab.errors import EngineError

OVERFLOWS = ("saturate", "wrap")
ROUNDINGS = ("nearest", "truncate", "toward_zero")
PRODUCTS = ("exact", "rounded")

_ROWS = 24  # from here on a NumPy call for all rows takes less time than Python's arithmetic for each


class Word(NamedTuple):
    """How values are kept: `bits` with the sign; what happens beyond them, and to the digits below them.

    `nearest` takes halves away from zero, `truncate` is the floor, as dropping bits in two's complement gives it;
    `toward_zero` truncates the magnitude. With `products="rounded"` each product is rounded before it is added.
    """

    bits: int
    overflow: str = "saturate"
    rounding: str = "nearest"
    products: str = "exact"

    @property
    def top(self) -> int:
        """The largest value."""
        return (1 << self.bits - 1) - 1

    @property
    def bottom(self) -> int:
        """The smallest value."""
        return -(1 << self.bits - 1)


def fixed_point(x: Tensor, graph: FlowGraph, word: Word, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Run `graph` over the samples of `x`.

    Shape:
        x: `(..., time)`, int64, each in the range of `word`; state: `(..., states)`, int64, in the order of
        `graph.delays`. Returns the output and the state after it, alike.

    Raises:
        EngineError: `x` or `state` is not int64, on another device than the CPU, or the shapes do not fit.

    >>> decay = FlowGraph((Node("y", (Term("x", 1), Term("y[n-1]", 1, 1))),), (("y[n-1]", "y"),), "y")
    >>> fixed_point(torch.tensor([7, 0, 0, 0, 0]), decay, Word(4))[0]  # it never dies: half of 1 is rounded to 1
    tensor([7, 4, 2, 1, 1])
    """
    lead, states = x.shape[:-1], len(graph.delays)
    if state is None:
        state = torch.zeros(*lead, states, dtype=torch.int64)
    for name, value, shape in (("x", x, x.shape), ("state", state, (*lead, states))):
        if value.dtype != torch.int64 or value.device.type != "cpu" or value.shape != shape:
            raise EngineError(
                f"fixed_point: {name} is {value.dtype} of shape {tuple(value.shape)} on {value.device}; it must be "
                f"int64 of shape {tuple(shape)} on the CPU"
            )
    rows = math.prod(lead)
    flat, held = x.reshape(rows, x.shape[-1]), state.reshape(rows, states)
    if rows >= _ROWS and x.shape[-1] and widest(graph, word) < 1 << 62:
        heard, after = _unrolled(graph, word, "rows")(flat.numpy().T.copy(), tuple(held.numpy().T.copy()))
        y = torch.from_numpy(np.stack(heard, -1))
        left = torch.from_numpy(np.stack([np.broadcast_to(s, rows) for s in after], -1)) if states else held
    else:
        run = _unrolled(graph, word, "numbers")
        found = [run(row.tolist(), tuple(own.tolist())) for row, own in zip(flat, held, strict=True)]
        y = torch.tensor([row for row, _ in found], dtype=torch.int64)
        left = torch.tensor([own for _, own in found], dtype=torch.int64)
    return y.reshape(x.shape), left.reshape(*lead, states)


def zero_input_cycle(graph: FlowGraph, word: Word, state: Tensor, longest: int) -> Tensor | None:
    """What `graph` gives over and over once its input has ended: one period of it, `(period,)`, int64.

    A filter in rest gives one sample, a 0. None where no state has come again within about `longest` samples.

    Source:
        R. P. Brent, "An improved Monte Carlo factorization algorithm", BIT 20 (1980), on finding cycles.
    """
    look, here = _unrolled(graph, word, "cycle"), tuple(state.tolist())
    waited, reach = 0, 1
    while waited < longest:
        period, after = look(reach, here)
        if period:
            return fixed_point(torch.zeros(period, dtype=torch.int64), graph, word, torch.tensor(here).long())[0]
        waited, reach, here = waited + reach, 2 * reach, after
    return None


def widest(graph: FlowGraph, word: Word) -> int:
    """The largest number that any accumulator of `graph` can come to hold."""
    sums = [sum(abs(factor) for _, factor in _aligned(node)[0]) << word.bits - 1 for node in graph.nodes]
    return 2 * max([*sums, 1 << word.bits])  # twice, for what rounding adds


@lru_cache(maxsize=64)
def _unrolled(graph: FlowGraph, word: Word, mode: str) -> Callable[..., Any]:
    """A Python function that runs `graph`: over `"numbers"`, over `"rows"` of them, or until a `"cycle"` closes."""
    states = [state for state, _ in graph.delays]
    names = {name: f"v{place}" for place, name in enumerate([*states, *(node.name for node in graph.nodes)])}
    names["x"] = "x"
    body = [line for node in graph.nodes for line in _node(node, word, names, mode)]
    held = "".join(f"{names[state]}, " for state in states)
    taken = "".join(f"{names[source]}, " for _, source in graph.delays)
    move = [f"{held}= {taken}"] if states else []
    if mode == "cycle":
        head = ["def run(steps, home):", *([f"    {held}= home"] if states else []), "    x = 0"]
        loop = ["    for count in range(1, steps + 1):"]
        body = [*body, *move, f"if ({held}) == home:", f"    return count, ({held})"]
        end = [f"    return 0, ({held})"]
    else:
        head = ["def run(samples, state):", *([f"    {held}= state"] if states else []), "    heard = []"]
        loop = ["    put = heard.append", "    for x in samples:"]
        body = [*body, f"put({names[graph.output]})", *move]
        end = [f"    return heard, ({held})"]
    scope: dict[str, Any] = {"minimum": np.minimum, "maximum": np.maximum}
    exec("\n".join([*head, *loop, *(f"        {line}" for line in body), *end]), scope)
    made: Callable[..., Any] = scope["run"]
    return made


def _node(node: Node, word: Word, names: dict[str, str], mode: str) -> list[str]:
    """The lines that work out one node."""
    to, top, bottom = names[node.name], word.top, word.bottom
    terms, fraction = _aligned(node)
    if not terms:
        return [f"{to} = 0 * x"]  # of the shape of x
    if word.products == "rounded":
        parts = [_aligned(Node("", (term,))) for term in node.terms if term.factor]
        lines = []
        for number, (((source, factor),), own) in enumerate(parts):
            lines += [f"p{number} = {_product(names[source], factor)}", *_rounded(f"p{number}", own, word)]
        lines.append(f"{to} = {' + '.join(f'p{number}' for number in range(len(parts)))}")
    else:
        sum_ = " + ".join(_product(names[source], factor) for source, factor in terms)
        lines = [f"{to} = {sum_}", *_rounded(to, fraction, word)]
    if mode == "rows":
        beyond = {"saturate": f"minimum(maximum({to}, {bottom}), {top})"}
    else:
        beyond = {"saturate": f"{top} if {to} > 0 else {bottom}"}
        lines.append(f"if not {bottom} <= {to} <= {top}:")
    beyond["wrap"] = f"({to} - {bottom} & {top - bottom}) + {bottom}"
    lines.append(f"{'' if mode == 'rows' else '    '}{to} = {beyond[word.overflow]}")
    return lines


def _product(source: str, factor: int) -> str:
    return source if factor == 1 else f"{source} * {factor}"


def _rounded(name: str, fraction: int, word: Word) -> list[str]:
    """The line that takes `fraction` bits off the end."""
    if not fraction:
        return []
    added = {
        "nearest": f" + {1 << fraction - 1} - ({name} < 0)",
        "truncate": "",
        "toward_zero": f" + ({name} < 0) * {(1 << fraction) - 1}",
    }
    return [f"{name} = {name}{added[word.rounding]} >> {fraction}"]


def _aligned(node: Node) -> tuple[list[tuple[str, int]], int]:
    """The terms as whole factors over one power of two, the smallest that holds them all."""
    used: list[Term] = []
    for source, factor, fraction in node.terms:
        if factor:
            spare = (factor & -factor).bit_length() - 1  # zeros at the end of a factor are no digits
            used.append(Term(source, factor >> spare, fraction - spare))
    deepest = max((term.fraction for term in used), default=0)
    deepest = max(deepest, 0)
    return [(term.source, term.factor << deepest - term.fraction) for term in used], deepest
