"""`echo_line`: a delay line with feedback whose delay may be fractional, moving, and different between rows."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from fxlab.engine.delay.fractional_delay import DelayTaps, read_delay
from fxlab.engine.torch_support.denormals import flush_denormals
from fxlab.engine.torch_support.known_values import unwrap_transforms


def shortest_block(taps: DelayTaps) -> int:
    """Return the shortest delay of the first tap in samples, which is the length of the blocks of `echo_line`.

    For an empty batch, which has no delay, it is 1.
    """
    return int(unwrap_transforms(taps.whole).min()) if taps.whole.numel() else 1


def echo_line(
    x: Tensor, line: Tensor, taps: DelayTaps, feed_back: Callable[[Tensor, int], Tensor] | None
) -> tuple[Tensor, Tensor]:
    """Return the samples read from the line w[n] = x[n] + feed_back(w[n - delay]), and those written to it.

    With feedback, the line is processed in blocks as long as the shortest delay of the first tap, so that all samples
    read in a block have been written before. No operation is in place, because autograd and `torch.func` need the
    earlier values.

    Args:
        x: The input, `(..., time)`.
        line: The samples written before `x`, `(..., history)`, newest last, at least as many as the longest delay of
            the last tap.
        taps: The delay; see `lagrange_taps`. With feedback, all taps are delayed by at least 1 sample.
        feed_back: A function of a block that was read and of the index of its first sample, which returns the feedback;
            None if there is none.

    Returns:
        The delayed samples w[n - delay], and the written samples w[n], `(..., time)` each.

    >>> from fxlab.engine.delay.fractional_delay import lagrange_taps
    >>> taps = lagrange_taps(torch.tensor(2.0), 1, torch.float32)
    >>> echo_line(torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0]), torch.zeros(4), taps, lambda block, start: 0.5 * block)[0]
    tensor([0.0000, 0.0000, 1.0000, 0.0000, 0.5000])
    """
    history, time = line.shape[-1], x.shape[-1]
    if feed_back is None:
        return read_delay(torch.cat([line, x], -1), history, time, taps), x
    block = shortest_block(taps)
    read, written = [x[..., :0]], [x[..., :0]]
    for start in range(0, time, block):
        stop = min(start + block, time)
        delayed = read_delay(line, history, stop - start, taps.at(start, stop))
        sample = flush_denormals(x[..., start:stop] + feed_back(delayed, start))
        line = torch.cat([line, sample], -1)[..., -history:]
        read.append(delayed)
        written.append(sample)
    return torch.cat(read, -1), torch.cat(written, -1)
