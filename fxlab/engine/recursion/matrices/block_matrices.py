"""The matrices that map the input and first state of a block to its output and last state."""

from __future__ import annotations

import operator
from functools import lru_cache, reduce
from typing import NamedTuple

import numpy as np
from torch import Tensor

from fxlab.engine.recursion.matrices.array_library import Array, array_namespace, constant_like
from fxlab.engine.recursion.matrices.state_space import StateSpace


class BlockMatrices(NamedTuple):
    """The matrices of a block of `length` samples: `y = H x + O s`, `s' = squares[-1] s + R x`.

    x and y are the input and the output of the block, s is the state before it, and s' is the state after it.
    """

    H: Array  # (..., length, length), a Toeplitz matrix of the impulse response
    O: Array  # (..., length, n), the observability matrix  # noqa: E741
    R: Array  # (..., n, length), the reachability matrix, the latest sample last
    squares: list[Array]  # A, A^2, A^4, ... A^length


def block_matrices(space: StateSpace, length: int) -> BlockMatrices:
    """Return the matrices of a block of `length` samples, a power of two."""
    xp = array_namespace(space.A)
    square = space.A
    reach = space.B[..., :, None]  # [B, AB, A^2 B, ...]
    observe = space.C[..., None, :]  # [C; CA; CA^2; ...]
    squares = [square]
    while reach.shape[-1] < length:
        reach = xp.concatenate([reach, square @ reach], -1)
        observe = xp.concatenate([observe, observe @ square], -2)
        square = square @ square
        squares.append(square)
    tail = (space.C[..., None, :] @ reach)[..., 0, : length - 1]
    impulse_response = xp.concatenate([xp.zeros_like(tail), space.D[..., None], tail], -1)
    R = reach[..., constant_like(_reversed_indices(length), reach)]
    return BlockMatrices(_toeplitz(impulse_response), observe, R, squares)


def transition_matrix(block: BlockMatrices, samples: int) -> Array:
    """Return the transition of the state over `samples` samples, `A^samples`, for 1 to `length` samples."""
    factors = [square for bit, square in enumerate(block.squares) if samples >> bit & 1]
    return reduce(operator.matmul, factors)


def _toeplitz(impulse_response: Array) -> Array:
    """Return the lower triangular Toeplitz matrix of an impulse response.

    The argument, `(..., 2 length - 1)`, is the impulse response after `length - 1` zeros.
    """
    length = (impulse_response.shape[-1] + 1) // 2
    if isinstance(impulse_response, Tensor):
        return impulse_response.flip(-1).unfold(-1, length, 1).flip(-2)
    return impulse_response[..., _toeplitz_indices(length)]


@lru_cache(maxsize=16)
def _toeplitz_indices(length: int) -> np.ndarray:
    i, j = np.arange(length)[:, None], np.arange(length)
    return i - j + length - 1


@lru_cache(maxsize=16)
def _reversed_indices(length: int) -> np.ndarray:
    return np.arange(length - 1, -1, -1)
