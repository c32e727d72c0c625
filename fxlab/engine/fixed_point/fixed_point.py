"""Simulation of a flow graph on a processor without floating point: integers in, integers out.

Every stored value is a two's-complement word of a given number of bits. The products of a node (a sum in the flow
graph) are summed in an accumulator that is wide enough for their exact sum, or each product is rounded first. Then the
sum is rounded to the word, and a value outside its range wraps or saturates. No floating point is used, so results are
identical on every machine.

The recursion is nonlinear and cannot run in parallel. So it runs sample by sample, as Python code generated from the
graph: on Python integers, which never overflow, or, where 64 bits suffice, on NumPy integers for many rows at once.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.fixed_point.compile_graph import compile_graph, max_accumulator
from fxlab.engine.fixed_point.flow_graph import FlowGraph
from fxlab.engine.fixed_point.word_format import WordFormat
from fxlab.errors import EngineError

MIN_NUMPY_ROWS = 24  # from this many rows on, one NumPy call for all rows is faster than Python arithmetic on each row


def fixed_point(x: Tensor, graph: FlowGraph, word: WordFormat, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Return the output of `graph` for the samples of `x`, and the state after the last sample.

    Shape:
        x: `(..., time)`, int64, integers in the range of `word`; state: `(..., states)`, int64, in the order of
        `graph.delays`, before the first sample; None means zeros. Returns tensors of these shapes and of this dtype.

    Raises:
        EngineError: `x` or `state` is not int64 or not on the CPU, or the shape of `state` is wrong.

    >>> from fxlab.engine.fixed_point.flow_graph import Node, Term
    >>> decay = FlowGraph((Node("y", (Term("x", 1), Term("y[n-1]", 1, 1))),), (("y[n-1]", "y"),), "y")
    >>> fixed_point(torch.tensor([7, 0, 0, 0, 0]), decay, WordFormat(4))[0]  # never 0: half of 1 is rounded to 1
    tensor([7, 4, 2, 1, 1])
    """
    batch_shape, states = x.shape[:-1], len(graph.delays)
    if state is None:
        state = torch.zeros(*batch_shape, states, dtype=torch.int64)
    for name, value, shape in (("x", x, x.shape), ("state", state, (*batch_shape, states))):
        if value.dtype != torch.int64 or value.device.type != "cpu" or value.shape != shape:
            raise EngineError(
                f"fixed_point: {name} is {value.dtype} of shape {tuple(value.shape)} on {value.device}; it must be "
                f"int64 of shape {tuple(shape)} on the CPU"
            )
    rows = math.prod(batch_shape)
    row_samples, row_states = x.reshape(rows, x.shape[-1]), state.reshape(rows, states)
    if rows >= MIN_NUMPY_ROWS and x.shape[-1] and max_accumulator(graph, word) < 1 << 62:
        run = compile_graph(graph, word, "rows")
        outputs, after = run(row_samples.numpy().T.copy(), tuple(row_states.numpy().T.copy()))
        y = torch.from_numpy(np.stack(outputs, -1))
        last = row_states
        if states:
            last = torch.from_numpy(np.stack([np.broadcast_to(s, rows) for s in after], -1))
    else:
        run = compile_graph(graph, word, "integers")
        pairs = zip(row_samples, row_states, strict=True)
        results = [run(samples.tolist(), tuple(first.tolist())) for samples, first in pairs]
        y = torch.tensor([outputs for outputs, _ in results], dtype=torch.int64)
        last = torch.tensor([after for _, after in results], dtype=torch.int64)
    return y.reshape(x.shape), last.reshape(*batch_shape, states)


def zero_input_cycle(graph: FlowGraph, word: WordFormat, state: Tensor, max_samples: int) -> Tensor | None:
    """Return one period of the output of `graph` in its limit cycle with zeros as input, `(period,)`, int64.

    `state`, `(states,)`, int64, is the state before the first zero. If the state decays to zero, the period is a
    single 0. The result is None if the search, which ends after `max_samples` to twice as many samples, finds no state
    that recurs.

    Source:
        R. P. Brent, "An improved Monte Carlo factorization algorithm", BIT 20 (1980), on finding cycles.
    """
    run, start = compile_graph(graph, word, "cycle"), tuple(state.tolist())
    elapsed, steps = 0, 1
    while elapsed < max_samples:
        period, last = run(steps, start)
        if period:
            silence = torch.zeros(period, dtype=torch.int64)
            return fixed_point(silence, graph, word, torch.tensor(start).long())[0]
        elapsed, steps, start = elapsed + steps, 2 * steps, last
    return None
