"""The small recurrence over blocks, `s[k+1] = M s[k] + r[k]`, itself taken in blocks: no Python loop over time."""

from __future__ import annotations

import torch
from torch import Tensor

GROUP = 16


def scan(transition: Tensor, drive: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
    """Run `s[k+1] = transition s[k] + drive[k]` from `s[0] = start`.

    Shape:
        transition: `(..., n, n)`; drive: `(..., blocks, n)`; start: `(..., n)`.
        Returns the states at the start of each block `(..., blocks, n)` and the last state `(..., n)`.
    """
    blocks, n = drive.shape[-2:]
    if blocks == 0:
        return drive, start
    group = min(GROUP, blocks)
    powers = [
        torch.eye(n, dtype=transition.dtype, device=transition.device).expand_as(transition),
        transition,
    ]
    while len(powers) <= group:
        powers.append(transition @ powers[-1])
    zero = torch.zeros_like(transition)
    # Row j of a group: M^j s + sum over i < j of M^(j-1-i) r[i]; `total` is row `group`, `carry` the M^j.
    within = torch.cat(
        [torch.cat([powers[j - 1 - i] if i < j else zero for i in range(group)], -1) for j in range(group)],
        -2,
    )
    total = torch.cat([powers[group - 1 - i] for i in range(group)], -1)
    carry = torch.cat(powers[:group], -2)

    groups = blocks // group
    head, rest = drive[..., : groups * group, :], drive[..., groups * group :, :]
    grouped = head.reshape(*head.shape[:-2], groups, group * n)
    totals = grouped @ total.mT
    if groups == 1:
        starts = start.unsqueeze(-2)
        after = (starts @ powers[group].mT + totals).squeeze(-2)
    else:
        starts, after = scan(powers[group], totals, start)
    states = grouped @ within.mT + starts @ carry.mT
    states = states.reshape(*states.shape[:-2], groups * group, n)
    if rest.shape[-2] == 0:
        return states, after
    last_states, last = scan(transition, rest, after)
    return torch.cat([states, last_states], -2), last
