"""Recomputation of rows with values that are not finite, because a filter is unstable or a sample is not finite.

In the matrix products of a group, a value that is not finite would affect earlier samples, because `0 * inf` is NaN.
Such rows are filtered a second time, so that no sample depends on a later one. All other rows remain unchanged.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.block_matrices import block_matrices
from fxlab.engine.recursion.matrices.filter_plan import FilterPlan
from fxlab.engine.recursion.matrices.state_space import StateSpace
from fxlab.engine.recursion.rows.differentiable_filter import filter_partial_block
from fxlab.engine.recursion.rows.tiles import filter_tiles

SHORT_BLOCK = 16  # samples, few enough that the powers of the state matrix of any useful filter stay in range


def refilter_overflowed_rows(plan: FilterPlan, x: Tensor, s: Tensor, y: Tensor, after: Tensor) -> Tensor:
    """Filter again, into `y`, the rows whose last state `after` is not finite, and return the last states of all rows.

    The output is NaN from the first sample of the input that is not finite, and after the block of 16 samples in which
    the state overflows. The last states are `(rows, n)`; that of a row whose input is not finite is NaN.
    """
    after = after.clone()
    for row in torch.nonzero(~torch.isfinite(after).all(-1)).flatten().tolist():
        part = slice(row, row + 1)
        not_finite = torch.nonzero(~torch.isfinite(x[row])).flatten()
        end = int(not_finite[0]) if not_finite.numel() else x.shape[1]
        y[row, end:] = torch.nan
        after[row] = torch.nan
        row_plan = plan.for_row(row)
        last = filter_tiles(row_plan, x[part, :end], s[part], y[part, :end])
        if not torch.isfinite(last).all():
            last = _filter_in_short_blocks(row_plan, x[part, :end], s[part], y[part, :end])
        if end == x.shape[1]:
            after[part] = last
    return after


def _filter_in_short_blocks(plan: FilterPlan, x: Tensor, s: Tensor, y: Tensor) -> Tensor:
    """Filter one row into `y` by blocks until its state overflows, and set the output after that block to NaN.

    Returns the last state, `(1, n)`.
    """
    matrices = (torch.as_tensor(part, device=plan.state_device) for part in plan.space)
    block = block_matrices(StateSpace(*matrices), SHORT_BLOCK)
    for start in range(0, x.shape[1], SHORT_BLOCK):
        block_input = x[:, start : start + SHORT_BLOCK].to(plan.state_device, torch.float64)
        output, s = filter_partial_block(block_input, s, block)
        y[:, start : start + SHORT_BLOCK] = output.to(y.device, y.dtype)
        if not torch.isfinite(s).all():
            y[:, start + SHORT_BLOCK :] = torch.nan
            break
    return s
