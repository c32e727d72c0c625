"""The states of a linear recurrence whose matrix changes from step to step, without a loop over the steps."""

from __future__ import annotations

import torch
from torch import Tensor


def scan_varying(step: Tensor, forcing: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
    """Return the state before each step of `s[k+1] = step[k] s[k] + forcing[k]`, and the state after the last step.

    Each pair of steps is combined into one step of a sequence half as long, recursively, in about `log2(steps)` levels.

    Shape:
        step: `(..., steps, n, n)`; forcing: `(..., steps, rows, n)`; start: `(..., rows, n)`. Returns
        `(..., steps, rows, n)` and `(..., rows, n)`.
    """
    steps, rows, n = forcing.shape[-3:]
    if steps == 1:
        return start.unsqueeze(-3), start @ step[..., 0, :, :].mT + forcing[..., 0, :, :]
    pairs = steps // 2
    even, odd = step[..., 0 : 2 * pairs : 2, :, :], step[..., 1 : 2 * pairs : 2, :, :]
    even_forcing, odd_forcing = forcing[..., 0 : 2 * pairs : 2, :, :], forcing[..., 1 : 2 * pairs : 2, :, :]
    starts, after = scan_varying(odd @ even, even_forcing @ odd.mT + odd_forcing, start)
    middles = starts @ even.mT + even_forcing
    states = torch.stack([starts, middles], -3).reshape(*forcing.shape[:-3], 2 * pairs, rows, n)
    if steps % 2:
        states = torch.cat([states, after.unsqueeze(-3)], -3)
        after = after @ step[..., -1, :, :].mT + forcing[..., -1, :, :]
    return states, after
