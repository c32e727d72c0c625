"""The structures of a fixed-point filter, as flow graphs with quantized coefficients.

With exact coefficients and arithmetic all structures give the same output. They differ in where values are rounded, in
how large the internal values become, and in how far the poles move when a coefficient is rounded.

Source:
    A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", chapter 6; L. B. Jackson, "On the
    interaction of roundoff noise and dynamic range in digital filters", Bell Syst. Tech. J. 49 (1970), on scaling.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from fxlab.engine import frequency_response, roots, sos_to_tf
from fxlab.engine.fixed_point.flow_graph import FlowGraph, Node, Term
from fxlab.filters.fixed_point.reflection import normalize_lattice, reflection_coefficients

Quantized = list[tuple[int, int]]
"""Coefficients as pairs `(factor, fraction)`: the value is `factor * 2**-fraction`."""

Delays = dict[str, str]
"""A map from the name of each delayed value to the name of the value before this delay of one sample."""

SectionBuilder = Callable[[str, str, Quantized, Quantized], tuple[list[Node], Delays]]
"""A function of the names of input and output, the numerator, and the denominator without its leading 1."""

SECTIONS = ("cascade", "cascade_transposed")
LATTICES = ("lattice", "normalized_lattice")
STRUCTURES = ("direct1", "direct2", "transposed2", *SECTIONS, *LATTICES)


def build_graph(structure: str, sos: Tensor, bits: int) -> FlowGraph:
    """Return the flow graph of one filter `(sections, 6)`, with coefficients rounded to `bits` bits, sign included.

    Raises:
        ParameterError: The structure is a lattice, and the filter is not stable.

    >>> build_graph("direct1", torch.tensor([[0.5, 0.0, 0.0, 1.0, -0.25, 0.0]]), 4).nodes
    (Node(name='y', terms=(Term(source='x', factor=4, fraction=3), Term(source='y[n-1]', factor=4, fraction=4))),)
    """
    if structure in LATTICES:
        return _lattice(sos.tolist(), bits, normalized=structure == "normalized_lattice")
    build_section = _SECTION_BUILDERS[structure]
    rows = quantized_coefficients(structure, sos, bits)
    nodes: list[Node] = []
    delays: Delays = {}
    source = "x"
    for number, (b, a) in enumerate(rows):
        output = "y" if number == len(rows) - 1 else f"y{number}"
        section_nodes, section_delays = build_section(source, output, b, a)
        nodes += section_nodes
        delays |= section_delays  # adjacent sections share the delays of the value between them
        source = output
    return FlowGraph(tuple(nodes), tuple(delays.items()), source)


def quantized_coefficients(structure: str, sos: Tensor, bits: int) -> list[tuple[Quantized, Quantized]]:
    """Return the numerator `b0, b1 …` and denominator `a1 …` of each section, with coefficients rounded to `bits` bits.

    A direct form of the complete filter counts as one section. The sections of a cascade are first scaled by
    `scale_sections`.
    """
    if structure in SECTIONS:
        rows = [(row[:3], row[3:]) for row in scale_sections(sos).tolist()]
    else:
        b, a = sos_to_tf(sos)
        rows = [(b.tolist(), a.tolist())]
    return [(quantize(b_row, bits), quantize(a_row[1:], bits)) for b_row, a_row in rows]


def quantize(values: Sequence[float], bits: int) -> Quantized:
    """Return the values rounded to the nearest number of `bits` bits, with one binary point for all of them.

    The binary point is as far to the left as the largest magnitude allows: with 16 bits, one of 1.8 leaves 14
    fractional bits, and one of 0.01 leaves 21. Halves are rounded away from zero.

    >>> quantize([1.8, -0.5], 4)
    [(7, 2), (-2, 2)]
    """
    largest = max((abs(value) for value in values), default=0.0)
    if largest == 0:
        return [(0, 0) for _ in values]
    fraction = bits - 1 - math.frexp(largest)[1]
    if _rounded(largest, fraction) >= 1 << bits - 1:
        fraction -= 1
    return [(_rounded(value, fraction), fraction) for value in values]


def quantize_below_one(values: Sequence[float], bits: int) -> Quantized:
    """Return values between -1 and 1 rounded to the nearest number with `bits - 1` fractional bits.

    Values that round to 1 or -1 become the largest number below 1, or its negative.
    """
    limit = (1 << bits - 1) - 1
    return [(max(-limit, min(limit, _rounded(value, bits - 1))), bits - 1) for value in values]


def scale_sections(sos: Tensor) -> Tensor:
    """Return the cascade `(sections, 6)`, with a peak gain of 1 from the input to each section output but the last.

    A peak gain that is 0 or infinite is not scaled. The gain of the complete cascade is unchanged.
    """
    if len(sos) < 2:
        return sos
    _, poles = roots(sos)
    frequencies = torch.cat(
        [torch.linspace(0, 0.5, 1025, dtype=torch.float64), poles.nan_to_num().angle().flatten() / math.tau]
    )
    response = torch.stack([frequency_response(row[None], frequencies.abs().clamp(max=0.5), 1.0) for row in sos])
    peaks = response.cumprod(0).abs().amax(-1)
    is_usable = torch.isfinite(peaks) & (peaks > 0)
    peaks = torch.where(is_usable, peaks, torch.ones_like(peaks))
    peaks[-1] = 1.0
    gains = torch.cat([1 / peaks[:1], peaks[:-1] / peaks[1:]])
    return torch.cat([sos[:, :3] * gains[:, None], sos[:, 3:]], -1)


def _rounded(value: float, fraction: int) -> int:
    return int(math.copysign(math.floor(math.ldexp(abs(value), fraction) + 0.5), value))


def _terms(sources: Sequence[str], coefficients: Quantized, sign: int = 1) -> list[Term]:
    pairs = zip(sources, coefficients, strict=True)
    return [Term(source, sign * factor, fraction) for source, (factor, fraction) in pairs if factor]


def _delay_line(name: str, count: int) -> tuple[list[str], Delays]:
    """Return the names of the previous `count` values of `name`, latest first, and their `Delays`."""
    names = [f"{name}[n-{age}]" for age in range(1, count + 1)]
    return names, dict(zip(names, [name, *names], strict=False))


def _direct1(x: str, y: str, b: Quantized, a: Quantized) -> tuple[list[Node], Delays]:
    inputs, input_delays = _delay_line(x, len(b) - 1)
    outputs, output_delays = _delay_line(y, len(a))
    return [Node(y, (*_terms([x, *inputs], b), *_terms(outputs, a, -1)))], input_delays | output_delays


def _direct2(x: str, y: str, b: Quantized, a: Quantized) -> tuple[list[Node], Delays]:
    past, delays = _delay_line("w", len(a))
    return [Node("w", (Term(x, 1), *_terms(past, a, -1))), Node(y, tuple(_terms(["w", *past], b)))], delays


def _transposed2(x: str, y: str, b: Quantized, a: Quantized) -> tuple[list[Node], Delays]:
    states = [f"{y}.s{index}" for index in range(1, len(a) + 1)]
    carried = [[Term(state, 1)] for state in states] + [[]]
    nodes = [Node(y, (*_terms([x], b[:1]), *carried[0]))]
    for index, state in enumerate(states, start=1):
        feedback = _terms([y], a[index - 1 : index], -1)
        nodes.append(Node(f"{state}'", (*_terms([x], b[index : index + 1]), *feedback, *carried[index])))
    return nodes, {state: f"{state}'" for state in states}


def _lattice(sos: Sequence[Sequence[float]], bits: int, *, normalized: bool) -> FlowGraph:
    k, v = reflection_coefficients(sos)
    cosines, v = normalize_lattice(k, v) if normalized else ([1.0] * len(k), v)
    reflected, taps = quantize_below_one(k, bits), quantize(v, bits)
    # With a reflection coefficient of 0 the transmission is exactly 1, not the largest number below it.
    transmitted = [
        (1, 0) if not normalized or reflection == 0 else quantize_below_one([cosine], bits)[0]
        for cosine, reflection in zip(cosines, k, strict=True)
    ]
    nodes: list[Node] = []
    forward, order = "x", len(k)
    for stage in range(order, 0, -1):
        backward, output = f"g{stage - 1}[n-1]", f"f{stage - 1}" if stage > 1 else "g0"
        transmission, reflection = transmitted[stage - 1 : stage], reflected[stage - 1 : stage]
        nodes.append(Node(output, (*_terms([forward], transmission), *_terms([backward], reflection, -1))))
        reflection_input = forward if normalized else output
        nodes.append(Node(f"g{stage}", (*_terms([reflection_input], reflection), *_terms([backward], transmission))))
        forward = output
    if not order:
        nodes.append(Node("g0", (Term("x", 1),)))
    nodes.append(Node("y", tuple(_terms([f"g{stage}" for stage in range(order + 1)], taps))))
    return FlowGraph(tuple(nodes), tuple((f"g{stage}[n-1]", f"g{stage}") for stage in range(order)), "y")


_SECTION_BUILDERS: dict[str, SectionBuilder] = {
    "direct1": _direct1,
    "direct2": _direct2,
    "transposed2": _transposed2,
    "cascade": _direct1,
    "cascade_transposed": _transposed2,
}
