"""The few array functions that work for both NumPy and PyTorch.

The matrices of a filter are computed with NumPy arrays, whose small operations cost a third of PyTorch's, or with
tensors if gradients are needed. Both use the same code.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch
from torch import Tensor

Array = Any  # a numpy.ndarray or a Tensor, in float64


def array_namespace(array: Array) -> Any:
    """Return the library, `torch` or `numpy`, whose functions accept `array`."""
    return torch if isinstance(array, Tensor) else np


def ignore_overflow() -> AbstractContextManager[object]:
    """Return a context that suppresses NumPy's overflow warnings on this thread.

    The powers of an unstable filter's matrix may overflow. `refilter_overflowed_rows` repairs the affected rows.
    """
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def stack(arrays: list[Array], axis: int = 0) -> Array:
    """Stack arrays of equal shape along a new axis, five times as fast as `numpy.stack`."""
    if isinstance(arrays[0], Tensor):
        return torch.stack(arrays, axis)
    joined = np.array(arrays)
    order = list(range(1, joined.ndim))
    order.insert(axis % joined.ndim, 0)
    return joined.transpose(order)


def constant_like(value: Any, like: Array) -> Array:
    """Return the NumPy constant `value` as an array of the library and on the device of `like`."""
    return torch.as_tensor(value, device=like.device) if isinstance(like, Tensor) else value
