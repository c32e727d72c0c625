"""A feedback delay network in blocks, as functions that TorchScript compiles (`torch_support/script.py`).

The argument `matrices` holds the three matrices of `BlockFilter.of_block`, `(lines, chunk, chunk + 2)`,
`(lines, 2 (chunks + 1), 2 (chunks + 1))` and `(lines, 2, chunk)`; the lossless matrix, `(lines, lines)`; and the
weights of the lines in each channel, `(channels, lines)`.
"""

# TorchScript's compiler supports only such annotations and loops over indices, and no constants of a module.
# ruff: noqa: PLR0917, UP006, UP035

from typing import List

import torch
from torch import Tensor


def run_network(
    entering: Tensor,
    past: Tensor,
    state: Tensor,
    delays: List[int],
    matrices: List[Tensor],
    block: int,
    segment: int,
    wet: Tensor,
) -> List[Tensor]:
    """Write the output for `entering`, `(lines, time)`, to `wet`, `(channels, time)`; return the lines and the state.

    `past`, `(lines, longest delay)`, are the lines before the input, newest last, and `state`, `(lines, 2)`, is the
    state of the filters. The time and `block` are multiples of a chunk; `block` is at most the shortest delay.
    `segment`, a multiple of `block`, is the number of samples for which memory is laid out at once.
    """
    history, time = past.size(1), entering.size(1)
    lines, after = past, state
    for start in range(0, time, segment):
        size = min(segment, time - start)
        memory = torch.empty([past.size(0), history + size], dtype=past.dtype)
        memory.narrow(1, 0, history).copy_(lines)
        whole = size // block * block
        if whole > 0:
            after = run_blocks(memory, entering, wet, start, 0, whole, block, delays, matrices, after)
        if size > whole:
            rest = size - whole
            after = run_blocks(memory, entering, wet, start, whole, rest, rest, delays, matrices, after)
        lines = torch.hardshrink(memory.narrow(1, size, history), 1e-30)
        after = torch.hardshrink(after, 1e-30)
    return [lines, after]


def blocks_of(x: Tensor, start: int, count: int, block: int) -> List[Tensor]:
    """Return `count` consecutive views of `x`, `(rows, samples)`, from sample `start` on, each `(rows, block)`."""
    shape, strides = [count, x.size(0), block], [block * x.stride(1), x.stride(0), x.stride(1)]
    return list(x.as_strided(shape, strides, x.storage_offset() + start * x.stride(1)).unbind(0))


def run_blocks(
    memory: Tensor,
    entering: Tensor,
    wet: Tensor,
    offset: int,
    begin: int,
    time: int,
    block: int,
    delays: List[int],
    m: List[Tensor],
    state: Tensor,
) -> Tensor:
    """Run `time` samples of a segment from its sample `begin` on, in blocks of `block`; return the filters' state.

    The segment begins at `offset` of `entering` and of `wet`. `memory`, `(lines, longest delay + samples)`, has the
    lines before the segment, followed by room for their samples in the segment, which this function writes. `m` are the
    `matrices` of the module's docstring, and `state` is the state of the filters before `begin`.
    """
    lines, chunk, count = memory.size(0), m[0].size(1), time // block
    history = 0
    for delay in delays:
        history = max(history, delay)
    chunks = block // chunk
    used = 2 * (chunks + 1)
    carried = m[1].narrow(1, 0, used).narrow(2, 0, used)
    reads: List[List[Tensor]] = []
    for i in range(lines):
        row = memory[i].narrow(0, history - delays[i] + begin, time)
        reads.append(list(row.view(count, block).unbind(0)))
    written = blocks_of(memory, history + begin, count, block)
    inputs = blocks_of(entering, offset + begin, count, block)
    heard = blocks_of(wet, offset + begin, count, block)
    read = torch.empty([lines, block], dtype=memory.dtype)
    flat, in_chunks = read.view(-1), read.view(lines, chunks, chunk)
    both = torch.empty([lines, chunks, chunk + 2], dtype=memory.dtype)
    own, left = both.narrow(2, 0, chunk), both.narrow(2, chunk, 2)
    sources = torch.empty([lines, chunks + 1, 2], dtype=memory.dtype)
    first, others, column = sources.select(1, 0), sources.narrow(1, 1, chunks), sources.view(lines, used, 1)
    states = torch.empty([lines, chunks + 1, 2], dtype=memory.dtype)
    before, last, all_states = states.narrow(1, 0, chunks), states.select(1, chunks), states.view(lines, used, 1)
    absorbed = torch.empty([lines, chunks, chunk], dtype=memory.dtype)
    absorbed_rows = absorbed.view(lines, block)
    first.copy_(state)
    for b in range(count):
        parts: List[Tensor] = []
        for i in range(lines):
            parts.append(reads[i][b])
        torch.cat(parts, out=flat)
        heard[b].copy_(torch.mm(m[4], read))
        torch.bmm(in_chunks, m[0], out=both)
        others.copy_(left)
        torch.bmm(carried, column, out=all_states)
        torch.baddbmm(own, before, m[2], out=absorbed)
        torch.addmm(inputs[b], m[3], absorbed_rows, out=written[b])
        first.copy_(last)
    return first.clone()
