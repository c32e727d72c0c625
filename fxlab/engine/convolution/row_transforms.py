"""Fourier transforms of rows whose rounding, on the CPU, does not depend on the number of rows.

On some processors Intel's MKL computes a single long transform by a different method than several at once, so the last
bits of a row's transform would depend on the number of rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

LONG = 1 << 14
"""The length in samples from which a single transform may be computed by a different method than several."""


def rfft_rows(x: Tensor) -> Tensor:
    """Return the `torch.fft.rfft`, `(..., n // 2 + 1)`, of each row of `x` `(..., n)`."""
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
