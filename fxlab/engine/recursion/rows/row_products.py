"""Products of the rows of a batch with one matrix, or with one matrix for each batch element.

`torch.matmul` would join the rows of all batch elements in one product, in which equal elements may be rounded
differently. In a batched product the product of each element has the same shape, so equal elements give equal results,
provided that they begin at equal alignments in memory (`row_alignment`).
"""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.row_alignment import align_rows, allocate_rows, is_aligned, would_be_aligned


def matmul_rows(rows: Tensor, matrix: Tensor) -> Tensor:
    """Return `rows matrix^T`, for rows `(batch, m, k)` and a matrix `(n, k)` or `(batch, n, k)`."""
    shape = (*rows.shape[:2], matrix.shape[-2])
    out = None if would_be_aligned(shape, rows) else allocate_rows(shape, rows)
    return torch.bmm(*_operands(rows, matrix), out=out)


def matmul_into(rows: Tensor, matrix: Tensor, out: Tensor) -> Tensor:
    """Write `matmul_rows(rows, matrix)` into `out` `(batch, m, n)`, and return `out`."""
    if is_aligned(out):
        return torch.bmm(*_operands(rows, matrix), out=out)
    return out.copy_(matmul_rows(rows, matrix))


def add_matmul(out: Tensor, rows: Tensor, matrix: Tensor) -> None:
    """Add `matmul_rows(rows, matrix)` to `out` `(batch, m, n)`."""
    total = align_rows(out).baddbmm_(*_operands(rows, matrix))
    if total is not out:
        out.copy_(total)


def _operands(rows: Tensor, matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Return `rows` and the transposed matrix of each batch element, `(batch, k, n)`, both aligned (`align_rows`)."""
    return align_rows(rows), align_rows(matrix.mT.expand(rows.shape[0], -1, -1))
