"""Dither: noise that is added before a rounding, so that the error depends less on the signal."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.control.random_sequence import uniform_at

FRACTION = 32
"""The number of fractional bits of the fixed-point numbers in `round_shaped`."""


def rectangular(position: Tensor, seed: int) -> Tensor:
    """Return noise that is uniform from −1/2 to 1/2 steps of the quantizer, for the samples at `position`, int64."""
    return uniform_at(position, 2 * seed) - 0.5


def triangular(position: Tensor, seed: int) -> Tensor:
    """Return noise with a triangular density from −1 to 1 steps, for the samples at `position`, int64."""
    return uniform_at(position, 2 * seed) + uniform_at(position, 2 * seed + 1) - 1


class ShapingState(NamedTuple):
    """The state of the noise shaping after a block; all values are int64, in units of 2^-`FRACTION` steps."""

    first_sum: Tensor
    """The sum of the signal up to the end of the block, `(..., 1)`."""
    second_sum: Tensor
    """The sum of the first sums up to the end of the block, `(..., 1)`."""
    rounded: Tensor
    """The last two values of the second sum plus the noise, rounded to whole steps, `(..., 2)`."""


def round_shaped(steps: Tensor, noise: Tensor, state: ShapingState | None) -> tuple[Tensor, ShapingState]:
    """Round `steps` with the error filtered by (1 − z⁻¹)², which moves it from low to high frequencies.

    A quantizer with this feedback of its errors is computed without a loop over the samples, as the second difference
    of the rounded second sum of the input. The sums are int64 and may overflow, which does not change the differences.

    Shape:
        steps: `(..., time)`, the signal in steps, float64.
        noise: `(time,)`, the dither in steps, which is added before the rounding.
        Returns the rounded steps `(..., time)`, float64, and the state after the block.

    Args:
        steps: The next block of the signal.
        noise: The dither for this block.
        state: The state after the previous block; None before the first.
    """
    unit = 1 << FRACTION
    fixed = torch.round(steps * unit).long()
    if state is None:
        zero = fixed.new_zeros(*fixed.shape[:-1], 1)
        state = ShapingState(zero, zero, zero.expand(*zero.shape[:-1], 2))
    first = fixed.cumsum(-1) + state.first_sum
    second = first.cumsum(-1) + state.second_sum
    nearest = ((second + torch.round(noise * unit).long() + unit // 2) >> FRACTION) << FRACTION
    row = torch.cat([state.rounded, nearest], -1)
    difference = row[..., 2:] - 2 * row[..., 1:-1] + row[..., :-2]
    last_first = torch.cat([state.first_sum, first], -1)[..., -1:]
    last_second = torch.cat([state.second_sum, second], -1)[..., -1:]
    return (difference >> FRACTION).double(), ShapingState(last_first, last_second, row[..., -2:])
