"""Convolution of short blocks, such as those of a stream, on the CPU with NumPy in float64."""

from __future__ import annotations

from math import prod

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.torch_support.tensor_checks import may_use_numpy
from fxlab.engine.torch_support.tracing import is_recorded, is_transformed

MAX_PRODUCTS = 1 << 19  # multiplications in all rows; with more, `convolve` is faster in spite of its overhead
MAX_ROWS = 16


def convolve_short_block(inputs: Tensor, taps: Tensor) -> Tensor | None:
    """Return the valid part of the convolution of `inputs` and `taps`, or None if this function does not support them.

    The function supports a single kernel, 1 to 16 rows and up to `MAX_PRODUCTS` multiplications, in tensors that NumPy
    may read (see `may_use_numpy`), unless PyTorch records or transforms the code (see `is_recorded` and
    `is_transformed`).

    Shape:
        inputs: `(..., taps - 1 + time)`. taps: `(taps,)`. Returns `(..., time)`, in the dtype of `inputs`.
    """
    shape, count = inputs.shape[:-1], taps.shape[-1]
    rows, time = prod(shape), inputs.shape[-1] - count + 1
    if not (0 < rows <= MAX_ROWS and time > 0 and rows * time * count <= MAX_PRODUCTS):
        return None
    if taps.dim() != 1 or not may_use_numpy(inputs, taps) or is_recorded() or is_transformed():
        return None
    kernel = taps.numpy().astype(np.float64, copy=False)
    samples = inputs.numpy().reshape(rows, -1)
    output = np.empty((rows, time), samples.dtype)
    for number, row in enumerate(samples.astype(np.float64, copy=False)):
        output[number] = np.convolve(row, kernel, "valid")
    return torch.from_numpy(output.reshape(*shape, time))
