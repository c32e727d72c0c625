"""The filters of `fxlab.filters.FixedPoint` as one operator of the intermediate form, on whole numbers."""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.fixed_point.compile_graph import integer_terms, max_accumulator
from fxlab.engine.fixed_point.flow_graph import FlowGraph, Node
from fxlab.engine.fixed_point.word_format import ROUNDINGS, WordFormat
from fxlab.errors import CompileError
from fxlab.page.compiler.interception import Replacement
from fxlab.page.compiler.recorder import Recorder

EXACT = 1 << 53
"""Integers of a smaller magnitude are exact in float64."""


def fixed_point_operator(recorder: Recorder) -> dict[tuple[str, str], Replacement]:
    """Return the replacement of `FixedPoint.forward_block`; see `interception.replaced`."""
    return {("fxlab.filters.fixed_point.fixed_point", "FixedPoint.forward_block"): partial(_run, recorder)}


def _run(recorder: Recorder, original: Any, module: Any, x: Tensor, state: Any, rate: float) -> Any:
    """Record a block of a `FixedPoint`, whose coefficients are constants, or compute it if `x` is not recorded.

    Raises:
        CompileError: The sums need more than 53 bits, or the coefficients depend on a parameter.
    """
    if not recorder.is_tracked(x):
        return original(module, x, state, rate)
    sections = module.exact_sections(rate)
    if recorder.is_tracked(sections):
        recorder.refuse_reading("rounded coefficients", [sections])
    graphs, shape = module._graphs(x, rate)
    graph, word, sample = graphs[0], module._word(), WordFormat(module.bits)
    if max_accumulator(graph, word) >= EXACT:
        raise CompileError(
            f"{module!r}: its sums need more than the 53 bits that a page has for whole numbers. Lower bits, "
            'coefficient_bits or headroom, or choose products="rounded".'
        )
    layout = (module.structure, module.bits, module.headroom, len(graph.delays))
    steps = x * 2.0 ** (module.bits - 1)
    nearest = torch.copysign(torch.floor(steps.abs() + 0.5), steps).clamp(sample.min_value, sample.max_value)
    before = x.new_zeros(*shape, len(graph.delays)) if state is None else state[1]
    y, after = torch.zeros_like(nearest), before.clone()
    table = torch.tensor(_table(graph, word), dtype=torch.float64)
    arrays = [recorder.array(nearest), recorder.array(before), recorder.array(table)]
    outs = [recorder.new(y), recorder.new(after)]
    sizes: list[Any] = [prod(shape), x.shape[-1], len(graph.delays), len(graph.nodes), word.min_value, word.max_value]
    modes = [int(word.overflow == "wrap"), ROUNDINGS.index(word.rounding), int(word.products == "rounded")]
    recorder.call("fixedPoint", outs, [*outs, *arrays, *sizes, *modes])
    if module.overflow == "saturate":
        kept = y.clamp(sample.min_value, sample.max_value)
    else:
        kept = torch.remainder(y - sample.min_value, 2.0**module.bits) + sample.min_value
    return kept * 2.0 ** (1 - module.bits), (layout, after)


def _table(graph: FlowGraph, word: WordFormat) -> list[float]:
    """Return the table that describes a filter to the operator `fixedPoint`.

    A place is an index in the list of all states, then all nodes, then the input. The table begins with the place of
    the next value of each state and the place of the output. The nodes follow: for each the number of its terms and the
    bits that are rounded away from their sum, then for each term the place of its value, its factor, and the bits that
    are rounded away from the product.
    """
    names = [*(state for state, _ in graph.delays), *(node.name for node in graph.nodes), "x"]
    place = {name: number for number, name in enumerate(names)}
    table = [float(place[source]) for _, source in graph.delays] + [float(place[graph.output])]
    for node in graph.nodes:
        if word.products == "rounded":
            parts = [integer_terms(Node("", (term,))) for term in node.terms if term.factor]
            terms = [(source, factor, fraction) for ((source, factor),), fraction in parts]
            fraction = 0
        else:
            found, fraction = integer_terms(node)
            terms = [(source, factor, 0) for source, factor in found]
        table += [float(len(terms)), float(fraction)]
        for source, factor, own in terms:
            table += [float(place[source]), float(factor), float(own)]
    return table
