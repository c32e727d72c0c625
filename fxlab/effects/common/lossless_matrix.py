"""Orthogonal matrices, which mix the lines of a feedback delay network without a loss of energy."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def hadamard(size: int, dtype: torch.dtype) -> Tensor:
    """Return the Hadamard matrix `(size, size)`, scaled to be orthogonal; `size` is a power of 2.

    All entries have equal magnitude.

    Source:
        J. J. Sylvester, 1867: a matrix of twice the size consists of four copies, of which the last is negated.

    >>> hadamard(2, torch.float64)
    tensor([[ 0.7071,  0.7071],
            [ 0.7071, -0.7071]], dtype=torch.float64)
    """
    matrix = torch.ones(1, 1, dtype=dtype)
    while len(matrix) < size:
        matrix = torch.cat([torch.cat([matrix, matrix], 1), torch.cat([matrix, -matrix], 1)])
    return matrix / math.sqrt(size)


def householder(size: int, dtype: torch.dtype) -> Tensor:
    """Return the Householder reflection I − 2/N · 1 1ᵀ, where N is `size` and 1 a column of N ones.

    All entries off the diagonal are equal.

    Source:
        J.-M. Jot, A. Chaigne, "Digital delay networks for designing artificial reverberators", 1991.

    >>> householder(4, torch.float64)[0]
    tensor([ 0.5000, -0.5000, -0.5000, -0.5000], dtype=torch.float64)
    """
    return torch.eye(size, dtype=dtype) - 2 / size
