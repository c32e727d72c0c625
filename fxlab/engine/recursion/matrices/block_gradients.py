"""Gradients for a state space from the gradients for the matrices of its blocks.

Autograd through `block_matrices` would give the same gradients more slowly, because its many operations are small.
"""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import numpy as np

from fxlab.engine.recursion.matrices.block_matrices import BlockMatrices
from fxlab.engine.recursion.matrices.state_space import StateSpace


class BlockGradients(NamedTuple):
    """The gradients for the matrices of a block, `y = H x + O s` and `s' = step s + R x`, in float64.

    For x, y, s and s' see `BlockMatrices`.
    """

    H: np.ndarray  # (..., length, length)
    O: np.ndarray  # (..., length, n)  # noqa: E741
    R: np.ndarray  # (..., n, length)
    step: np.ndarray  # (..., n, n)


def state_space_gradients(
    C: np.ndarray,
    block: BlockMatrices,
    grads: BlockGradients,
    partial_step: tuple[int, np.ndarray] | None = None,
) -> StateSpace:
    """Return the gradients for A, B, C and D, from the gradients for the matrices that `block_matrices` returns.

    Args:
        C: The output vector of the state space, `(..., n)`.
        block: The matrices of a block, as NumPy arrays.
        grads: The gradients for these matrices.
        partial_step: The number of samples after the last complete block, and the gradient for the transition over
            these samples, `(..., n, n)`; None if there are no such samples.
    """
    length = block.H.shape[-1]
    reach, observe = block.R[..., ::-1], block.O
    impulse_response = _diagonal_sums(grads.H)
    later = impulse_response[..., 1:]
    grad_reach, grad_observe = grads.R[..., ::-1].copy(), grads.O.copy()
    grad_reach[..., : length - 1] += C[..., :, None] * later[..., None, :]
    grad_C = (reach[..., : length - 1] @ later[..., None])[..., 0]
    of_squares = [0.0] * len(block.squares) if partial_step is None else _factor_gradients(block, *partial_step)
    grad = grads.step + of_squares[-1]
    for number in range(len(block.squares) - 2, -1, -1):
        square, size = block.squares[number], 1 << number
        transposed = square.swapaxes(-1, -2)
        first, second = slice(0, size), slice(size, 2 * size)
        grad = grad @ transposed + transposed @ grad + of_squares[number]
        grad += grad_reach[..., second] @ reach[..., first].swapaxes(-1, -2)
        grad += observe[..., first, :].swapaxes(-1, -2) @ grad_observe[..., second, :]
        grad_reach[..., first] += transposed @ grad_reach[..., second]
        grad_observe[..., first, :] += grad_observe[..., second, :] @ transposed
    return StateSpace(grad, grad_reach[..., 0], grad_C + grad_observe[..., 0, :], impulse_response[..., 0])


def _diagonal_sums(matrix: np.ndarray) -> np.ndarray:
    """Return the sums of the main diagonal and of each diagonal below it, `(..., length)`."""
    length, batch_shape = matrix.shape[-1], matrix.shape[:-2]
    # Written in rows of 2 * length and read in rows that are longer by 1, the diagonals are columns.
    rows = np.zeros((*batch_shape, length + 1, 2 * length))
    rows[..., :length, length:] = matrix
    longer = rows.reshape(*batch_shape, -1)[..., : length * (2 * length + 1)]
    columns = longer.reshape(*batch_shape, length, 2 * length + 1).sum(-2)
    return np.asarray(columns[..., length:0:-1])


def _factor_gradients(block: BlockMatrices, samples: int, grad: np.ndarray) -> list[np.ndarray | float]:
    """Return the gradient for each matrix in `block.squares`, which is 0.0 for a matrix that is not used.

    `grad` is the gradient for the transition over `samples` samples, a product of some of these matrices.
    """
    used = [number for number in range(len(block.squares)) if samples >> number & 1]
    factors = [block.squares[number].swapaxes(-1, -2) for number in used]
    found: list[np.ndarray | float] = [0.0] * len(block.squares)
    for place, number in enumerate(used):
        # The factors are powers of one matrix, so only which of them are on which side matters, not their order.
        found[number] = reduce(np.matmul, [*factors[:place], grad, *factors[place + 1 :]])
    return found
