"""Fourier transforms of rows, each rounded as if it were the only one.

Intel's MKL computes a single long transform by another method than several at once, on some processors, so the result
for a row would depend on the number of rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

LONG = 1 << 14
"""The least length of a transform that may be computed by another method if it is the only one."""


def rfft_rows(x: Tensor) -> Tensor:
    """Return the `torch.fft.rfft` of each row of `x` `(..., n)`."""
    return _transform_rows(torch.fft.rfft, x, x.shape[-1])


def irfft_rows(spectra: Tensor, n: int) -> Tensor:
    """Return the `torch.fft.irfft`, `(..., n)`, of each row of `spectra` `(..., n // 2 + 1)`."""
    return _transform_rows(torch.fft.irfft, spectra, n)


def _transform_rows(transform: Callable[..., Any], x: Tensor, n: int) -> Tensor:
    rows = x.shape[:-1].numel()
    if n < LONG or rows < 2 or not x.is_cpu:
        return torch.as_tensor(transform(x, n))
    made = [transform(row, n) for row in x.reshape(rows, -1)]
    return torch.stack(made).reshape(*x.shape[:-1], -1)
