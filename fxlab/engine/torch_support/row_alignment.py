"""Rows that begin at equal alignments in memory, because the rounding of matrix products may depend on the alignment.

On some processors (AMD's, with Intel's MKL) a product adds in a different order if an operand or the result does not
begin at a multiple of 16 bytes. Rows of odd length in a batch begin at different alignments, so without a copy equal
rows would have outputs that differ in the last bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import prod

import torch
from torch import Tensor

from fxlab.engine.torch_support.single_thread import SingleThread
from fxlab.engine.torch_support.tracing import outside_of_transforms

BYTES = 16
"""The alignment on which the rounding depends, in bytes."""
ROW_BYTES = 64
"""The alignment of the rows of `allocate_rows` in bytes, a cache line."""
PROBED_SIZES = ((1, 16, 64), (2, 4, 64), (2, 16, 16), (5, 33, 8), (1, 64, 8))
"""The rows, inner dimension and columns of the products that `depends_on_alignment` compares."""


@lru_cache(maxsize=1)
def depends_on_alignment() -> bool:
    """Return whether this processor's products of equal matrices differ if the matrices begin at different alignments.

    This is measured at the first call, with a few small products.
    """
    with outside_of_transforms(), torch.inference_mode(False), torch.no_grad(), SingleThread(), torch.device("cpu"):
        generator = torch.Generator().manual_seed(0)
        return any(
            _differs(sizes, dtype, transposed, generator)
            for dtype in (torch.float32, torch.float64)
            for sizes in PROBED_SIZES
            for transposed in (False, True)
        )


def _differs(sizes: tuple[int, int, int], dtype: torch.dtype, transposed: bool, generator: torch.Generator) -> bool:
    """Return whether two products of equal matrices, which begin an odd number of elements apart in memory, differ.

    `sizes` is an entry of `PROBED_SIZES`. If `transposed` is true, the second factor is a transposed view.
    """
    m, k, n = sizes
    element = torch.randn(m, k, dtype=dtype, generator=generator)
    matrix = torch.randn(n, k, dtype=dtype, generator=generator).mT
    matrix = matrix if transposed else matrix.contiguous()
    rows = torch.empty(2 * (m * k + 1), dtype=dtype).as_strided((2, m, k), (m * k + m * k % 2 + 1, k, 1))
    rows.copy_(element)
    out = torch.empty(2 * (m * n + 1), dtype=dtype).as_strided((2, m, n), (m * n + m * n % 2 + 1, n, 1))
    torch.bmm(rows, matrix.expand(2, k, n), out=out)
    return not torch.equal(out[0], out[1])


def is_aligned(x: Tensor) -> bool:
    """Return whether all `x[i]` begin at equal alignments, modulo `BYTES`.

    The result is also True where the rounding does not depend on them: on other devices than the CPU, and if
    `depends_on_alignment` is False.
    """
    return not (_is_offset(x.shape[0], x.stride(0), x) and x.numel())


def would_be_aligned(shape: Sequence[int], like: Tensor) -> bool:
    """Return `is_aligned` of a contiguous tensor with this shape and the dtype and device of `like`."""
    return not _is_offset(shape[0], prod(shape[1:]), like)


def allocate_rows(shape: Sequence[int], like: Tensor) -> Tensor:
    """Return an uninitialized tensor `y` with this shape and the dtype and device of `like`; `is_aligned(y)` is true.

    Each `y[i]` is contiguous, and so is `y` if it need not be padded.
    """
    if would_be_aligned(shape, like):
        return like.new_empty(shape)
    size, per_line = prod(shape[1:]), ROW_BYTES // like.element_size()
    padded = like.new_empty(shape[0], -(-size // per_line) * per_line)
    return padded[:, :size].view(*shape)


def _is_offset(rows: int, stride: int, like: Tensor) -> bool:
    return rows > 1 and stride * like.element_size() % BYTES > 0 and like.is_cpu and depends_on_alignment()


def align_rows(x: Tensor) -> Tensor:
    """Return `x` if `is_aligned(x)`, otherwise a copy of it that is aligned."""
    return x if is_aligned(x) else allocate_rows(x.shape, x).copy_(x)
