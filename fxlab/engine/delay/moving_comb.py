"""`moving_comb`: the feedback comb whose delay is fractional and may change from sample to sample."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.engine.delay.echo_line import echo_line
from fxlab.engine.delay.fractional_delay import DelayTaps, read_delay
from fxlab.engine.torch_support.denormals import INAUDIBLE
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tracing import needs_derivative

FLUSH = 1 << 13
"""The number of samples after which inaudible samples are replaced by 0, so that none decays until it is denormal."""


def moving_comb(x: Tensor, line: Tensor, taps: DelayTaps, gain: Tensor) -> tuple[Tensor, Tensor]:
    """Return the samples read from the line w[n] = x[n] + gain w[n - delay], and those written to it.

    On a CPU, if no derivative is needed, NumPy computes the line in blocks whose length follows the delay, because its
    operations on short arrays take a third of PyTorch's time. Otherwise `echo_line` computes the result.

    Shape:
        x: `(..., time)`; line: `(..., history)`, the last samples written before, newest last, at least as many as the
        longest delay of the last tap; taps: see `lagrange_taps`, all delayed by at least 1 sample; gain: broadcasts
        against `x`. Returns the delayed samples w[n - delay] and the written samples w[n], `(..., time)` each.

    >>> from fxlab.engine.delay.fractional_delay import lagrange_taps
    >>> taps = lagrange_taps(torch.tensor([2.0, 2.0, 2.0, 3.0, 3.0]), 1, torch.float32)
    >>> moving_comb(torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0]), torch.zeros(5), taps, torch.tensor(0.5))[0]
    tensor([0., 0., 1., 1., 0.])
    """
    lead = broadcast_shapes(x.shape[:-1], line.shape[:-1], *(v.shape[:-1] for v in (taps.whole, gain) if v.ndim))
    x, line = x.expand(*lead, x.shape[-1]), line.expand(*lead, line.shape[-1])
    if needs_derivative(x, line, gain, *taps.weights) or not x.is_cpu:

        def feed_back(block: Tensor, start: int) -> Tensor:
            if gain.ndim and gain.shape[-1] > 1:
                return gain[..., start : start + block.shape[-1]] * block
            return gain * block

        return echo_line(x, line, taps, feed_back)
    written = _run(x, line, taps, gain)
    return read_delay(torch.cat([line, written], -1), line.shape[-1], x.shape[-1], taps), written


def _run(x: Tensor, line: Tensor, taps: DelayTaps, gain: Tensor) -> Tensor:
    """Return the written samples, `(..., time)`, in the dtype of `x`; see `moving_comb`."""
    time, history = x.shape[-1], line.shape[-1]
    weights = [(gain * weight).to(x.dtype) for weight in taps.weights]
    lead = x.shape[:-1]
    known = torch.cat([line, x], -1).reshape(-1, history + time)
    if not x.numel():
        return x
    samples = known.numpy()
    whole = _rows(taps.whole, lead, time)
    factors = [_rows(weight, lead, time) for weight in weights]
    if max(len(whole), len(factors[0])) > 1:
        for row, sound in enumerate(samples):
            _run_rows(sound, whole[row % len(whole)], [factor[row % len(factor)] for factor in factors], history)
    elif len(samples) == 2:
        # Two rows with the same delay are the parts of complex numbers, so that each operation works on one vector.
        both = torch.view_as_complex(known.mT.contiguous())
        _run_rows(both.numpy(), whole[0], [factor[0] for factor in factors], history)
        known = torch.view_as_real(both).mT
    else:
        _run_rows(samples, whole[0], [factor[0] for factor in factors], history)
    return known[:, history:].reshape(*lead, time)


def _rows(value: Tensor, lead: torch.Size, time: int) -> NDArray[Any]:
    """Return `value`, broadcast to `(*lead, time)`, as `(rows, time)`, or as `(1, time)` if it has one row only."""
    wide = value.expand(*value.shape[:-1], time) if value.ndim else value.expand(time)
    if math.prod(wide.shape[:-1]) == 1:
        return np.asarray(wide.reshape(1, time).numpy())
    return np.asarray(wide.expand(*lead, time).reshape(-1, time).numpy())


def _run_rows(known: NDArray[Any], whole: NDArray[Any], weights: list[NDArray[Any]], history: int) -> None:
    """Add the delayed samples times the gain to the input in `known`, in place, block by block.

    Args:
        known: The past samples of the line followed by the input, `(history + time,)` or `(rows, history + time)`.
        whole: The delay of the first tap in samples, `(time,)`.
        weights: The weight of each tap times the gain, `(time,)` each.
        history: The number of past samples.
    """
    time, count = len(whole), len(weights)
    places = (np.arange(history, history + time) - whole)[:, None] - np.arange(count)
    factors = np.stack(weights, -1).astype(known.dtype)
    ends = _block_ends(whole)
    begin = flushed = 0
    while begin < time:
        end = int(ends[begin])
        delayed = np.einsum("...tk,tk->...t", known.take(places[begin:end], -1), factors[begin:end])
        block = known[..., history + begin : history + end]
        np.add(block, delayed, out=block)
        begin = end
        if begin - flushed >= FLUSH:
            recent = known[..., history + flushed : history + begin]
            recent[np.abs(recent) < INAUDIBLE] = 0.0
            flushed = begin


def _block_ends(whole: NDArray[Any]) -> NDArray[Any]:
    """Return the end of the block that begins at each sample, `(time,)`, given `whole`, the delay of the first tap.

    All samples read in a block were written before the block.
    """
    time = len(whole)
    newest = np.maximum.accumulate(np.arange(time) - whole)  # the latest sample that has been read so far
    counts = np.bincount(np.maximum(newest, -1) + 1, minlength=time + 1)
    return np.asarray(np.cumsum(counts)[:time])
