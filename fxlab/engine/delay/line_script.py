"""Combs and all-passes in blocks, as functions that TorchScript compiles (`torch_support/script.py`).

A call processes one row. Creating a view of a tensor takes as long as an operation on a few hundred samples, so
`unbind` creates the views of all blocks of a segment at once.
"""

# TorchScript's compiler supports only such annotations and loops over indices, and no constants of a module.
# ruff: noqa: PLR0917, UP006, UP035

from typing import List

import torch
from torch import Tensor


def run_combs(
    x: Tensor,
    past: Tensor,
    delays: List[int],
    gains: List[float],
    steps: List[int],
    powers: List[float],
    weights: Tensor,
    segment: int,
    out: Tensor,
) -> Tensor:
    """Write the weighted sum of the combs' outputs for `x`, `(time,)`, into `out`; return the lines after the input.

    `past`, `(combs, history)`, are the lines before it, newest last. `delays`, in samples, `gains` and `weights` have
    one value for each comb; a gain is the gain of the loop times 1 − pole. The low-pass of all combs is the product of
    the factors 1 + power z^-step; `history` is at least the longest delay plus the sum of the steps whose power is not
    0. `segment` is the number of samples for which memory is laid out at once.
    """
    for start in range(0, x.size(0), segment):
        size = min(segment, x.size(0) - start)
        part = x.narrow(0, start, size)
        past = run_comb_segment(part, past, delays, gains, steps, powers, weights, out.narrow(0, start, size))
    return past


def run_comb_segment(
    x: Tensor,
    past: Tensor,
    delays: List[int],
    gains: List[float],
    steps: List[int],
    powers: List[float],
    weights: Tensor,
    out: Tensor,
) -> Tensor:
    """Write the weighted sum of the combs' outputs for a segment into `out`, and return the lines after the segment.

    The arguments are those of `run_combs`.
    """
    # In `memory`, the sample n of line i is at i · pitch + before + delays[i] + n, so its delayed sample n − delays[i]
    # is at i · pitch + before + n, with the same offset in every line. The delayed samples of a block in all lines are
    # therefore a view with the strides (pitch, 1), and need not be copied.
    combs, history, time = past.size(0), past.size(1), x.size(0)
    block, longest, before = time, 0, 0
    for delay in delays:
        block, longest = min(block, delay), max(longest, delay)
    for step in steps:
        before += step
    count = (time + block - 1) // block
    padded = count * block
    pitch = before + padded + longest
    memory = torch.zeros([combs * pitch + history], dtype=x.dtype)
    entering = torch.zeros([padded], dtype=x.dtype)
    entering.narrow(0, 0, time).copy_(x)
    inputs = entering.view(count, block).unbind(0)
    starts: List[int] = []
    written: List[List[Tensor]] = []
    for i in range(combs):
        begin = i * pitch + before + delays[i]
        kept = min(history, delays[i] + before)
        memory.narrow(0, begin - kept, kept).copy_(past[i].narrow(0, history - kept, kept))
        written.append(list(memory.narrow(0, begin, padded).view(count, block).unbind(0)))
        starts.append(begin)
    spare = torch.empty([2, combs, before + block], dtype=x.dtype)
    newer: List[Tensor] = []
    older: List[Tensor] = []
    results: List[Tensor] = []
    length = before + block - steps[0]
    for k in range(len(steps)):
        if k > 0:
            length -= steps[k]
            newer.append(results[k - 1].narrow(1, steps[k], length))
            older.append(results[k - 1].narrow(1, 0, length))
        results.append(spare[k % 2].narrow(1, 0, length))
    echoes = results[len(steps) - 1].unbind(0)
    length = before + block - steps[0]
    newest = memory.as_strided([count, combs, length], [block, pitch, 1], steps[0]).unbind(0)
    oldest = memory.as_strided([count, combs, length], [block, pitch, 1], 0).unbind(0)
    for b in range(count):
        torch.add(newest[b], oldest[b], alpha=powers[0], out=results[0])
        for k in range(1, len(steps)):
            torch.add(newer[k - 1], older[k - 1], alpha=powers[k], out=results[k])
        for i in range(combs):
            torch.add(inputs[b], echoes[i], alpha=gains[i], out=written[i][b])
    torch.mv(memory.as_strided([combs, time], [pitch, 1], before).t(), weights, out=out)
    after = torch.empty_like(past)
    new = min(time, history)
    for i in range(combs):
        after[i].narrow(0, 0, history - new).copy_(past[i].narrow(0, new, history - new))
        after[i].narrow(0, history - new, new).copy_(memory.narrow(0, starts[i] + time - new, new))
    return torch.hardshrink(after, 1e-30)


def run_all_passes(
    x: Tensor, past: List[Tensor], delays: List[int], gain: float, segment: int, out: Tensor
) -> List[Tensor]:
    """Write the output of all-passes in series for `x`, `(time,)`, into `out`; return their lines, `(delay,)` each.

    `past` are the lines before the input, newest sample last, and `segment` is the number of samples that pass through
    all stages at once.
    """
    lines = past
    for start in range(0, x.size(0), segment):
        size = min(segment, x.size(0) - start)
        source, target = x.narrow(0, start, size), out.narrow(0, start, size)
        after: List[Tensor] = []
        for k in range(len(delays)):
            after.append(run_all_pass(source, lines[k], delays[k], gain, target))
            source = target
        lines = after
    return lines


def run_all_pass(x: Tensor, past: Tensor, delay: int, gain: float, out: Tensor) -> Tensor:
    """Write −gain w[n] + w[n − delay], where w[n] = x[n] + gain w[n − delay], into `out`.

    `past`, `(delay,)`, are the last samples of w before the input. Returns the last `delay` samples of w after it.
    """
    # 1 / (1 − g z^-D) is (1 + g z^-D) / (1 − g² z^-2D), and so on: each factor is one operation, and doubles the length
    # of the blocks in which the recursion runs.
    time = x.size(0)
    line = torch.empty([delay + time], dtype=x.dtype)
    line.narrow(0, 0, delay).copy_(past)
    doublings, reach = 0, delay
    while reach < min(time, 2048):
        reach *= 2
        doublings += 1
    last = line.narrow(0, delay, time)
    spare = torch.empty([time], dtype=x.dtype) if doublings > 0 else last
    now = last if doublings % 2 == 0 else spare
    now.copy_(x)
    first = min(delay, time)
    now.narrow(0, 0, first).add_(past.narrow(0, 0, first), alpha=gain)
    reach, power = delay, gain
    for k in range(doublings):
        after = spare if (doublings - k) % 2 == 0 else last
        kept = min(reach, time)
        after.narrow(0, 0, kept).copy_(now.narrow(0, 0, kept))
        size = time - kept
        torch.add(now.narrow(0, kept, size), now.narrow(0, 0, size), alpha=power, out=after.narrow(0, kept, size))
        now = after
        reach *= 2
        power *= power
    for start in range(reach, time, reach):
        size = min(reach, time - start)
        now.narrow(0, start, size).add_(now.narrow(0, start - reach, size), alpha=power)
    torch.add(line.narrow(0, 0, time), last, alpha=-gain, out=out)
    return torch.hardshrink(line.narrow(0, time, delay), 1e-30)
