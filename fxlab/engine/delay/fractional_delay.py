"""Reading a delay line between its samples, by Lagrange interpolation."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import scalar_value
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tracing import is_traced


class DelayTaps(NamedTuple):
    """A fractional delay as a weighted sum of consecutive samples, the taps."""

    whole: Tensor
    """The delay of the first tap in samples, `()`, `(..., 1)` or `(..., time)`, int64; each later tap adds one."""
    weights: list[Tensor]
    """The weight of each tap, a tensor of the shape of `whole`."""

    def at(self, start: int, stop: int) -> DelayTaps:
        """Return the taps for the samples `start` to `stop - 1`: the same taps if they do not vary over time."""
        if self.whole.ndim == 0 or self.whole.shape[-1] == 1:
            return self
        return DelayTaps(self.whole[..., start:stop], [weight[..., start:stop] for weight in self.weights])


def lagrange_taps(delay: Tensor, order: int, dtype: torch.dtype, first: int = 1) -> DelayTaps:
    """Return the taps of a delay of `delay` samples by Lagrange interpolation of the given order, at least 0.

    Order 0 uses the nearest sample, and order 1 is linear interpolation. The polynomial of order N passes through N + 1
    samples around the delay. No tap is delayed by less than `first` samples, so for delays below first + (N - 1) / 2
    the samples are not centered around the delay. `first` is 1 for a feedback loop, whose delay is at least 1 sample,
    and 0 if the current sample may be read. `delay` is `()`, `(..., 1)` or `(..., time)`, and `dtype` is that of the
    weights.

    Source:
        T. I. Laakso, V. Välimäki, M. Karjalainen, U. K. Laine, "Splitting the unit delay", IEEE Signal Processing
        Magazine 13(1), 1996: equation 42.

    >>> taps = lagrange_taps(torch.tensor(5.25), 1, torch.float32)
    >>> int(taps.whole), [round(float(weight), 2) for weight in taps.weights]
    (5, [0.75, 0.25])
    """
    known = delay.detach()
    nearest = torch.floor(known + 0.5) - order // 2 if order % 2 == 0 else torch.floor(known) - (order - 1) // 2
    whole = nearest.clamp(min=first)
    if order == 0:
        return DelayTaps(whole.long(), [torch.ones_like(delay, dtype=dtype) + (0 * delay).to(dtype)])
    offset = (delay - whole).to(dtype)  # exact: the whole samples have been removed
    distances = [offset - tap for tap in range(order + 1)]
    weights = []
    for tap in range(order + 1):
        others = [other for other in range(order + 1) if other != tap]
        weight = distances[others[0]] * (1 / math.prod(tap - other for other in others))
        for other in others[1:]:
            weight = weight * distances[other]
        weights.append(weight)
    return DelayTaps(whole.long(), weights)


def read_delay(line: Tensor, first: int, count: int, taps: DelayTaps) -> Tensor:
    """Return `count` samples of the delayed line; with a delay of 0, the first of them would be `line[..., first]`.

    Shape:
        line: `(..., samples)`; `first` is at least the longest delay of the last tap. Returns `(..., count)`.
    """
    whole, weights = taps
    place = None if whole.numel() != 1 or is_traced(whole) else scalar_value(whole.reshape(()))
    total: Tensor | None = None
    if place is not None:
        for tap, weight in enumerate(weights):
            # For a whole number of samples, one weight is 1 and the others are 0: the samples are copied exactly.
            value = None if weight.requires_grad or is_traced(weight) else scalar_value(weight.reshape(()))
            if value == 0.0:
                continue
            begin = first - int(place) - tap
            part = line[..., begin : begin + count]
            part = part if value == 1.0 else weight * part
            total = part if total is None else total + part
    else:
        last = len(weights) - 1
        places = torch.arange(first - last, first - last + count, device=line.device) - whole  # of the last tap
        lead = broadcast_shapes(line.shape[:-1], places.shape[:-1])
        wide = line.expand(*lead, line.shape[-1])
        places = places.expand(*lead, count)
        for tap, weight in enumerate(weights):
            part = weight * wide[..., last - tap :].gather(-1, places)
            total = part if total is None else total + part
    assert total is not None
    return total
