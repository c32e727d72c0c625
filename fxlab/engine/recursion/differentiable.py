"""The recursion over blocks written with differentiable operations alone.

For what the tiles, which write into place, cannot serve: derivatives of derivatives, and PyTorch's transforms
(`torch.func`, `torch.compile`, `torch.export`, forward-mode automatic differentiation).
"""

from __future__ import annotations

import operator
from functools import reduce

import torch
from torch import Tensor

from fxlab.engine.recursion.scan_levels import level_of, powers_of
from fxlab.engine.recursion.statespace import Array, Block, StateSpace, block_matrices

GROUP = 16


def run_plain(x: Tensor, s: Tensor, space: StateSpace, length: int) -> tuple[Tensor, Tensor]:
    """Filter `x` `(..., time)` from the state `s` `(..., n)`; `length` samples a block, a power of two."""
    block = block_matrices(space, length)
    blocks, rest = divmod(x.shape[-1], length)
    outputs = []
    if blocks:
        cut = x[..., : blocks * length].reshape(*x.shape[:-1], blocks, length)
        drive = (cut @ block.R.mT.to(x.dtype)).to(s.dtype)
        starts, s = _scan(block.squares[-1], drive, s)
        y = cut @ block.H.mT.to(x.dtype) + starts.to(x.dtype) @ block.O.mT.to(x.dtype)
        outputs.append(y.flatten(-2))
    if rest:
        y, s = run_part(x[..., blocks * length :], s, block)
        outputs.append(y)
    return torch.cat(outputs, -1), s


def run_part(x: Tensor, s: Tensor, block: Block) -> tuple[Tensor, Tensor]:
    """The last block, cut short."""
    m = x.shape[-1]
    row, state = x.unsqueeze(-2), s.unsqueeze(-2)
    y = row @ block.H[..., :m, :m].mT.to(x.dtype) + state.to(x.dtype) @ block.O[..., :m, :].mT.to(x.dtype)
    drive = (row @ block.R[..., -m:].mT.to(x.dtype)).to(s.dtype)
    return y.squeeze(-2), (state @ power_of(block, m).mT + drive).squeeze(-2)


def power_of(block: Block, samples: int) -> Array:
    """The transition of the state over some samples of a block."""
    factors = [square for bit, square in enumerate(block.squares) if samples >> bit & 1]
    return reduce(operator.matmul, factors)


def _scan(step: Tensor, drive: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
    """The states before each step of `s' = step s + drive`, `(..., steps, n)`, and the state after the last."""
    steps, n = drive.shape[-2:]
    group = min(GROUP, steps)
    powers = powers_of(step, group)
    level = level_of(powers, group)
    groups = steps // group
    head, rest = drive[..., : groups * group, :], drive[..., groups * group :, :]
    grouped = head.reshape(*head.shape[:-2], groups, group * n)
    states = grouped @ level.within.mT
    totals = states[..., -n:] @ step.mT + grouped[..., -n:]
    if groups == 1:
        starts = start.unsqueeze(-2)
        after = (starts @ powers[..., group, :, :].mT + totals).squeeze(-2)
    else:
        starts, after = _scan(powers[..., group, :, :], totals, start)
    states = (states + starts @ level.carry.mT).reshape(*grouped.shape[:-2], groups * group, n)
    if groups * group == steps:
        return states, after
    last_states, last = _scan(step, rest, after)
    return torch.cat([states, last_states], -2), last
