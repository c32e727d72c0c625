"""Array functions for both NumPy arrays and PyTorch tensors.

The matrices of a filter are computed with NumPy arrays, whose small operations take a third of the time of PyTorch's,
or with tensors if gradients are needed. The code is the same for both.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch
from torch import Tensor

Array = Any  # a numpy.ndarray or a Tensor, in float64


def array_namespace(array: Array) -> Any:
    """Return the module whose functions accept `array`: `torch` for a tensor, otherwise `numpy`."""
    return torch if isinstance(array, Tensor) else np


def ignore_overflow() -> AbstractContextManager[object]:
    """Return a context that suppresses NumPy's warnings of overflow, invalid values and division by 0."""
    # The powers of an unstable filter's matrix may overflow. `refilter_overflowed_rows` corrects the affected rows.
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def stack(arrays: list[Array], axis: int = 0) -> Array:
    """Return arrays of equal shape, stacked along a new axis with the index `axis`."""
    if isinstance(arrays[0], Tensor):
        return torch.stack(arrays, axis)
    joined = np.array(arrays)  # with the transposition below, a fifth of the time of `numpy.stack`
    order = list(range(1, joined.ndim))
    order.insert(axis % joined.ndim, 0)
    return joined.transpose(order)


def constant_like(value: Any, like: Array) -> Array:
    """Return the NumPy array `value` as a tensor on the device of `like` if that is a tensor, otherwise unchanged."""
    return torch.as_tensor(value, device=like.device) if isinstance(like, Tensor) else value
