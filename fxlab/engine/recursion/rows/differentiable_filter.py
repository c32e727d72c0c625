"""The blockwise recursion, with differentiable operations only.

This version is for higher derivatives, transforms of `torch.func` and forward-mode differentiation, in which `tiles`
and `segments` could not write into their outputs in place, and for time-varying sections with gradients.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.block_matrices import BlockMatrices, block_matrices, transition_matrix
from fxlab.engine.recursion.matrices.group_matrices import group_matrices, matrix_powers
from fxlab.engine.recursion.matrices.state_space import StateSpace

MAX_GROUP = 16  # steps of the recurrence between blocks that one product computes


def differentiable_filter(x: Tensor, s: Tensor, space: StateSpace, length: int) -> tuple[Tensor, Tensor]:
    """Filter `x` `(..., time)` from the state `s` `(..., n)`, float64, in blocks of `length` samples, a power of two.

    Returns the output in the dtype of `x`, and the state after the last sample.
    """
    block = block_matrices(space, length)
    blocks, tail_length = divmod(x.shape[-1], length)
    outputs = []
    if blocks:
        inputs = x[..., : blocks * length].reshape(*x.shape[:-1], blocks, length)
        forcing = (inputs @ block.R.mT.to(x.dtype)).to(s.dtype)
        states, s = _scan_states(block.squares[-1], forcing, s)
        y = inputs @ block.H.mT.to(x.dtype) + states.to(x.dtype) @ block.O.mT.to(x.dtype)
        outputs.append(y.flatten(-2))
    if tail_length:
        y, s = filter_partial_block(x[..., blocks * length :], s, block)
        outputs.append(y)
    return torch.cat(outputs, -1), s


def filter_partial_block(x: Tensor, s: Tensor, block: BlockMatrices) -> tuple[Tensor, Tensor]:
    """Filter `x` `(..., time)`, 1 sample to a complete block, from the state `s` `(..., n)`.

    Returns the output and the state after the last sample.
    """
    m = x.shape[-1]
    row, state = x.unsqueeze(-2), s.unsqueeze(-2)
    y = row @ block.H[..., :m, :m].mT.to(x.dtype) + state.to(x.dtype) @ block.O[..., :m, :].mT.to(x.dtype)
    forcing = (row @ block.R[..., -m:].mT.to(x.dtype)).to(s.dtype)
    return y.squeeze(-2), (state @ transition_matrix(block, m).mT + forcing).squeeze(-2)


def _scan_states(step: Tensor, forcing: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
    """Return the state before each step of `s[k+1] = step s[k] + forcing[k]`, and the state after the last step.

    Shape:
        step: `(..., n, n)`; forcing: `(..., steps, n)`; start: the state before the first step, `(..., n)`. Returns
        `(..., steps, n)` and `(..., n)`.
    """
    steps, n = forcing.shape[-2:]
    group = min(MAX_GROUP, steps)
    powers = matrix_powers(step, group)
    matrices = group_matrices(powers, group)
    groups = steps // group
    full_groups, remainder = forcing[..., : groups * group, :], forcing[..., groups * group :, :]
    grouped = full_groups.reshape(*full_groups.shape[:-2], groups, group * n)
    states = grouped @ matrices.within.mT
    totals = states[..., -n:] @ step.mT + grouped[..., -n:]
    if groups == 1:
        starts = start.unsqueeze(-2)
        after = (starts @ powers[..., group, :, :].mT + totals).squeeze(-2)
    else:
        starts, after = _scan_states(powers[..., group, :, :], totals, start)
    states = (states + starts @ matrices.carry.mT).reshape(*grouped.shape[:-2], groups * group, n)
    if groups * group == steps:
        return states, after
    remaining_states, last = _scan_states(step, remainder, after)
    return torch.cat([states, remaining_states], -2), last
