"""Rows whose numbers run out of range: an unstable filter, or a signal with a sample that is not finite.

In the products of a group a number that is not finite would reach samples before it, as `0 * inf` is NaN. Such rows,
and they alone, are run again so that each sample keeps the value it has when nothing comes after it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.recursion.differentiable import run_part
from fxlab.engine.recursion.plan import Plan
from fxlab.engine.recursion.statespace import StateSpace, block_matrices
from fxlab.engine.recursion.tiles import run

LENGTH = 16  # samples at once: short enough that the powers of any filter of use stay in range


def run_causally(plan: Plan, x: Tensor, s: Tensor, y: Tensor, after: Tensor) -> Tensor:
    """Filter again the rows that went out of range, into `y`; the states after the last sample, NaN for those."""
    after = after.clone()
    for row in torch.nonzero(~torch.isfinite(after).all(-1)).flatten().tolist():
        part = slice(row, row + 1)
        broken = torch.nonzero(~torch.isfinite(x[row])).flatten()
        end = int(broken[0]) if broken.numel() else x.shape[1]
        y[row, end:] = torch.nan
        after[row] = torch.nan
        here = plan.of_row(row)
        last = run(here, x[part, :end], s[part], y[part, :end])
        if not torch.isfinite(last).all():
            last = _step(here, x[part, :end], s[part], y[part, :end])
        if end == x.shape[1]:
            after[part] = last
    return after


def _step(plan: Plan, x: Tensor, s: Tensor, y: Tensor) -> Tensor:
    """One row, a few samples at a time, until its state is out of range; from there on NaN."""
    parts = (torch.as_tensor(part, device=plan.home) for part in plan.space)
    block = block_matrices(StateSpace(*parts), LENGTH)
    for start in range(0, x.shape[1], LENGTH):
        here = x[:, start : start + LENGTH].to(plan.home, torch.float64)
        out, s = run_part(here, s, block)
        y[:, start : start + LENGTH] = out.to(y.device, y.dtype)
        if not torch.isfinite(s).all():
            y[:, start + LENGTH :] = torch.nan
            break
    return s
