"""State coordinates in which the powers of a state matrix stay accurate.

The powers of a companion matrix may be large, and their sums cancel: from about the sixth order on, the transition over
a block may be accurate to only half the digits of float64. So the polynomials are first expanded around the mean of the
poles (see `shifted_form`). In the coordinates of `output_normal`, the norms of the powers of a stable filter's matrix
do not grow. The change to these coordinates is itself ill-conditioned, so the product `U A U^-1` is computed in twice
the precision of float64. After that, float64 suffices.
"""

from __future__ import annotations

import numpy as np

from fxlab.engine.recursion.matrices.block_matrices import block_matrices
from fxlab.engine.recursion.matrices.exact_products import product_rounding_error
from fxlab.engine.recursion.matrices.output_normal import output_normal_transform
from fxlab.engine.recursion.matrices.shifted_form import shifted_form
from fxlab.engine.recursion.matrices.state_space import StateSpace

MAX_STATES = 40  # with more states (combs and echoes) the products in twice the precision cost too much
BLOCK_LENGTH = 128  # samples; the output over one block determines approximate coordinates first
MIN_WEIGHT = 1e-9  # of `output_normal_transform`


def well_conditioned_direct_form(coefficients: np.ndarray) -> tuple[StateSpace, np.ndarray, np.ndarray] | None:
    """Return a state space for b and a, the matrix `U` from direct-form states to its states, and the inverse of `U`.

    Returns None if there are more than `MAX_STATES` states or the shifted form overflows.

    Shape:
        coefficients: `(..., 2, order + 1)`, b and a with `a[0] = 1`.
    """
    if coefficients.shape[-1] - 1 > MAX_STATES:
        return None
    with np.errstate(all="ignore"):
        shifted = shifted_form(coefficients)
    if not all(np.isfinite(part).all() for part in (*shifted.space, shifted.transform, shifted.inverse)):
        return None
    found = well_conditioned(shifted.space)
    if found is None:
        return shifted.space, shifted.transform, shifted.inverse
    space, transform, inverse = found
    return space, transform @ shifted.transform, shifted.inverse @ inverse


def well_conditioned(space: StateSpace) -> tuple[StateSpace, np.ndarray, np.ndarray] | None:
    """Return `space` in well-conditioned coordinates, the matrix `U` to these coordinates and its inverse.

    Returns None if there are more than `MAX_STATES` states, a value overflows or a decomposition fails.
    """
    n = space.A.shape[-1]
    if n > MAX_STATES:
        return None
    with np.errstate(all="ignore"):
        rough = output_normal_transform(block_matrices(space, BLOCK_LENGTH).O, None, MIN_WEIGHT)
        if rough is None:
            return None
        rough_space, _ = _change_coordinates(space, rough[0])
        block = block_matrices(rough_space, BLOCK_LENGTH)
        fine = output_normal_transform(block.O, block.squares[-1], MIN_WEIGHT)
        transform = rough[0] if fine is None else fine[0] @ rough[0]
        changed, inverse = _change_coordinates(space, transform)
    if not all(np.isfinite(part).all() for part in (*changed, inverse)):
        return None
    return changed, transform, inverse


def _change_coordinates(space: StateSpace, transform: np.ndarray) -> tuple[StateSpace, np.ndarray]:
    """Return `space` in the coordinates of `U = transform`, and the inverse of `U`.

    The matrices are `U A U^-1`, `U B`, `C U^-1` and D, computed in twice the precision of float64 and then rounded.
    """
    inverse = np.linalg.inv(transform)
    high, low = _compensated_product(transform, inverse)
    # One step of Newton's method: `inverse + correction` is the inverse to twice the precision.
    correction = inverse @ ((np.eye(transform.shape[-1]) - high) - low)
    high, low = _compensated_product(space.A, inverse)
    A, A_error = _compensated_product(transform, high)
    A = A + (A_error + transform @ (low + space.A @ correction))
    B, B_error = _compensated_product(transform, space.B[..., None])
    C, C_error = _compensated_product(space.C[..., None, :], inverse)
    C = C + (C_error + space.C[..., None, :] @ correction)
    return StateSpace(A, (B + B_error)[..., 0], C[..., 0, :], space.D), inverse + correction


def _compensated_product(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rounded product of two matrices, and its accumulated rounding error.

    Source:
        T. Ogita, S. M. Rump, S. Oishi, "Accurate sum and dot product", SIAM Journal on Scientific Computing 26 (2005):
        the algorithm Dot2.
    """
    total = np.zeros(np.broadcast_shapes((*a.shape[:-1], 1), (*b.shape[:-2], 1, b.shape[-1])))
    error = np.zeros_like(total)
    for k in range(a.shape[-1]):
        row, column = np.broadcast_arrays(a[..., :, k, None], b[..., k, None, :])
        product = row * column
        new_total = total + product
        change = new_total - total
        error += ((total - (new_total - change)) + (product - change)) + product_rounding_error(row, column)
        total = new_total
    return total, error
