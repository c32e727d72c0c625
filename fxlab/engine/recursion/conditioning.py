"""A state space in coordinates that keep its digits.

The powers of a companion matrix are large and cancel: by the sixth order the float64 of a block's transition holds
half its digits. In the coordinates of `output_normal` no power is larger than 1. The way there is badly conditioned
itself, so the one product `U A U^-1` is taken in twice the precision; after that float64 does.
"""

from __future__ import annotations

import numpy as np

from fxlab.engine.recursion.output_normal import output_normal
from fxlab.engine.recursion.statespace import StateSpace, block_matrices, product_error

WIDEST = 40  # states; above, the twofold products cost more than they are worth: such filters are combs and echoes
NEAR = 128  # samples of output by which the first, rough coordinates are chosen
FLOOR = 1e-9


def conditioned(space: StateSpace) -> tuple[StateSpace, np.ndarray, np.ndarray] | None:
    """The state space in new coordinates, with the matrices into them and back; None where it is best as it is."""
    n = space.A.shape[-1]
    if n > WIDEST:
        return None
    with np.errstate(all="ignore"):
        rough = output_normal(block_matrices(space, NEAR).O, None, FLOOR)
        if rough is None:
            return None
        near, *_ = _similar(space, rough[0])
        block = block_matrices(near, NEAR)
        fine = output_normal(block.O, block.squares[-1], FLOOR)
        into = rough[0] if fine is None else fine[0] @ rough[0]
        better, back = _similar(space, into)
    if not all(np.isfinite(part).all() for part in (*better, back)):
        return None
    return better, into, back


def _similar(space: StateSpace, into: np.ndarray) -> tuple[StateSpace, np.ndarray]:
    """`U A U^-1, U B, C U^-1`, each right to float64, and the inverse of `U`."""
    back = np.linalg.inv(into)
    high, low = _twofold(into, back)
    correction = back @ ((np.eye(into.shape[-1]) - high) - low)  # Newton's step: the inverse is back + correction
    high, low = _twofold(space.A, back)
    A, rest = _twofold(into, high)
    A = A + (rest + into @ (low + space.A @ correction))
    B, rest = _twofold(into, space.B[..., None])
    C, more = _twofold(space.C[..., None, :], back)
    C = C + (more + space.C[..., None, :] @ correction)
    return StateSpace(A, (B + rest)[..., 0], C[..., 0, :], space.D), back + correction


def _twofold(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The product of two matrices, and what rounding took from it (Ogita, Rump and Oishi's Dot2)."""
    total = np.zeros(np.broadcast_shapes((*a.shape[:-1], 1), (*b.shape[:-2], 1, b.shape[-1])))
    lost = np.zeros_like(total)
    for k in range(a.shape[-1]):
        row, column = np.broadcast_arrays(a[..., :, k, None], b[..., k, None, :])
        product = row * column
        sum_ = total + product
        change = sum_ - total
        lost += ((total - (sum_ - change)) + (product - change)) + product_error(row, column)
        total = sum_
    return total, lost
