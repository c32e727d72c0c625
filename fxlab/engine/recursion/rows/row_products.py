"""Products of the rows of a batch with one matrix, or with one matrix for each batch element.

`torch.matmul` would join the rows of all batch elements in one product, in which equal elements may be rounded
differently. In a batched product the product of each element has the same shape, so equal elements give equal results.
"""

from __future__ import annotations

import torch
from torch import Tensor


def matmul_rows(rows: Tensor, matrix: Tensor) -> Tensor:
    """Return `rows matrix^T`, for rows `(batch, m, k)` and a matrix `(n, k)` or `(batch, n, k)`."""
    return torch.bmm(rows, matrix.mT.expand(rows.shape[0], -1, -1))


def matmul_into(rows: Tensor, matrix: Tensor, out: Tensor) -> Tensor:
    """Write `matmul_rows(rows, matrix)` into `out` `(batch, m, n)`, and return `out`."""
    return torch.bmm(rows, matrix.mT.expand(rows.shape[0], -1, -1), out=out)


def add_matmul(out: Tensor, rows: Tensor, matrix: Tensor) -> None:
    """Add `matmul_rows(rows, matrix)` to `out` `(batch, m, n)`."""
    out.baddbmm_(rows, matrix.mT.expand(rows.shape[0], -1, -1))
