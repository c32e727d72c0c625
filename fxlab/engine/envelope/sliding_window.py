"""The maximum and the mean of a signal in a sliding window.

The time for the mean does not depend on the length of the window, and that for the maximum grows with its logarithm.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tensor_checks import check_count
from fxlab.errors import EngineError


def sliding_maximum(x: Tensor, window: int | Tensor, largest: int | None = None) -> Tensor:
    """Return the maximum of each window of `window` samples, y[n] = max(x[n], …, x[n + window - 1]).

    The maximum of a window is that of two overlapping windows whose length is a power of two, so the number of passes
    is about log2(window).

    Shape:
        x: `(..., time)`. window: an integer, at least 1, or a tensor of such integers `(..., 1)` that broadcasts
        against x. largest: the largest window, required if `window` is a tensor. Returns `(..., time - largest + 1)`,
        or `(..., time - window + 1)` for an integer.

    Raises:
        EngineError: `window` is neither a tensor nor an integer of 1 or more, or it is an integer that is more than one
            sample longer than `x`.

    >>> sliding_maximum(torch.tensor([1.0, 0.0, 2.0, 0.0, 0.0]), 3)
    tensor([2., 2., 2.])
    """
    if isinstance(window, Tensor):
        assert largest is not None
        return _maximum_by_row(x, window, largest)
    _check_window("sliding_maximum", x, window)
    span = 1
    while 2 * span <= window:
        x = torch.maximum(x[..., span:], x[..., : x.shape[-1] - span])
        span *= 2
    rest = window - span
    return torch.maximum(x[..., rest:], x[..., : x.shape[-1] - rest]) if rest else x


def sliding_mean(x: Tensor, window: int | Tensor, largest: int | None = None) -> Tensor:
    """Return the mean of each window, y[n] = mean(x[n + largest - window], …, x[n + largest - 1]).

    The windows of all rows end at the same samples; `largest` is `window` if that is an integer. The mean is the
    difference of two cumulative sums, so `x` should be float64.

    Shape:
        As for `sliding_maximum`.

    Raises:
        EngineError: As for `sliding_maximum`.

    >>> sliding_mean(torch.tensor([3.0, 0.0, 0.0, 6.0], dtype=torch.float64), 3)
    tensor([1., 2.], dtype=torch.float64)
    """
    total = pad(x.cumsum(-1), (1, 0))
    if not isinstance(window, Tensor):
        _check_window("sliding_mean", x, window)
        return (total[..., window:] - total[..., : total.shape[-1] - window]) / window
    assert largest is not None
    count = x.shape[-1] - largest + 1
    before = torch.arange(count, device=x.device) + (largest - window)
    return (total[..., largest:] - _take(total, before)) / window


def _check_window(caller: str, x: Tensor, window: int) -> None:
    check_count(caller, "window", window, "samples")
    if x.shape[-1] < window - 1:
        raise EngineError(
            f"{caller}: window is {window} samples and x has {x.shape[-1]}; it must be at most one sample longer than "
            "x: shorten it, or pad x with zeros"
        )


def _maximum_by_row(x: Tensor, window: Tensor, largest: int) -> Tensor:
    """Return `sliding_maximum` for a tensor `window`, `(..., 1)`."""
    levels, span, count = [x], 1, x.shape[-1] - largest + 1
    while 2 * span <= largest:
        last, wider = levels[-1], torch.maximum(levels[-1][..., span:], levels[-1][..., : x.shape[-1] - span])
        levels.append(torch.cat([wider, last[..., x.shape[-1] - span :]], -1))
        span *= 2
    level = sum(((window >= 2**power).long() for power in range(1, len(levels))), torch.zeros_like(window))
    start = torch.arange(count, device=x.device)
    stacked = torch.stack(levels, -2)
    first = _take_level(stacked, level, start)
    return torch.maximum(first, _take_level(stacked, level, start + (window - 2**level)))


def _take_level(levels: Tensor, level: Tensor, place: Tensor) -> Tensor:
    """Return the samples at the indices `place` `(..., n)` of level `level` `(..., 1)`, from `(..., levels, time)`."""
    return _take(levels.flatten(-2), level * levels.shape[-1] + place)


def _take(rows: Tensor, place: Tensor) -> Tensor:
    """Return the samples at the indices `place` `(..., n)` of `rows` `(..., time)`; leading dimensions broadcast."""
    lead = broadcast_shapes(rows.shape[:-1], place.shape[:-1])
    return rows.expand(*lead, rows.shape[-1]).gather(-1, place.expand(*lead, place.shape[-1]))
