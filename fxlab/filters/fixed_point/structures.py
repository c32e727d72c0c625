"""The structures that one filter can be built in, as flow graphs with quantised coefficients.

In exact arithmetic they are one filter. They differ in where rounding comes in, in how large the values within become,
and in how far the poles move when a coefficient is rounded.

Source:
    A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", chapter 6; L. B. Jackson, "On the
    interaction of roundoff noise and dynamic range in digital filters", Bell Syst. Tech. J. 49 (1970), on scaling.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from fxlab.engine import frequency_response, multiplied, roots
from fxlab.engine.fixed_point.flow_graph import FlowGraph, Node, Term
from fxlab.filters.fixed_point.reflection import normalising, reflection

Held = list[tuple[int, int]]
"""Coefficients as `(factor, fraction)`: `factor * 2**-fraction`."""

Delays = dict[str, str]
Part = Callable[[str, str, Held, Held], tuple[list[Node], Delays]]

SECTIONS = ("cascade", "cascade_transposed")
LATTICES = ("lattice", "normalised_lattice")
STRUCTURES = ("direct1", "direct2", "transposed2", *SECTIONS, *LATTICES)


def build(structure: str, sos: Tensor, bits: int) -> FlowGraph:
    """The flow graph of one filter `(sections, 6)`, its coefficients rounded to `bits` bits with the sign.

    Raises:
        ParameterError: A lattice of a filter that is not stable.

    >>> build("direct1", torch.tensor([[0.5, 0.0, 0.0, 1.0, -0.25, 0.0]]), 4).nodes
    (Node(name='y', terms=(Term(source='x', factor=4, fraction=3), Term(source='y[n-1]', factor=4, fraction=4))),)
    """
    if structure in LATTICES:
        return _lattice(sos.tolist(), bits, normalised=structure == "normalised_lattice")
    part = _PARTS[structure]
    rows = coefficients(structure, sos, bits)
    nodes: list[Node] = []
    delays: Delays = {}
    source = "x"
    for number, (b, a) in enumerate(rows):
        to = "y" if number == len(rows) - 1 else f"y{number}"
        added, moved = part(source, to, b, a)
        nodes += added
        delays |= moved  # two sections share the past of what lies between them
        source = to
    return FlowGraph(tuple(nodes), tuple(delays.items()), source)


def coefficients(structure: str, sos: Tensor, bits: int) -> list[tuple[Held, Held]]:
    """Numerator `b0, b1 …` and denominator `a1 …` of each section, or of the one that a direct form is, as held."""
    if structure in SECTIONS:
        rows = [(row[:3], row[3:]) for row in scaled(sos).tolist()]
    else:
        b, a = multiplied(sos)
        rows = [(b.tolist(), a.tolist())]
    return [(held(b_row, bits), held(a_row[1:], bits)) for b_row, a_row in rows]


def held(values: Sequence[float], bits: int) -> Held:
    """Values rounded to the nearest number of `bits` bits, with one binary point for all of them.

    It stands as far to the left as the largest allows: with 16 bits a largest value of 1.8 leaves 14 digits behind the
    point, one of 0.01 has 21. Halves go away from zero.

    >>> held([1.8, -0.5], 4)
    [(7, 2), (-2, 2)]
    """
    largest = max((abs(value) for value in values), default=0.0)
    if largest == 0:
        return [(0, 0) for _ in values]
    fraction = bits - 1 - math.frexp(largest)[1]
    if _rounded(largest, fraction) >= 1 << bits - 1:
        fraction -= 1
    return [(_rounded(value, fraction), fraction) for value in values]


def below_one(values: Sequence[float], bits: int) -> Held:
    """Values between -1 and 1, all bits but the sign behind the point; what would round to 1 is the largest below."""
    most = (1 << bits - 1) - 1
    return [(max(-most, min(most, _rounded(value, bits - 1))), bits - 1) for value in values]


def scaled(sos: Tensor) -> Tensor:
    """The same cascade, its gain shared out so that up to each section but the last the highest peak is 1."""
    if len(sos) < 2:
        return sos
    _, poles = roots(sos)
    turns = torch.cat(
        [torch.linspace(0, 0.5, 1025, dtype=torch.float64), poles.nan_to_num().angle().flatten() / math.tau]
    )
    response = torch.stack([frequency_response(row[None], turns.abs().clamp(max=0.5), 1.0) for row in sos])
    peaks = response.cumprod(0).abs().amax(-1)
    usable = torch.isfinite(peaks) & (peaks > 0)
    peaks = torch.where(usable, peaks, torch.ones_like(peaks))
    peaks[-1] = 1.0
    gains = torch.cat([1 / peaks[:1], peaks[:-1] / peaks[1:]])
    return torch.cat([sos[:, :3] * gains[:, None], sos[:, 3:]], -1)


def _rounded(value: float, fraction: int) -> int:
    return int(math.copysign(math.floor(math.ldexp(abs(value), fraction) + 0.5), value))


def _terms(sources: Sequence[str], coefficients: Held, sign: int = 1) -> list[Term]:
    pairs = zip(sources, coefficients, strict=True)
    return [Term(source, sign * factor, fraction) for source, (factor, fraction) in pairs if factor]


def _past(name: str, count: int) -> tuple[list[str], Delays]:
    """The last `count` values of `name`, and the delays that keep them."""
    names = [f"{name}[n-{back}]" for back in range(1, count + 1)]
    return names, dict(zip(names, [name, *names], strict=False))


def _direct1(x: str, y: str, b: Held, a: Held) -> tuple[list[Node], Delays]:
    before, delays = _past(x, len(b) - 1)
    after, fed_back = _past(y, len(a))
    return [Node(y, (*_terms([x, *before], b), *_terms(after, a, -1)))], delays | fed_back


def _direct2(x: str, y: str, b: Held, a: Held) -> tuple[list[Node], Delays]:
    past, delays = _past("w", len(a))
    return [Node("w", (Term(x, 1), *_terms(past, a, -1))), Node(y, tuple(_terms(["w", *past], b)))], delays


def _transposed2(x: str, y: str, b: Held, a: Held) -> tuple[list[Node], Delays]:
    kept = [f"{y}.s{place}" for place in range(1, len(a) + 1)]
    carried = [[Term(state, 1)] for state in kept] + [[]]
    nodes = [Node(y, (*_terms([x], b[:1]), *carried[0]))]
    for place, state in enumerate(kept, start=1):
        fed = _terms([y], a[place - 1 : place], -1)
        nodes.append(Node(f"{state}'", (*_terms([x], b[place : place + 1]), *fed, *carried[place])))
    return nodes, {state: f"{state}'" for state in kept}


def _lattice(sos: Sequence[Sequence[float]], bits: int, *, normalised: bool) -> FlowGraph:
    k, v = reflection(sos)
    cosines, v = normalising(k, v) if normalised else ([1.0] * len(k), v)
    reflected, taps = below_one(k, bits), held(v, bits)
    # Where nothing is reflected, all goes through.
    across = [
        (1, 0) if not normalised or own == 0 else below_one([c], bits)[0] for c, own in zip(cosines, k, strict=True)
    ]
    nodes: list[Node] = []
    forward, order = "x", len(k)
    for stage in range(order, 0, -1):
        past, to = f"g{stage - 1}[n-1]", f"f{stage - 1}" if stage > 1 else "g0"
        through, back = across[stage - 1 : stage], reflected[stage - 1 : stage]
        nodes.append(Node(to, (*_terms([forward], through), *_terms([past], back, -1))))
        seen = forward if normalised else to
        nodes.append(Node(f"g{stage}", (*_terms([seen], back), *_terms([past], through))))
        forward = to
    if not order:
        nodes.append(Node("g0", (Term("x", 1),)))
    nodes.append(Node("y", tuple(_terms([f"g{stage}" for stage in range(order + 1)], taps))))
    return FlowGraph(tuple(nodes), tuple((f"g{stage}[n-1]", f"g{stage}") for stage in range(order)), "y")


_PARTS: dict[str, Part] = {
    "direct1": _direct1,
    "direct2": _direct2,
    "transposed2": _transposed2,
    "cascade": _direct1,
    "cascade_transposed": _transposed2,
}
