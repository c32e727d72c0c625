"""`delay_network`: delay lines that feed each other through a lossless matrix, with a filter in each line."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.delay import network_script
from fxlab.engine.delay.block_filter import CHUNK, BlockFilter
from fxlab.engine.torch_support.denormals import flush_denormals
from fxlab.engine.torch_support.script import script_function
from fxlab.engine.torch_support.single_thread import single_threaded
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

SEGMENT = 1 << 15
"""The approximate number of samples for which memory is laid out at once, so that it stays in the processor's cache."""

_run_network = script_function(network_script, "run_network")


def delay_network(  # noqa: PLR0917
    entering: Tensor,
    lines: Tensor,
    state: Tensor,
    delays: Tensor,
    sections: Tensor,
    lossless: Tensor,
    outputs: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return weighted sums of the outputs of delay lines that feed each other, the new lines, and the new state.

    Line i receives w_i[n] = x_i[n] + sum over j of lossless[i, j] f_j[n], where x is `entering`, and f_j is the output
    w_j[n - delays[j]] of line j, filtered by its second-order section. The weighted sums are `outputs` times the
    unfiltered outputs of all lines.

    Shape:
        entering: `(..., lines, time)`. lines: `(..., lines, history)`, the last samples of w before the input, newest
        last, as many as the longest delay. state: `(..., lines, 2)`, of the filters, in transposed direct form II.
        delays: `(lines,)`, or `(..., lines)` if they differ between examples, int64. sections: `(..., lines, 6)`,
        float64. lossless: `(lines, lines)`. outputs: the weights, `(..., channels, lines)`. Returns
        `(..., channels, time)`, and the lines and the state after the input.

    Source:
        J.-M. Jot, A. Chaigne, "Digital delay networks for designing artificial reverberators", 90th AES Convention,
        1991.

    >>> through = torch.tensor([0.5, 0.0, 0.0, 1.0, 0.0, 0.0]).double().expand(2, 6)
    >>> x, swap = torch.zeros(2, 7), torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    >>> x[0, 0] = 1.0
    >>> delay_network(x, torch.zeros(2, 3), torch.zeros(2, 2), torch.tensor([2, 3]), through, swap, torch.ones(1, 2))[0]
    tensor([[0.0000, 0.0000, 1.0000, 0.0000, 0.0000, 0.5000, 0.0000]])
    """
    if delays.ndim > 1:
        return _run_groups(entering, lines, state, delays, sections, lossless, outputs)
    shortest, time = int(delays.min()), entering.shape[-1]
    is_compiled = entering.is_cpu and not needs_derivative(entering, lines, state, sections, outputs)
    whole = time // CHUNK * CHUNK if is_compiled and shortest >= CHUNK else 0
    wet = []
    if whole:
        block = min(shortest, whole) // CHUNK * CHUNK
        part, lines, state = _run_chunks(
            entering[..., :whole],
            lines,
            state,
            delays,
            BlockFilter(sections, block + CHUNK, entering.dtype),
            block,
            lossless,
            outputs,
        )
        wet.append(part)
    if whole < time or not time:
        block = min(shortest, time - whole)
        part, lines, state = _run_differentiably(
            entering[..., whole:], lines, state, delays, BlockFilter(sections, block, entering.dtype), lossless, outputs
        )
        wet.append(part)
    return torch.cat(wet, -1) if len(wet) > 1 else wet[0], lines, state


def _run_groups(  # noqa: PLR0917
    entering: Tensor,
    lines: Tensor,
    state: Tensor,
    delays: Tensor,
    sections: Tensor,
    lossless: Tensor,
    outputs: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the results of `delay_network`, computed by one call for each group of examples with equal delays."""
    lead, count = entering.shape[:-2], delays.shape[-1]
    distinct, group = torch.unique(delays.expand(*lead, count).reshape(-1, count), dim=0, return_inverse=True)
    flat = [
        value.expand(*lead, *value.shape[-2:]).reshape(-1, *value.shape[-2:])
        for value in (entering, lines, state, sections, outputs)
    ]
    order = [(group == k).nonzero()[:, 0] for k in range(len(distinct))]
    parts = []
    for own, index in zip(distinct, order, strict=True):
        signal, past, first, filters, shares = (value[index] for value in flat)
        longest, history = int(own.max()), past.shape[-1]
        y, after, last = delay_network(signal, past[..., -longest:], first, own, filters, lossless, shares)
        parts.append((y, pad(after, (history - longest, 0)), last))
    back = torch.cat(order).argsort()
    wet, after, last = (torch.cat(results)[back] for results in zip(*parts, strict=True))
    return (
        wet.reshape(*lead, *wet.shape[-2:]),
        after.reshape(*lead, *after.shape[-2:]),
        last.reshape(*lead, *last.shape[-2:]),
    )


@single_threaded
def _run_differentiably(  # noqa: PLR0917
    entering: Tensor,
    lines: Tensor,
    state: Tensor,
    delays: Tensor,
    absorb: BlockFilter,
    lossless: Tensor,
    outputs: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the results of `delay_network`, computed by operations that each have a derivative.

    `absorb` filters the lines with their second-order sections.
    """
    lead, count, time, block = entering.shape[:-2], entering.shape[-2], entering.shape[-1], int(delays.min())
    index = lines.shape[-1] - delays[:, None] + torch.arange(block, device=lines.device)
    index = index.expand(*lead, count, block)
    wet = [entering.new_zeros(*lead, outputs.shape[-2], 0)]
    for start in range(0, time, block):
        size = min(block, time - start)
        read = lines.gather(-1, index[..., :size])
        wet.append(outputs @ read)
        absorbed, state = absorb(read, state)
        written = flush_denormals(lossless @ absorbed + entering[..., start : start + size])
        lines = torch.cat([lines[..., size:], written], -1)
    return torch.cat(wet, -1), lines, state


def _run_chunks(  # noqa: PLR0917
    entering: Tensor,
    lines: Tensor,
    state: Tensor,
    delays: Tensor,
    absorb: BlockFilter,
    block: int,
    lossless: Tensor,
    outputs: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the results of `delay_network` for a multiple of `CHUNK` samples, with each example on one thread.

    The lines run in blocks of `block` samples, a multiple of `CHUNK`, and `absorb` filters them with their sections.
    """
    lead, count, time = entering.shape[:-2], entering.shape[-2], entering.shape[-1]
    examples, channels = prod(lead), outputs.shape[-2]

    def per_example(value: Tensor, rank: int) -> Tensor:
        return value.expand(*lead, *value.shape[-rank:]).reshape(examples, *value.shape[-rank:])

    signal, past, first = (per_example(value, 2) for value in (entering, lines, state))
    own, carried, from_state = (per_example(value, 3) for value in absorb.of_block(block))
    shares = per_example(outputs, 2)
    wet, after = signal.new_empty(examples, channels, time), torch.empty_like(past)
    last = torch.empty_like(first)

    def run(row: int) -> None:
        matrices = [own[row], carried[row], from_state[row], lossless, shares[row]]
        segment = max(1, SEGMENT // block) * block
        after[row], last[row] = _run_network(
            signal[row], past[row], first[row], delays.tolist(), matrices, block, segment, wet[row]
        )

    run_parts(run, range(examples), max_workers())
    return wet.reshape(*lead, channels, time), after.reshape(lines.shape), last.reshape(*lead, count, 2)
