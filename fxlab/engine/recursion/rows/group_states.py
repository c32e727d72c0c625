"""Products of rows of samples and states with the matrices of a filter, for `tail_block` and `tiles`."""

from __future__ import annotations

from torch import Tensor

from fxlab.engine.recursion.matrices.direction_matrices import DirectionMatrices
from fxlab.engine.recursion.rows.row_products import add_matmul, matmul_into


def states_from_zero(d: DirectionMatrices, x: Tensor, states: Tensor) -> None:
    """Write the states before each block into `states`, as if each group began from zero state.

    In place of the first state of a group (the last one if `d.reverse` is true), which would be 0, the total is
    written: the contribution of the group to the state after the group.

    Shape:
        x: `(rows, time)`, complete groups; states: `(rows, groups, group * n)`.
    """
    rows, groups = states.shape[:2]
    n, length = d.plan.states, d.plan.length
    if d.plan.fused:
        matmul_into(x.view(rows, groups, -1), d.to_states, states)
    else:
        forcing = matmul_into(x.view(rows, -1, length), d.R, x.new_empty(rows, x.shape[1] // length, n))
        matmul_into(forcing.view(rows, groups, -1), d.to_states, states)


def take_totals(d: DirectionMatrices, states: Tensor, totals: Tensor) -> None:
    """Move the totals of the groups from `states`, as `states_from_zero` writes them, to `totals` `(rows, groups, n)`.

    The entries of `states` that held the totals, in the first block of each group (or the last one if `d.reverse` is
    true), become 0.
    """
    n = d.plan.states
    first = states[..., -n:] if d.reverse else states[..., :n]
    totals.copy_(first)
    first.zero_()


def outputs_from_states(d: DirectionMatrices, x: Tensor, states: Tensor, y: Tensor) -> None:
    """Write the output of complete blocks into `y`, from the samples `x` and the `states` `(rows, blocks, n)`.

    `x` and `y` are `(rows, time)`; the states are those before each block.
    """
    blocks = states.shape[:2]
    outputs = y.view(*blocks, -1)
    matmul_into(x.view(*blocks, -1), d.H, outputs)
    add_matmul(outputs, states, d.O)
